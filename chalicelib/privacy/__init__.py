"""Showing a person all that the shop keeps of them, and removing it."""
