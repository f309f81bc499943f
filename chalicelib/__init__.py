"""Cartwright's handlers, one package per context; `kernel` is what they share."""
