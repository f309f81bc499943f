"""Answers that many ask for, kept in the handler's memory for some seconds. Never personal ones."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from chalicelib.kernel import clock


class Memory[T]:
    """At most `size` values, each for `seconds`; one caller at a time fetches what is missing.

    When fetching fails, a value up to `stale_seconds` old is served: the catalogue stays readable
    while its table is out of reach.
    """

    def __init__(self, *, seconds: int, size: int = 500, stale_seconds: int = 300) -> None:
        self._seconds, self._size, self._stale = seconds, size, stale_seconds
        self._kept: OrderedDict[Hashable, tuple[int, T]] = OrderedDict()
        self._lock = threading.Lock()
        _all.append(self)

    def get(self, key: Hashable, fetch: Callable[[], T]) -> T:
        with self._lock:
            found = self._kept.get(key)
            if found and clock.now() - found[0] < self._seconds:
                return found[1]
            try:
                value = fetch()
            except Exception:
                if found and clock.now() - found[0] < self._stale:
                    return found[1]
                raise
            self._kept[key] = (clock.now(), value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return value

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_all: list[Memory[Any]] = []


def forget_all() -> None:
    """Empty every memory of this process: after the shop's data was loaded anew, and in tests."""
    for memory in _all:
        memory.clear()
