"""What reports are summed from: one fact for each event."""
