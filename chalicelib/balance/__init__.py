"""Store balance: what the shop owes its users, as a ledger and its sum."""
