"""Checkout: from a cart to an order, its hold and its payment page."""
