"""The HTTP edge: every view is wrapped here, once."""
