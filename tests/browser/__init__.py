"""The shop in a real browser: people who buy, change their minds, and come back."""
