"""Assets: pictures by their content, with their renditions."""
