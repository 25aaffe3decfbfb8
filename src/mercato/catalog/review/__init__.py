"""Reviews: what buyers say of products, and the ratings made of it."""
