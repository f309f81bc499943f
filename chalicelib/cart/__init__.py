"""Carts: one document each, until checkout closes it."""
