"""How much there is, as it is shown: on a product's page, in a cart, in lists of the whole shelf.

What decides is the write that takes the units. So none of this need be right to the second, and
none of it may cost more because many look, or because many holds have ended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chalicelib.inventory import states, tables
from chalicelib.inventory.holds import expired
from chalicelib.inventory.operations import warehouses
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    Availability,
    StockState,
    VariantNotStocked,
    shard_place,
)
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.db import dynamo

PLENTY = 20

_shown: Memory[Availability] = Memory(seconds=5, size=2000)
# Asked for what seems sold out: the consistent look at all its places is not made for each caller.
_stocked: Memory[bool] = Memory(seconds=5, size=2000)
_states: Memory[Mapping[str, StockState]] = Memory(seconds=5, size=1)
# Variants that the stream has never told of: they were never stocked, or not since it is asked.
_not_kept: Memory[StockState] = Memory(seconds=30, size=5000)


def availability(
    variant_ids: Iterable[str],
    wanted: Mapping[str, int] | None = None,
    *,
    consistent: bool = True,
) -> dict[str, Availability]:
    """What is available now in all places, per variant; one without stock items has none.

    A hold past its end is not counted as taken: its units are added, though the sweeper may not
    have come by yet. Only where it matters: beyond PLENTY, and what is `wanted`, nobody counts.
    """
    ids = list(dict.fromkeys(variant_ids))
    items = _items_of(ids, consistent=consistent)
    found = {key: _as_availability(key, items.get(key, [])) for key in ids}
    enough = {key: max(PLENTY, (wanted or {}).get(key, 0)) for key in ids}
    # What has nothing reserved gets nothing back, whatever has ended.
    reserved = {key: _sum(items.get(key, []), "reserved") for key in ids}
    short = [key for key, one in found.items() if one.available < enough[key] and reserved[key]]
    return {**found, **_with_expired({key: found[key] for key in short}, reserved)}


def available(variant_id: str) -> Availability:
    """One variant's availability, for showing. Raises VariantNotStocked for a variant that has no
    stock item."""
    found = for_show([variant_id])[variant_id]
    if found.available <= 0 and not _stocked.get_or_fetch(
        variant_id, lambda: bool(tables.rooms_of(variant_id))
    ):
        raise VariantNotStocked()
    return found


def for_show(variant_ids: Iterable[str]) -> dict[str, Availability]:
    """As `availability`, eventually consistent; while the tables are out of reach, what was seen
    last, five minutes old at most. Never to decide."""

    def fetch(ids: list[str]) -> dict[str, Availability]:
        return availability(ids, consistent=False)

    return _shown.get_or_fetch_many(variant_ids, fetch, anew=True)


def shelf_states(variant_ids: Iterable[str]) -> dict[str, StockState]:
    """Whether each can be had, some seconds old: for lists and counts of the whole shelf."""
    kept = _states.get_or_fetch("all", _read_states)
    ids = list(dict.fromkeys(variant_ids))
    rest = _not_kept.get_or_fetch_many([key for key in ids if key not in kept], _looked_up)
    return {key: kept[key] if key in kept else rest[key] for key in ids}


def _read_states() -> Mapping[str, StockState]:
    return {item.variant_id: StockState(item.state) for item in states.every()}


def _looked_up(variant_ids: list[str]) -> dict[str, StockState]:
    items = _items_of(variant_ids, consistent=False)
    return {key: states.state_in(items.get(key, [])) for key in variant_ids}


def _with_expired(
    short: Mapping[str, Availability], reserved: Mapping[str, int]
) -> dict[str, Availability]:
    """The same with what holds past their end have of them; never more than is reserved at all,
    since some may have been ended after they were counted."""
    if not short:
        return {}
    ended = expired.units()
    more = {}
    for key, one in short.items():
        count = one.available + min(ended.units.get(key, 0), reserved[key])
        most = count if ended.complete else one.available + reserved[key]
        more[key] = replace(one, available=count, obtainable=most)
    return more


def _items_of(variant_ids: list[str], *, consistent: bool) -> dict[str, list[StockItem]]:
    """Stock items of all places, in one batch; shards of hot variants in a second."""
    places = warehouses.priorities()
    keys = [(variant_id, place) for variant_id in variant_ids for place in places]
    found = list(_batch(keys, consistent))
    # A variant that was hot until lately still has units in shards.
    hot = [item for item in found if item.hot]
    more = [
        (item.variant_id, shard_place(DEFAULT_PLACE, number))
        for item in hot
        for number in range(max(int(item.shards), int(item.shards_made)))
    ]
    if more:
        found += _batch(more, consistent)
    by_variant: dict[str, list[StockItem]] = {}
    for item in found:
        by_variant.setdefault(item.variant_id, []).append(item)
    return by_variant


def _batch(keys: list[tuple[str, str]], consistent: bool) -> Iterable[StockItem]:
    return dynamo.get_many(StockItem, keys, attributes=tables.WITHOUT_NOTES, consistent=consistent)


def _as_availability(variant_id: str, items: Iterable[StockItem]) -> Availability:
    found = list(items)
    count = _sum(found, "available")
    low = count <= _sum(found, "low_stock_at")
    return Availability(variant_id, count, low=low, obtainable=count)


def _sum(items: Iterable[StockItem], counter: str) -> int:
    return sum(int(getattr(item, counter)) for item in items)
