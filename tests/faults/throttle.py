"""The limits that emulators do not have: write units per item, and conflicts of transactions.

    with Throttle(rate=1000) as throttle:         # units a second and item; a transaction costs two
        ...
    throttle.admitted, throttle.throttled, throttle.conflicts

An item's bucket holds at most a second's units. As at DynamoDB, what is refused by a condition has
cost its units all the same, and a cancelled transaction has cost those of the items that had some.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, Self

from botocore.client import BaseClient

from tests import stage
from tests.faults import replies

Key = tuple[str, ...]
SINGLE = ("PutItem", "UpdateItem", "DeleteItem")


@dataclass
class Throttle:
    """`rate` None: no limit. `conflicts`: what meets a transaction on its item is refused."""

    rate: float | None = 1000
    conflicts: bool = False
    # Only items of these tables (their names without the prefix); empty: of all.
    tables: tuple[str, ...] = ()
    clock: Callable[[], float] = time.monotonic
    admitted: int = 0
    throttled: int = 0
    conflicted: int = 0
    units: Counter[Key] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[Key, tuple[float, float]] = {}
        self._writing: Counter[Key] = Counter()
        self._in_transaction: Counter[Key] = Counter()

    def __enter__(self) -> Self:
        self._real = BaseClient._make_api_call
        throttle = self

        def call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            with throttle._admit(operation, request):
                return throttle._real(client, operation, request)

        BaseClient._make_api_call = call
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        BaseClient._make_api_call = self._real

    @contextmanager
    def _admit(self, operation: str, request: dict[str, Any]) -> Iterator[None]:
        if operation in SINGLE:
            keys = [key_of(request)]
        elif operation == "TransactWriteItems":
            writes = [one for action in request["TransactItems"] for one in action.values()]
            keys = [key_of(write) for write in writes]
        else:
            yield
            return
        whole = operation == "TransactWriteItems"
        self._enter(keys, whole)
        try:
            yield
        finally:
            with self._lock:
                (self._in_transaction if whole else self._writing).subtract(keys)

    def _enter(self, keys: list[Key], whole: bool) -> None:
        """Count the call in, or raise what DynamoDB answers."""
        with self._lock:
            busy = [self.conflicts and self._is_busy(key, whole) for key in keys]
            if any(busy):
                self.conflicted += 1
                raise _refusal(busy, whole, "TransactionConflict")
            empty = [not self._spend(key, 2 if whole else 1) for key in keys]
            if any(empty):
                self.throttled += 1
                raise _refusal(empty, whole, "ThrottlingError")
            self.admitted += 1
            (self._in_transaction if whole else self._writing).update(keys)

    def _is_busy(self, key: Key, whole: bool) -> bool:
        return bool(self._in_transaction[key] or (whole and self._writing[key]))

    def _spend(self, key: Key, units: int) -> bool:
        """Take units from an item's bucket, which fills with time."""
        if self.rate is None or (self.tables and not key[0].endswith(self.tables)):
            return True
        now = self.clock()
        left, seen = self._buckets.get(key, (self.rate, now))
        left = min(self.rate, left + (now - seen) * self.rate)
        enough = left >= units
        self._buckets[key] = (left - units if enough else left, now)
        if enough:
            self.units[key] += units
        return enough

    def ceiling(self, seconds: float, cost: int = 1) -> int:
        """The most writes of `cost` units that one item takes within so many seconds."""
        return math.floor((self.rate or math.inf) * (1 + seconds) / cost)


def key_of(write: dict[str, Any]) -> Key:
    """Which item a Put, Update or Delete writes: its table and its key's values."""
    values = write.get("Key") or write["Item"]
    table = write["TableName"]
    names = _key_names().get(table.rpartition("-")[2]) or sorted(write.get("Key", ()))
    return (table, *(next(iter(values[name].values())) for name in names))


@cache
def _key_names() -> dict[str, list[str]]:
    return {
        definition["TableName"].rpartition("-")[2]: [
            part["AttributeName"] for part in definition["KeySchema"]
        ]
        for definition in stage.table_definitions()
    }


def _refusal(which: list[bool], whole: bool, code: str) -> Exception:
    if whole:
        return replies.cancelled(*(code if one else "None" for one in which))
    plain = {"ThrottlingError": "ThrottlingException"}
    return replies.refused(plain.get(code, f"{code}Exception"))
