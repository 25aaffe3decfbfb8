"""Products, categories, brands and attributes: one sub-package an aggregate."""
