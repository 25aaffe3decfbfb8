"""Which attributes the products of a category are expected to have, and which they must have."""
