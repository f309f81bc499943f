"""What every context stands on. Imports no context."""
