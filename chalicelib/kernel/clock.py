"""The time, asked for in one place so that tests can move it. Tables keep epoch seconds."""

import time
from datetime import UTC, datetime

_shift_seconds = 0.0


def now() -> int:
    """Seconds since the epoch, whole."""
    return int(time.time() + _shift_seconds)


def millis() -> int:
    """Milliseconds since the epoch."""
    return int((time.time() + _shift_seconds) * 1000)


def iso(seconds: int) -> str:
    """Epoch seconds as ISO 8601 in UTC: `2026-11-20T08:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: int) -> str:
    """The UTC day as eight digits, for order numbers: `20261120`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d")


def shift(seconds: float) -> None:
    """Let this process live `seconds` ahead (or behind, negative); 0 goes back. For tests."""
    global _shift_seconds
    _shift_seconds = seconds
