"""Holds: units found, written, bounded in places, and counted against allowances."""
