"""The list of all payments, for administrators: filtered, the newest first, page by page.

It shows what the index knows, a moment old; nothing is decided by it.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.kernel import clock
from chalicelib.kernel.web import cursor as cursors
from chalicelib.payments.rules import UNFINISHED, PaymentStatus
from chalicelib.payments.tables import OPEN_SHARDS, PaymentItem, listing

DAY = 86_400
# How far back the list goes where no day is named.
DEFAULT_DAYS = 90
WITHOUT_MONEY = frozenset({PaymentStatus.EXPIRED, PaymentStatus.FAILED})
# What one page looks through at most: whatever the filters are, a call stays short.
MOST_READ, MOST_DAYS = 500, 14


@dataclass(frozen=True)
class PaymentFilter:
    """Which payments; `day` is a UTC day (`20261120`), None the last ninety."""

    day: str | None = None
    status: PaymentStatus | None = None
    method: str | None = None

    @property
    def scope(self) -> str:
        """Names the list, so that a cursor of it opens no other one."""
        return repr(("payments", self.day, self.status, self.method))

    def matches(self, item: PaymentItem) -> bool:
        return self.status in (None, item.status) and self.method in (None, item.provider)


def page(
    wanted: PaymentFilter, *, size: int, cursor: str | None, now: int
) -> tuple[list[PaymentItem], str | None]:
    """Payments without what pays them, the newest first, and where the list goes on. A page may be
    short, even empty, and still go on. Raises CursorInvalid."""
    back, before = cursors.unseal(wanted.scope, cursor) if cursor else (now // DAY, None)
    found: list[PaymentItem] = []
    looked = 0
    for _ in range(MOST_DAYS):
        for item in _of_day(wanted.day or clock.day(back * DAY), before):
            looked, before = looked + 1, item.place
            if wanted.matches(item):
                found.append(item)
            if len(found) == size or looked == MOST_READ:
                return found, cursors.seal(wanted.scope, [back, before])
        if wanted.day or back <= now // DAY - DEFAULT_DAYS:
            return found, None
        back, before = back - 1, None
    return found, cursors.seal(wanted.scope, [back, before])


def not_open(provider: str, *, since: int, now: int) -> list[str]:
    """The payments of a provider begun since then of which nothing is waited for: first those that
    ended without money, then the others; of both the newest first."""
    found = [
        item
        for back in range(now // DAY, since // DAY - 1, -1)
        for item in _of_day(clock.day(back * DAY), None)
        if item.provider == provider and item.status not in UNFINISHED
    ]
    found.sort(key=lambda item: item.status not in WITHOUT_MONEY)
    return [item.payment_id for item in found if int(item.created_at) >= since]


def _of_day(day: str, before: str | None) -> Iterator[PaymentItem]:
    condition = PaymentItem.place < before if before else None
    shards = (
        PaymentItem.by_listing.query(
            listing(day, shard), condition, scan_index_forward=False, limit=MOST_READ
        )
        for shard in range(OPEN_SHARDS)
    )
    yield from heapq.merge(*shards, key=lambda item: str(item.place), reverse=True)
