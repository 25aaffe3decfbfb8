"""What each kind of page shows, worked out before the template sees it."""
