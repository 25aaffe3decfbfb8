"""Imports: files of products into the catalog."""
