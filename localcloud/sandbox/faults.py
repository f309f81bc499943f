"""Faults asked for by a test: the next calls of a kind go wrong in a chosen way.

| fault | what the caller sees | was the call carried out? | kept under the idempotency key? |
|---|---|---|---|
| `500` | 500 `api_error` | no | yes: the provider replays it |
| `500_after` | 500 `api_error` | yes | yes: the effect exists, the answer says 500 |
| `503` | 503 `api_error` | no | no |
| `429` | 429 `rate_limit` | no | no |
| `lock` | 429 `lock_timeout` | no | no |
| `hang` | nothing for `seconds`, then a closed connection | no | no |
| `reset` | a closed connection at once | no | no |
| `timeout_after` | nothing for `seconds`, then a closed connection | yes | yes |
| `reset_after` | a closed connection at once | yes | yes |
| `slow` | the right answer after `seconds`; meanwhile its key is in use (409) | yes | yes |
| `garbage` | 502 with an HTML page, as from a broken proxy | no | no |
| `paid_first` | the right answer, after the payer paid and the webhooks arrived | yes | yes |
"""

import fnmatch
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

FAULTS = (
    "500", "500_after", "503", "429", "lock", "hang", "reset", "timeout_after", "reset_after",
    "slow", "garbage", "paid_first",
)  # fmt: skip


class UnknownFault(ValueError):
    """No such fault, or a kind that no call of the provider has."""


@dataclass
class Fault:
    """`times` more calls of `kind` (a pattern such as `refunds.*`) answer with `fault`."""

    kind: str
    fault: str
    times: int = 1
    seconds: float = 1.0


class Faults:
    """The faults that are waiting for a call; they are kept in memory only."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault, kinds: Collection[str], payable: Collection[str]) -> None:
        """Let the next calls fail; raises UnknownFault."""
        if fault.fault not in FAULTS:
            raise UnknownFault(f"fault must be one of {', '.join(FAULTS)}")
        if not fnmatch.filter(kinds, fault.kind):
            raise UnknownFault(f"kind must match one of {', '.join(sorted(kinds))}")
        if fault.fault == "paid_first" and fault.kind not in payable:
            raise UnknownFault(f"paid_first goes with kind {', '.join(sorted(payable))} only")
        if fault.times < 1 or not 0 <= fault.seconds <= 600:
            raise UnknownFault("times must be at least 1 and seconds between 0 and 600")
        with self._lock:
            self._waiting.append(fault)

    def take(self, kind: str) -> Fault | None:
        """The fault for this call, used up once; None when it may go well."""
        with self._lock:
            for fault in self._waiting:
                if fnmatch.fnmatchcase(kind, fault.kind):
                    fault.times -= 1
                    self._waiting = [item for item in self._waiting if item.times > 0]
                    return fault
        return None

    def waiting(self) -> list[dict[str, Any]]:
        """What is still to happen."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def clear(self) -> None:
        """Let every call go well again."""
        with self._lock:
            self._waiting.clear()
