"""Brands: makers of products."""
