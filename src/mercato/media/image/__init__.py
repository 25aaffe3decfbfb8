"""Pictures of products, categories and brands: which asset is shown where, in which order, with which words."""
