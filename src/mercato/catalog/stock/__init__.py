"""How many pieces there are of a variant, and the ledger of what happened to them."""
