"""Orders: placed, paid, cancelled, and every step of it written down."""
