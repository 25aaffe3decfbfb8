"""Variants: what is sold of a product, told apart by options."""
