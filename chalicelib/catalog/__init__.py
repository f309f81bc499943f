"""What the shop sells: products, variants, prices and the shop's settings."""
