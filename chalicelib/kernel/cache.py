"""Answers that many ask for, kept in the handler's memory for some seconds. Never personal ones."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from chalicelib.kernel import clock

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Memory(Generic[T]):
    """At most `size` values, each for `seconds`; one caller at a time fetches what is missing.

    When fetching fails, a value up to `stale_seconds` old is served: the catalogue stays readable
    while its table is out of reach.
    """

    def __init__(self, *, seconds: int, size: int = 500, stale_seconds: int = 300) -> None:
        self._seconds, self._size, self._stale = seconds, size, stale_seconds
        self._kept: OrderedDict[Hashable, tuple[int, T]] = OrderedDict()
        self._lock = threading.Lock()
        _all.append(self)

    def get_or_fetch(self, key: Hashable, fetch: Callable[[], T]) -> T:
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
            self._set(key, value)
            return value

    def get_or_fetch_many(
        self, keys: Iterable[K], fetch: Callable[[list[K]], Mapping[K, T]], *, anew: bool = False
    ) -> dict[K, T]:
        """The values of all keys; those missing are fetched in one call, the absent left out.

        `anew` fetches all of them: what is kept serves only while fetching fails.
        """
        with self._lock:
            wanted, now = list(dict.fromkeys(keys)), clock.now()
            old = [] if anew else wanted
            fresh = {key: self._kept[key][1] for key in old if self._is_fresh(key, now)}
            missing = [key for key in wanted if key not in fresh]
            try:
                fetched = fetch(missing) if missing else {}
            except Exception:
                if not all(self._is_younger(key, now, self._stale) for key in missing):
                    raise
                return {key: self._kept[key][1] for key in wanted}
            for key, value in fetched.items():
                self._set(key, value)
                fresh[key] = value
            return fresh

    def get(self, key: Hashable) -> T | None:
        """The value if it is fresh; nothing is fetched."""
        with self._lock:
            return self._kept[key][1] if self._is_fresh(key, clock.now()) else None

    def set(self, key: Hashable, value: T) -> None:
        """Remember a value that was learnt otherwise."""
        with self._lock:
            self._set(key, value)

    def delete(self, key: Hashable) -> None:
        """Forget one value."""
        with self._lock:
            self._kept.pop(key, None)

    def _is_fresh(self, key: Hashable, now: int) -> bool:
        return self._is_younger(key, now, self._seconds)

    def _is_younger(self, key: Hashable, now: int, seconds: int) -> bool:
        return key in self._kept and now - self._kept[key][0] < seconds

    def _set(self, key: Hashable, value: T) -> None:
        self._kept[key] = (clock.now(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_all: list[Memory[Any]] = []


def forget_all() -> None:
    """Empty every memory of this process: after the shop's data was loaded anew, and in tests."""
    for memory in _all:
        memory.clear()
