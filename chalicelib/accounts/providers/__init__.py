"""Challenges, each behind `accounts/ports.py`."""
