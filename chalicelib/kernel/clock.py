"""The time, asked for in one place so that tests can move it. Tables keep epoch seconds.

Holds end by the clock, and a function whose own is minutes off would end other buyers' too early.
So each call goes by AWS's word of when it began, where the two differ by more than a call can take.
"""

import time
from datetime import UTC, datetime

_shift_seconds = 0.0
_wrong_seconds = 0.0
_frozen: float | None = None


def now() -> int:
    """Seconds since the epoch, whole."""
    return int(_moment())


def millis() -> int:
    """Milliseconds since the epoch."""
    return int(_moment() * 1000)


def monotonic() -> float:
    """Seconds that only ever go forward, for how long something may take."""
    return time.monotonic()


def agree(began: float, *, within: float) -> None:
    """Correct this function's clock if it is wrong: `told` is when the call at hand began, by AWS's
    clock, and `within` how many seconds may pass between that and now."""
    global _wrong_seconds
    wrong = _own() - began
    _wrong_seconds = wrong if abs(wrong) > within else 0.0


def _own() -> float:
    return time.time() if _frozen is None else _frozen


def _moment() -> float:
    return _own() - _wrong_seconds + _shift_seconds


def iso(seconds: int) -> str:
    """Epoch seconds as ISO 8601 in UTC: `2026-11-20T08:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: int) -> str:
    """The UTC day as eight digits, for order numbers: `20261120`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d")


def shift(seconds: float) -> None:
    """Let this process live `seconds` ahead (or behind, negative); 0 goes back. For tests."""
    global _shift_seconds, _wrong_seconds
    _shift_seconds, _wrong_seconds = seconds, 0.0


def freeze(at: float | None) -> None:
    """Let this process's own clock stand still, so that what it remembers for seconds does not
    hang on how fast the machine is; None lets it go on. For benchmarks."""
    global _frozen
    _frozen = at


def epoch(text: str) -> int:
    """ISO 8601 with its zone (`2026-11-20T08:00:00Z`) as epoch seconds. Raises ValueError."""
    return int(datetime.fromisoformat(text).timestamp())
