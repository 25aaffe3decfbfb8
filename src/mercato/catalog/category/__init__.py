"""Categories: the tree that products are found in."""
