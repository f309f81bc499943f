"""What lies between an order and its payments, tested as its files are named."""
