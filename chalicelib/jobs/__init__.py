"""Jobs: whatever is done to more than one row, with progress, a result for each row, and undo."""
