"""Pieces held for somebody who is about to buy them."""
