"""Hot variants: stock split over shards, so that thousands of buyers do not queue on one item.

A hold on a hot variant is one UpdateItem on one shard, with the hold's id inside. A transaction on
one item is rejected on conflict, some 40 to 200 a second; a plain update has 1,000 (AWS's limit of
write units per item). The shard's name stands in the hold, so its units go home when given back.

The order's transaction is written after the shard. When it never is (a crash in between), the
shard's note names no hold; the sweeper gives its units back once the note's minute is over.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.inventory import tables
from chalicelib.inventory.holds import writes
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    Hold,
    MovementType,
    OutOfStock,
    Room,
    StockKey,
    Taken,
    Units,
    shard_place,
)
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock, ids
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import ShopError, StaleState, Unavailable

# A shard's note of one hold: units, until when it counts without the hold, and whose run made it.
Note = Mapping[str, Any]

PROBES = 3
NOTE_SECONDS = 60
# How many shards a variant was last seen to have; a wrong memory costs one refused write.
_known: Memory[int] = Memory(seconds=30, size=500)
# Variants that a full look found sold out a moment ago.
_sold_out: Memory[bool] = Memory(seconds=1, size=500)


class NotTaken(Exception):
    """A shard had too little; the item as it was is `image`."""

    def __init__(self, image: Mapping[str, Any]) -> None:
        super().__init__()
        self.image = image


def shards_of(variant_id: str) -> int:
    """Over how many shards a variant is split, as far as this process remembers; 0 for none."""
    return _known.get(variant_id) or 0


def learn(variant_id: str, items: Iterable[StockItem]) -> None:
    """Remember from a full look whether the variant is hot."""
    main = next((item for item in items if item.place == DEFAULT_PLACE), None)
    _known.set(variant_id, int(main.shards) if main else 0)


def seems_sold_out(variant_id: str) -> bool:
    """A full look found nothing within the last second."""
    return bool(_sold_out.get(variant_id))


def note_sold_out(variant_id: str) -> None:
    _sold_out.set(variant_id, True)


def forget_sold_out(variant_ids: Iterable[str]) -> None:
    for variant_id in variant_ids:
        _sold_out.delete(variant_id)


@contextmanager
def taking(hold: Hold, now: int) -> Iterator[Taken]:
    """Hand out `Taken`; if the block fails for good, what was freshly taken goes back.

    After an error that leaves open whether the hold was written, nothing is given back: the
    sweeper finds out.
    """
    taken = Taken(hold)
    try:
        yield taken
    except Unavailable:
        raise
    except (ShopError, StaleState):
        for key, quantity in taken.fresh.items():
            if _is_orphan(hold.hold_id, key):
                give_back(taken, key, quantity, now)
        raise


def take_somewhere(taken: Taken, variant_id: str, quantity: int, shards: int, now: int) -> None:
    """Take from one of a few shards; OutOfStock means only that none of those had enough."""
    start = first_shard(taken.hold.hold_id, variant_id, shards)
    for probe in range(min(PROBES, shards)):
        key = StockKey(variant_id, shard_place(DEFAULT_PLACE, (start + probe) % shards))
        try:
            return take(taken, key, quantity, now)
        except NotTaken:
            continue
    raise OutOfStock.of(variant_id, requested=quantity, available=0)


def first_shard(hold_id: str, variant_id: str, shards: int) -> int:
    """Where a hold begins to look: spread evenly over holds, the same for one hold each time.

    Whoever was told to come back finds there what the first try took, and takes nothing twice.
    """
    return int(ids.shard(f"{hold_id}/{variant_id}", shards))


def take(taken: Taken, key: StockKey, quantity: int, now: int) -> None:
    """One write: the units out of the shard, and the hold's id into it. NotTaken if it has less."""
    hold = taken.hold
    movement = writes.movement_of(MovementType.RESERVE, quantity, hold, now)
    note = StockItem.holds[hold.hold_id]
    fresh = True
    try:
        dynamo.update(
            StockItem(key.variant_id, key.place),
            [
                StockItem.available.set(StockItem.available - quantity),
                StockItem.reserved.set(StockItem.reserved + quantity),
                note.set({"q": quantity, "exp": now + NOTE_SECONDS, "by": taken.run}),
                StockItem.last_movement.set(movement),
            ],
            condition=_room_for(hold.hold_id, quantity),
            on_condition_failed=NotTaken,
        )
    except NotTaken as refused:
        # The hold's own id in there: an earlier run, or this write's first try with its reply lost.
        mine = (refused.image.get("holds") or {}).get(hold.hold_id)
        if mine is None or mine["q"] != quantity:
            raise
        fresh = mine.get("by") == taken.run
        if not fresh and not _take_over(taken, key, mine, now):
            raise
    taken.units[key] = taken.units.get(key, 0) + quantity
    if fresh:
        taken.fresh[key] = quantity


