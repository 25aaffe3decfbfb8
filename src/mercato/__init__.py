"""Mercato: a product catalog with instant search."""
