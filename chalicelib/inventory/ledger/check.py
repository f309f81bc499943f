"""The check: counters, holds and ledger must tell the same. What differs is drift.

A job's work, a page of rows at a time (integrity/check.py goes through the tables). Stock moves
while it is read, so an item counts as drifted only if it looked so twice with no movement in
between.

- `stocked` is the sum of the other counters: read from the item alone.
- `reserved` is what open holds have there, and what a shard notes for holds about to be written.
  Open holds are few (they last minutes), and an index lists them.
- the ledger's last entry of a place tells the counters that the place has. The ledger is gone
  through variant by variant, so a place that rests is compared however often another one moves.

What is sold is proved by the ledger, whose entries come from the movements themselves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.inventory import tables
from chalicelib.inventory.holds import listing
from chalicelib.inventory.ledger.entries import COUNTERS
from chalicelib.inventory.rules import Hold, MovementType, StockKey
from chalicelib.inventory.tables import LedgerItem, StockItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState

# What is gone through, page by page.
STOCK, LEDGER = StockItem, LedgerItem
holds_of = listing.holds_of
# How long the stream and the index of open holds may be behind.
LEDGER_SECONDS = 300
INDEX_SECONDS = 10


@dataclass(frozen=True)
class Drift:
    """One stock item that disagrees: what it says, and what its holds and its ledger say."""

    key: StockKey
    counter: str
    stored: int
    should: int


class OpenHolds:
    """What holds have at each place, as the index of open holds lists them.

    `unread` are those that can't be read, by their ids: what they have, and where, nobody knows.
    """

    def __init__(self) -> None:
        self._reserved: Counter[StockKey] = Counter()
        self._having: set[tuple[str, StockKey]] = set()
        self.unread: dict[str, Exception] = {}
        self.read_at = clock.now()
        for hold in listing.open_holds(self.unread.__setitem__):
            self._add(hold)

    def _add(self, hold: Hold) -> None:
        self._reserved.update(hold.reserved)
        self._having.update((hold.hold_id, key) for key in hold.reserved)

    def reserved(self, item: StockItem) -> int:
        """Units of an item that are accounted for: by holds, or by a shard's note of one that is
        about to be written, or about to be given back by the sweeper. A repair would make those
        count twice."""
        key = StockKey(item.variant_id, item.place)
        notes = (item.holds or {}).items()
        noted = sum(int(one["q"]) for name, one in notes if (name, key) not in self._having)
        return self._reserved[key] + noted


def drifts(item: StockItem, holds: OpenHolds) -> list[Drift]:
    """What an item's counters say against each other and its holds."""
    key = StockKey(item.variant_id, item.place)
    parts = int(item.available) + int(item.reserved) + int(item.sold)
    counters = {"stocked": (int(item.stocked), parts)}
    if not holds.unread:
        # Else it may be one of theirs, and a repair would sell it twice.
        counters["reserved"] = (int(item.reserved), holds.reserved(item))
    return [Drift(key, name, *pair) for name, pair in counters.items() if pair[0] != pair[1]]


def confirmed(key: StockKey, holds: OpenHolds) -> list[Drift]:
    """Drift that is there when looked at again, if the item has not moved since `holds` were read
    or shortly before."""
    before = dynamo.get(StockItem, key.variant_id, key.place)
    if before is None or _age(before) - (clock.now() - holds.read_at) < INDEX_SECONDS:
        # Its hold may not be in the index yet; the next check comes.
        return []
    found = drifts(before, holds)
    after = dynamo.get(StockItem, key.variant_id, key.place)
    still = after is not None and after.last_movement == before.last_movement
    return found if still else []


@dataclass
class Book:
    """One variant's ledger, as far as it was read: the last entry of each place."""

    variant_id: str
    tail: str = ""
    last: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self, entry: LedgerItem) -> None:
        latest = self.last.get(entry.place)
        if latest is None or latest["sequence"] < entry.sequence:
            after = {name: int(entry.after.get(name, 0)) for name in COUNTERS}
            self.last[entry.place] = {
                "sequence": entry.sequence,
                "movement": entry.movement,
                "after": after,
            }
        self.tail = max(self.tail, entry.sequence)

    def stored(self) -> dict[str, Any]:
        return {"variant_id": self.variant_id, "tail": self.tail, "last": self.last}

    @staticmethod
    def of(stored: Mapping[str, Any]) -> "Book":
        return Book(stored["variant_id"], stored["tail"], dict(stored["last"]))


def book_drifts(book: Book) -> list[Drift]:
    """What a variant's stock says against its ledger, once all of that was read."""
    items = tables.stock_of(book.variant_id)
    for entry in listing.ledger_since(book.variant_id, book.tail):
        book.read(entry)
    found = [drift for item in items for drift in _against(item, book.last.get(item.place))]
    if not found:
        return []
    # What was sold between the two reads is in the ledger and not in the item that was read.
    moved = {item.place: item.last_movement for item in tables.stock_of(book.variant_id)}
    rested = {item.place for item in items if item.last_movement == moved.get(item.place)}
    return [drift for drift in found if drift.key.place in rested]


def has_ledger(item: StockItem) -> bool:
    """Whether there is a ledger to go through; a new variant's may be on its way."""
    ledger = listing.ledger_of(item.variant_id, limit=1, before=None)
    return bool(ledger) or _age(item) < LEDGER_SECONDS


def _against(item: StockItem, latest: Mapping[str, Any] | None) -> list[Drift]:
    key = StockKey(item.variant_id, item.place)
    if latest is None or latest["movement"] != (item.last_movement or {}).get("id"):
        # The ledger comes from a stream: it may be behind, but not by minutes.
        behind = _age(item) < LEDGER_SECONDS or not item.last_movement
        return [] if behind else [unwritten(item)]
    return [
        Drift(
            key, "ledger" if name == "available" else f"ledger.{name}", has, latest["after"][name]
        )
        for name in COUNTERS
        for has in [int(getattr(item, name))]
        if has != latest["after"][name]
    ]


def unwritten(item: StockItem) -> Drift:
    """The item's last movement never came into the ledger."""
    return Drift(StockKey(item.variant_id, item.place), "ledger", int(item.available), 0)


def _age(item: StockItem) -> int:
    """Seconds since the item's last movement."""
    return clock.now() - int((item.last_movement or {}).get("at", 0))


def repair(found: Iterable[Drift], operator: str, now: int) -> int:
    """Set right what the holds prove; how many were."""
    return sum(int(_repair(drift, operator, now)) for drift in found)


def _repair(drift: Drift, operator: str, now: int) -> bool:
    """Set `reserved` to what the holds prove; the difference was never promised to anybody.

    Other drift is for a person: nothing proves which side is right.
    """
    if drift.counter != "reserved":
        return False
    change = drift.should - drift.stored
    movement = {
        "type": MovementType.ADJUST,
        "quantity": abs(change),
        "operator": operator,
        "reason": f"check: reserved was {drift.stored}, holds say {drift.should}",
        "at": now,
        "id": f"check#{drift.key.variant_id}#{drift.key.place}#{now}",
    }
    try:
        dynamo.update(
            StockItem(drift.key.variant_id, drift.key.place),
            [
                StockItem.reserved.set(drift.should),
                StockItem.available.set(StockItem.available - change),
                StockItem.last_movement.set(movement),
            ],
            # Exactly as it was seen, and never below zero.
            condition=(StockItem.reserved == drift.stored) & (StockItem.available >= change),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return False
    return True
