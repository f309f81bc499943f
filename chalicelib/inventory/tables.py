"""Stock, holds and the ledger.

Access patterns
    read   a variant's stock            Query  stock (variant_id): warehouses, shards, consistent
    read   what is available of it      Query  stock (variant_id), consistent, without the notes
    read   the stock of a page          Batch  stock, for showing only
    write  hold, release, commit        Transaction over stock items and one hold
    write  take from a hot variant      Update stock (one shard), the hold's id inside
    read   all variants of a warehouse  Query  stock.by_place (place, variant_id)
    read   hot variants                 Query  stock.by_hot (hot, variant_id), sparse
    read   a hold                       Get    holds (hold_id)
    read   holds past their end         Query  holds.by_expiry (expiry_shard, expires_at), 4 shards
    read   ends that are unfinished     Query  holds.by_expiry, filtered
    write  an operator's movement       Transaction over stock and operations (once per key)
    write  a movement's record          Put    ledger (variant_id, sequence), from stock's stream
    read   a variant's ledger           Query  ledger (variant_id) newest first, or since an entry
    read   all open holds               Query  holds.by_expiry, 4 shards: the check's
    read   everything                   Scan   stock and ledger, page by page: the check's
    read   the warehouses               Get    warehouses (name), kept in memory
    write  an identity's open holds     Update allowances (identity), conditional on their number;
                                               answers all of them, so that their units are added up
    write  those that have ended        Update allowances, struck from the set
    read   them, when a limit is met    Get    allowances, consistent; then their holds
    write  whether a variant can be had Put    stock-states (shard, variant_id), when that changes
    read   what was written of it       Get    stock-states, consistent, before writing
    read   the same for the whole shelf Query  stock-states (shard), 8 shards, for showing only

A hold is one item however many lines it has. It has MOST_PLACES places at most (rules.py), so that
with order, payment and cart each transaction stays below DynamoDB's 100 actions.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, KeysOnlyProjection

from chalicelib.inventory.rules import Hold, StockKey, Units
from chalicelib.kernel.db import dynamo, mapping
from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.values import PlainList, PlainMap
from chalicelib.kernel.ids import shard

# Keys of the index of open holds: each takes 1,000 writes a second, and the sweeper reads them all.
EXPIRY_SHARDS = 4
HOT = "hot"  # the one key of the sparse index


class ByPlace(Index["StockItem"]):
    class Meta:
        index_name = "by_place"
        projection = KeysOnlyProjection()

    place = UnicodeAttribute(hash_key=True)
    variant_id = UnicodeAttribute(range_key=True)


class ByHot(Index["StockItem"]):
    class Meta:
        index_name = "by_hot"
        projection = KeysOnlyProjection()

    hot = UnicodeAttribute(hash_key=True)
    variant_id = UnicodeAttribute(range_key=True)


class StockItem(Document):
    """stocked = available + reserved + sold, each of them zero or more, in every reading."""

    class Meta:
        table = "stock"

    variant_id = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)
    available = NumberAttribute(default=0)
    reserved = NumberAttribute(default=0)
    sold = NumberAttribute(default=0)
    stocked = NumberAttribute(default=0)
    low_stock_at = NumberAttribute(default=0)
    # What this write did; the stream makes the ledger of it, so there is no second write to lose.
    last_movement = PlainMap(null=True)
    # A hot variant's main item: over how many shards its stock is split; `hot` lists it.
    shards = NumberAttribute(default=0)
    # The most shards there ever were: those above `shards` may still hold units.
    shards_made = NumberAttribute(default=0)
    hot = UnicodeAttribute(null=True)
    # A shard lists its own holds (`{hold_id: {"q": 2, "exp": …}}`), so that one write both takes
    # and remembers, and a repeat of it recognises itself.
    holds = PlainMap(null=True)
    # Low stock has been told of; the next units that come in take it back.
    low_told = BooleanAttribute(default=False)

    by_place = ByPlace()
    by_hot = ByHot()


# What readers need who only ask how much there is.
WITHOUT_NOTES = (
    StockItem.variant_id,
    StockItem.place,
    StockItem.available,
    StockItem.reserved,
    StockItem.low_stock_at,
    StockItem.shards,
    StockItem.shards_made,
    StockItem.hot,
)


class ByExpiry(Index["HoldItem"]):
    class Meta:
        index_name = "by_expiry"
        projection = AllProjection()

    expiry_shard = UnicodeAttribute(hash_key=True)
    expires_at = NumberAttribute(range_key=True)


class HoldItem(Document):
    class Meta:
        table = "holds"

    hold_id = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    units = PlainList()
    expires_at = NumberAttribute()
    version = NumberAttribute()
    reference = UnicodeAttribute(null=True)
    since = NumberAttribute(default=0)
    holders = PlainList(default=list)
    # Of a hold that ended and was too large for one transaction: units still to be moved.
    unfinished = PlainList(null=True)
    # While HELD or unfinished: a hold that has ended leaves the index by losing its key.
    expiry_shard = UnicodeAttribute(null=True)

    by_expiry = ByExpiry()

    def as_hold(self) -> Hold:
        return mapping.loaded(
            Hold,
            self,
            units=_as_units(self.units),
            unfinished=_as_units(self.unfinished or ()),
        )


class LedgerItem(Document):
    """One movement of one stock item. The key is the stream's sequence number: a record that the
    stream repeats lands on itself."""

    class Meta:
        table = "ledger"

    variant_id = UnicodeAttribute(hash_key=True)
    sequence = UnicodeAttribute(range_key=True)
    place = UnicodeAttribute()
    type = UnicodeAttribute()
    quantity = NumberAttribute()
    before = PlainMap()
    after = PlainMap()
    # The movement's own id: tells whether the ledger has caught up with the item.
    movement = UnicodeAttribute(null=True)
    reference = UnicodeAttribute(null=True)
    operator = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    at = NumberAttribute()


class WarehousesItem(Document):
    """The shop's warehouses, all in one item: `[{"id", "name", "priority"}]`."""

    class Meta:
        table = "warehouses"

    name = UnicodeAttribute(hash_key=True)
    warehouses = PlainList()


