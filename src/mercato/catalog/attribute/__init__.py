"""Attributes: the typed properties that products can have."""
