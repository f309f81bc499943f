"""What keeps the shop from being abused, row by row of docs/security.md."""