class OperationItem(Document):
    """An operator's movement that was done: the same key does nothing a second time."""

    class Meta:
        table = "operations"

    operation_id = UnicodeAttribute(hash_key=True)
    what = PlainMap()
    at = NumberAttribute()


class AllowanceItem(Document):
    """The holds of one identity, as a set of entries: each names a hold and its units."""

    class Meta:
        table = "allowances"

    identity = UnicodeAttribute(hash_key=True)
    open_holds = UnicodeSetAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class StockStateItem(Document):
    """How one variant stands. In shards, so that no key is everybody's."""

    class Meta:
        table = "stock-states"

    shard = UnicodeAttribute(hash_key=True)
    variant_id = UnicodeAttribute(range_key=True)
    state = UnicodeAttribute()


def as_stored(units: Units) -> list[dict[str, str | int]]:
    """Units by place as they are stored."""
    return [
        {"variant_id": key.variant_id, "place": key.place, "quantity": quantity}
        for key, quantity in sorted(
            units.items(), key=lambda unit: (unit[0].variant_id, unit[0].place)
        )
    ]


def _as_units(stored: Iterable[Mapping[str, Any]]) -> dict[StockKey, int]:
    return {StockKey(unit["variant_id"], unit["place"]): unit["quantity"] for unit in stored}


def expiry_shard(hold_id: str) -> str:
    return shard(hold_id, EXPIRY_SHARDS)


def holds_past_their_end(now: int, page_size: int = 100) -> Iterator[str]:
    """Ids of holds that ended before `now`, from all shards. The index may lag: the release of
    each is conditional on the hold itself.

    In an order of each caller's own, so that sweepers at once share the work instead of all
    meeting at every hold.
    """
    for shard_of_index in expired_by_shard(now, page_size):
        yield from shard_of_index


def expired_by_shard(now: int, page_size: int = 100) -> list[Iterator[str]]:
    """The same, each shard by itself: one that can't be read keeps no other back."""
    numbers = random.sample(range(EXPIRY_SHARDS), EXPIRY_SHARDS)
    return [_expired_in(number, now, page_size) for number in numbers]


def _expired_in(number: int, now: int, page_size: int) -> Iterator[str]:
    # The key alone: a row that can't be read must not end the list.
    keys = HoldItem.by_expiry.query(
        f"{number:02d}",
        HoldItem.expires_at <= now,
        page_size=page_size,
        attributes_to_get=["hold_id"],
    )
    yield from (key.hold_id for key in keys)


def stock_of(variant_id: str) -> list[StockItem]:
    """All stock items of a variant, read consistently: warehouses and shards."""
    return list(StockItem.query(variant_id, consistent_read=True))


def rooms_of(variant_id: str) -> list[StockItem]:
    """All places of a variant with what is available there, read consistently.

    Without the shards' notes: of a variant that sells by the hundred they are most of the bytes.
    """
    names = [attribute.attr_name for attribute in WITHOUT_NOTES]
    return list(StockItem.query(variant_id, consistent_read=True, attributes_to_get=names))


def hot_variants() -> Iterator[str]:
    """Variants that are hot, or were and still have stock in shards."""
    for item in StockItem.by_hot.query(HOT, attributes_to_get=["variant_id"]):
        yield item.variant_id


def read_hold(hold_id: str) -> Hold | None:
    """The hold as it is now."""
    item = dynamo.get(HoldItem, hold_id)
    return item.as_hold() if item else None


def variants_at(place: str, *, limit: int, after: str | None) -> list[str]:
    """Variants that one warehouse has a stock item of, in their order, those after one."""
    condition = StockItem.variant_id > after if after else None
    return [item.variant_id for item in StockItem.by_place.query(place, condition, limit=limit)]