def _take_over(taken: Taken, key: StockKey, note: Note, now: int) -> bool:
    """Make an earlier run's note this one's, so that the earlier one, should it fail, does not give
    back what this one counts on. False when the note moved meanwhile."""
    mine = StockItem.holds[taken.hold.hold_id]
    try:
        dynamo.update(
            StockItem(key.variant_id, key.place),
            [mine.set({**note, "exp": now + NOTE_SECONDS, "by": taken.run})],
            condition=_unmoved(taken.hold.hold_id, note),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return False
    return True


def _unmoved(hold_id: str, note: Note) -> Condition:
    """The shard's note is as it was read."""
    mine = StockItem.holds[hold_id]
    by = mine["by"] == note["by"] if "by" in note else mine["by"].does_not_exist()
    condition: Condition = (mine["q"] == note["q"]) & (mine["exp"] == note["exp"]) & by
    return condition


def _room_for(hold_id: str, quantity: int) -> Condition:
    condition: Condition = (StockItem.available >= quantity) & StockItem.holds[
        hold_id
    ].does_not_exist()
    return condition


def give_back(taken: Taken, key: StockKey, quantity: int, now: int) -> None:
    """Give back what this run took; nothing when another run has taken the note over."""
    hold_id, mine = taken.hold.hold_id, StockItem.holds[taken.hold.hold_id]
    with suppress(StaleState):
        dynamo.update(
            StockItem(key.variant_id, key.place),
            _returning(hold_id, quantity, now),
            # Equalities on what this write takes away: run twice, it gives back once.
            condition=(mine["q"] == quantity) & (mine["by"] == taken.run),
            on_condition_failed=StaleState(),
        )
        forget_sold_out([key.variant_id])


def return_orphans(now: int) -> int:
    """Give back what shards note for holds that were never written, or have ended. How many."""
    return sum(
        return_orphan(hold_id, key, note, now)
        for variant_id in list(tables.hot_variants())
        for hold_id, key, note in notes_of(variant_id)
        if note["exp"] <= now
    )


def notes_of(variant_id: str) -> Iterator[tuple[str, StockKey, Note]]:
    """What a hot variant's shards note: for holds that have the units, that were never written, or
    that have ended. Each as (hold, where, the note)."""
    for item in tables.stock_of(variant_id):
        for hold_id, note in (item.holds or {}).items():
            yield hold_id, StockKey(variant_id, item.place), note


def return_orphan(hold_id: str, key: StockKey, note: Note, now: int) -> bool:
    """Give back one note's units, unless its hold has them; whether they went back.

    The run that took them may only be slow, or this clock ahead of its own. So the hold is fenced
    in the same transaction: that run's own one then fails, and it begins again.
    """
    found = tables.read_hold(hold_id)
    if _has(found, key):
        return False
    try:
        with Transaction() as tx:
            writes.fence(tx, hold_id, found, now=now)
            tx.update(
                StockItem(key.variant_id, key.place),
                _returning(hold_id, note["q"], now),
                condition=_unmoved(hold_id, note),
                on_condition_failed=StaleState(),
            )
    except StaleState:
        return False
    forget_sold_out([key.variant_id])
    return True


def _returning(hold_id: str, quantity: int, now: int) -> list[Action]:
    movement = {
        "type": MovementType.RELEASE,
        "quantity": quantity,
        "reference": hold_id,
        "at": now,
        "id": f"{hold_id}#back#{clock.millis()}",
    }
    return [
        StockItem.available.set(StockItem.available + quantity),
        StockItem.reserved.set(StockItem.reserved - quantity),
        StockItem.holds[hold_id].remove(),
        StockItem.last_movement.set(movement),
    ]


def _clear_own(hold_id: str, key: StockKey, image: Mapping[str, Any], now: int) -> None:
    """Clear away what an earlier try of this hold, for another quantity, noted and never wrote.

    A shard has one note per hold, so nothing could be taken from it until the note's minute is
    over. Raises StaleState when it is cleared: the hold was fenced, and is to be read again.
    """
    note = (image.get("holds") or {}).get(hold_id)
    if note is not None and return_orphan(hold_id, key, note, now):
        raise StaleState()


def _is_orphan(hold_id: str, key: StockKey) -> bool:
    return not _has(tables.read_hold(hold_id), key)


def _has(hold: Hold | None, key: StockKey) -> bool:
    return hold is not None and key in hold.reserved


def rooms(items: Iterable[StockItem], priorities: Mapping[str, int]) -> list[Room]:
    """A variant's places with what they have: warehouses by priority, shards in a random order."""
    found = [Room(item.place, int(item.available)) for item in items if item.available > 0]
    random.shuffle(found)

    def rank(room: Room) -> tuple[int, int]:
        warehouse = room.place.partition("#")[0]
        return priorities.get(warehouse, len(priorities)), 0 if "#" in room.place else 1

    return sorted(found, key=rank)


def take_units(taken: Taken, units: Units, now: int) -> None:
    """Take each shard's part of `units`; OutOfStock when somebody was faster at one of them,
    StaleState when an earlier try of the same hold was in the way and is not any more."""
    for key, quantity in units.items():
        if key.is_shard:
            try:
                take(taken, key, quantity, now)
            except NotTaken as refused:
                _clear_own(taken.hold.hold_id, key, refused.image, now)
                raise OutOfStock.of(
                    key.variant_id,
                    requested=quantity,
                    available=refused.image.get("available", 0),
                ) from refused
