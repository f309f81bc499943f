"""Keeping a hold to few places, so that whatever is held can be ended by one transaction.

A line has one place where one has enough. Where hot variants lie in many shards, the shards' units
are brought together first: they are one warehouse's, on paper only in many. What lies in several
warehouses can't be brought together; a basket that needs more than MOST_PLACES even so is refused,
with its scattered lines named, and never taken in part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pynamodb.expressions.condition import Condition

from chalicelib.inventory import rules, tables
from chalicelib.inventory.holds import writes
from chalicelib.inventory.operations import warehouses
from chalicelib.inventory.rules import BasketScattered, Hold, Short, StockKey, Units
from chalicelib.inventory.sharding import resharding
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState


def within_bound(*units: Iterable[StockKey], more: int = 0) -> bool:
    """Whether a hold may have all these places, and so many more."""
    return len({key for keys in units for key in keys}) + more <= rules.MOST_PLACES


@dataclass(frozen=True)
class _Pool:
    """A variant's units in one warehouse, wherever they lie there, and where to take them."""

    target: str
    rooms: Mapping[str, int]

    @property
    def available(self) -> int:
        return sum(self.rooms.values())

    def sources(self, wanted: int) -> dict[str, int]:
        """What to bring to the target so that it has what is wanted, from as few as can be."""
        left, found = wanted - self.rooms[self.target], {}
        for place, count in sorted(self.rooms.items(), key=lambda room: -room[1]):
            take = min(count, left)
            if take > 0 and place != self.target:
                found[place] = take
                left -= take
        return found


def in_fewest(missing: Mapping[str, int], kept: Units, *, now: int) -> dict[StockKey, int]:
    """The missing units in as few places as there can be, beside those of what is `kept`.

    Raises BasketScattered when those are still too many; StaleState when units went meanwhile.
    """
    pools = {variant_id: _pools(variant_id, kept) for variant_id in missing}
    takes = {variant_id: _take(pools[variant_id], missing[variant_id]) for variant_id in missing}
    units = {
        StockKey(variant_id, pools[variant_id][name].target): count
        for variant_id, take in takes.items()
        for name, count in take.items()
    }
    if not within_bound(units, kept):
        raise BasketScattered.of(_warehouses(kept, units))
    for variant_id, take in takes.items():
        for name, count in take.items():
            pool = pools[variant_id][name]
            if sources := pool.sources(count):
                resharding.gather(variant_id, sources, pool.target, now=now)
    return units


def _pools(variant_id: str, kept: Units) -> dict[str, _Pool]:
    """A variant's units by warehouse, those that serve first first."""
    rooms: dict[str, dict[str, int]] = {}
    for item in tables.rooms_of(variant_id):
        rooms.setdefault(rules.warehouse_of(item.place), {})[item.place] = int(item.available)
    ranks = warehouses.priorities()
    names = sorted(rooms, key=lambda name: ranks.get(name, len(ranks)))
    return {name: _Pool(_target(variant_id, rooms[name], kept), rooms[name]) for name in names}


def _target(variant_id: str, rooms: Mapping[str, int], kept: Units) -> str:
    """Where a place is kept already, there; else where most units are."""
    return max(rooms, key=lambda place: (StockKey(variant_id, place) in kept, rooms[place]))


def _take(pools: Mapping[str, _Pool], wanted: int) -> dict[str, int]:
    try:
        return rules.fewest(wanted, {name: pool.available for name, pool in pools.items()})
    except Short as short:
        # There was enough a moment ago.
        raise StaleState() from short


def _warehouses(*units: Units) -> dict[str, int]:
    """From how many warehouses each variant comes."""
    found: dict[str, set[str]] = {}
    for keys in units:
        for key in keys:
            found.setdefault(key.variant_id, set()).add(key.warehouse)
    return {variant_id: len(names) for variant_id, names in found.items()}


def shrink(hold: Hold, kept: Units, *, now: int) -> None:
    """Give back all of a hold but what is `kept`, in as many steps as it takes."""
    while dropped := rules.difference(kept, hold.units):
        step = dict(list(dropped.items())[: rules.MOST_PLACES])
        left = {key: count for key, count in rules.added(hold.units, step).items() if count}
        with Transaction() as tx:
            smaller = replace(hold, units=left, version=hold.version + 1)
            writes.write(tx, smaller, hold, {}, now)
        hold = smaller


def tighten(hold: Hold, *, now: int) -> bool:
    """Bring what a hold has in several places of one warehouse into one of them; False when it has
    nothing such. The hold keeps every unit at every moment."""
    found = _scattered(hold)
    for parts in found:
        target = max(parts, key=lambda key: (hold.units[key], key.place))
        left = {key: count for key, count in hold.units.items() if key not in parts}
        left[target] = sum(hold.units[key] for key in parts)
        tighter = replace(hold, units=left, version=hold.version + 1)
        with Transaction() as tx:
            writes.put(tx, tighter, hold)
            for key in parts:
                _shift(tx, hold, key, left.get(key, 0), now)
        hold = tighter
    return bool(found)


def _scattered(hold: Hold) -> list[list[StockKey]]:
    parts: dict[tuple[str, str], list[StockKey]] = {}
    for key in hold.units:
        parts.setdefault((key.variant_id, key.warehouse), []).append(key)
    return [keys for keys in parts.values() if len(keys) > 1]


def _shift(tx: Transaction, hold: Hold, key: StockKey, units: int, now: int) -> None:
    """Let a place hold so many units for the hold, whatever it held: they change places on paper,
    as a transfer does."""
    had = hold.units[key]
    enough: Condition = StockItem.reserved >= had
    actions = resharding.transferred(
        f"tighten#{hold.hold_id}#{hold.version}", "reserved", units - had, now
    )
    if key.is_shard:
        actions += writes.note(hold, key, units)
        enough &= StockItem.holds[hold.hold_id].exists()
    tx.update(
        StockItem(key.variant_id, key.place),
        actions,
        condition=enough,
        on_condition_failed=writes.StockDrift(f"{key} has less reserved than {hold.hold_id} holds"),
    )
