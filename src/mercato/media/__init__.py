"""Pictures: uploads, their renditions, and how they are delivered."""
