"""What its payments make of an order: settled, refunded, reviewed, expired, reconciled."""
