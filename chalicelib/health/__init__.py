"""Whether the shop can do its work."""
