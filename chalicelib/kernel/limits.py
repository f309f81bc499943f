"""Bounds that more than one context keeps."""

# A line is one action of the checkout's transaction, and a transaction has 100.
MAX_CART_LINES = 50
