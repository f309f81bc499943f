"""The check over everything that must add up."""
