"""The demo catalog: a believable general store, generated and drawn by our own code, the same on every machine."""
