"""The one kind of error that a person is meant to read."""

from __future__ import annotations


class Problem(Exception):
    """What went wrong and what to do about it, in one sentence; shown without a traceback."""
