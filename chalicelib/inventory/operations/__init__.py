"""What operators do to stock: movements, warehouses, low stock."""
