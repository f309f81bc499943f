"""Payments: providers behind one interface, webhooks, and a record per attempt."""
