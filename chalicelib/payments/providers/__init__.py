"""One module per provider, loaded on first use (see payments/registry.py)."""
