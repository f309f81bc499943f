"""Making a variant hot, more or less so, or unsharded again, online and without losing a unit.

Units move between the main item and its shards in transactions of two items, each conditional on
what the source still has. Every reading in between adds up; a crash leaves a distribution that is
uneven, never wrong, and the next run (the sweeper's, or the same command again) goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.inventory import tables
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    MAX_SHARDS,
    MovementType,
    StockKey,
    VariantNotStocked,
    shard_place,
    warehouse_of,
)
from chalicelib.inventory.sharding import shards
from chalicelib.inventory.tables import HOT, StockItem
from chalicelib.kernel import ids
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState

MOST_ROUNDS = 200  # moves of one call; whatever is left, the sweeper goes on with


def set_shards(variant_id: str, count: int, *, now: int) -> None:
    """Split a variant's stock over `count` shards (0: none), and move its units there.

    Repeating it changes nothing more. Raises VariantNotStocked.
    """
    if not 0 <= count <= MAX_SHARDS:
        raise ValueError(f"{count} shards; 0 to {MAX_SHARDS} are possible")
    retry_on_conflict(lambda: _split_into(variant_id, count))
    rebalance(variant_id, now=now)


def _split_into(variant_id: str, count: int) -> None:
    found = dynamo.get(StockItem, variant_id, DEFAULT_PLACE)
    if found is None:
        raise VariantNotStocked()
    dynamo.update(
        StockItem(variant_id, DEFAULT_PLACE),
        # Listed as hot until the sweeper has seen that nothing is left in any shard.
        [
            StockItem.shards.set(count),
            StockItem.shards_made.set(max(count, int(found.shards_made))),
            StockItem.hot.set(HOT),
        ],
        # As it was read: of two at once, the one with fewer shards must not hide the other's.
        condition=StockItem.shards_made == found.shards_made,
        on_condition_failed=StaleState(),
    )


def rebalance(variant_id: str, *, now: int) -> int:
    """Move units to where they belong now; answers how many moves it took."""
    for moves in range(MOST_ROUNDS):
        items = tables.stock_of(variant_id)
        shards.learn(variant_id, items)
        step = next_move(items)
        if step is None:
            _unlist_if_empty(variant_id, items)
            return moves
        source, target, quantity = step
        try:
            _move(variant_id, source, target, quantity, split=_split(items), now=now)
        except StaleState:
            # Bought from in the meantime: look again.
            continue
    return MOST_ROUNDS


def next_move(items: Sequence[StockItem]) -> tuple[str, str, int] | None:
    """The next units to move as (from, to, how many); None when all is where it should be.

    Few units (less than two to a shard) belong into the first shard alone, so that the last one is
    found at once; more are spread evenly; without shards all belong to the main item.
    """
    own = [item for item in items if _is_own(item.place)]
    have = {item.place: int(item.available) for item in own}
    goal = _goal(sum(have.values()), _split(own))
    over = {place: units - goal.get(place, 0) for place, units in have.items()}
    source = max(over, key=lambda place: (over[place], place))
    under = {place: units - have.get(place, 0) for place, units in goal.items()}
    target = max(under, key=lambda place: (under[place], place))
    # A shard or two too many is not worth a write.
    slack = 0 if source == DEFAULT_PLACE or source not in goal else max(1, goal[source] // 4)
    quantity = min(over[source], under[target])
    return (source, target, quantity) if quantity > slack else None


def _goal(total: int, count: int) -> dict[str, int]:
    if not count:
        return {DEFAULT_PLACE: total}
    if total < 2 * count:
        return {shard_place(DEFAULT_PLACE, 0): total}
    share, rest = divmod(total, count)
    return {shard_place(DEFAULT_PLACE, number): share + (number < rest) for number in range(count)}


def _split(items: Iterable[StockItem]) -> int:
    """Over how many shards the stock is split."""
    return next((int(item.shards) for item in items if item.place == DEFAULT_PLACE), 0)


def gather(variant_id: str, sources: Mapping[str, int], target: str, *, now: int) -> None:
    """Bring available units from several places of a warehouse into one, all in one transaction.

    They stay the warehouse's, and the next evening out may spread them again. Raises StaleState
    when one of the sources has not so many any more.
    """
    name = f"gather#{ids.token()}"
    with Transaction() as tx:
        for source, quantity in sources.items():
            tx.update(
                StockItem(variant_id, source),
                transferred(name, "available", -quantity, now),
                condition=StockItem.available >= quantity,
                on_condition_failed=StaleState(),
            )
        tx.update(
            StockItem(variant_id, target),
            transferred(name, "available", sum(sources.values()), now),
            # It was read a moment ago, and stock items are never deleted.
            condition=StockItem.variant_id.exists(),
            on_condition_failed=StaleState(),
        )


def _move(
    variant_id: str, source: str, target: str, quantity: int, *, split: int, now: int
) -> None:
    name = f"move#{ids.token()}"
    reason = f"{source} to {target}"
    enough: Condition = StockItem.available >= quantity
    if source == DEFAULT_PLACE:
        # Unsharded meanwhile, nobody would look into the shards for these units.
        enough &= StockItem.shards == split
    with Transaction() as tx:
        tx.update(
            StockItem(variant_id, source),
            transferred(name, "available", -quantity, now, reason),
            condition=enough,
            on_condition_failed=StaleState(),
        )
        tx.update(
            StockItem(variant_id, target),
            transferred(name, "available", quantity, now, reason),
            condition=None,
            on_condition_failed=None,
        )


def transferred(
    name: str, counter: str, change: int, now: int, reason: str = "brought together"
) -> list[Action]:
    """One side of a transfer within a warehouse: the units of a counter (`available`, `reserved`)
    come or go. `name` is the transfer's own, the same on all its sides."""
    movement: Mapping[str, Any] = {
        "type": MovementType.TRANSFER,
        "quantity": abs(change),
        "reason": reason,
        "at": now,
        "id": name,
    }
    counters = ("available", "reserved", "sold", "stocked")
    moved = {counter, "stocked"}
    return [
        *(
            attribute.set((attribute | 0) + change if one in moved else attribute | 0)
            for one in counters
            for attribute in [getattr(StockItem, one)]
        ),
        # A shard's notes are written into this map, so it must be there.
        StockItem.holds.set(StockItem.holds | {}),
        StockItem.last_movement.set(dict(movement)),
    ]


def _unlist_if_empty(variant_id: str, items: Sequence[StockItem]) -> None:
    """An unsharded variant whose shards are empty is no concern of the sweeper's any more."""
    if any(item.available or item.reserved for item in items if _is_shard(item.place)):
        return
    with suppress(StaleState):
        dynamo.update(
            StockItem(variant_id, DEFAULT_PLACE),
            [StockItem.hot.remove()],
            condition=(StockItem.shards == 0) & StockItem.hot.exists(),
            on_condition_failed=StaleState(),
        )


def _is_own(place: str) -> bool:
    """The main item or one of its shards; other warehouses keep their own."""
    return warehouse_of(place) == DEFAULT_PLACE


def _is_shard(place: str) -> bool:
    return StockKey("", place).is_shard
