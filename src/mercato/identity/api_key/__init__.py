"""API keys: how other systems call."""
