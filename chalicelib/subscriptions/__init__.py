"""Plans that come again: subscribing, changing, ending, and what the provider says of it."""
