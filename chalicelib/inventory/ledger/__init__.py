"""The ledger of movements, and holding the counters against it."""
