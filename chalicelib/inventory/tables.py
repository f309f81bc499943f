"""Stock, holds and the ledger.

Access patterns
    read   a variant's stock           Get    stock (variant_id, place)
    read   the stock of a page         Batch  stock, for showing only
    write  hold, release, commit       Transaction over stock items and one hold
    read   a hold                      Get    holds (hold_id)
    read   holds past their end        Query  holds.by_expiry (expiry_shard, expires_at), 16 shards
    write  a movement                  Put    ledger (variant_id, sequence), from stock's stream
    read   a variant's ledger          Query  ledger (variant_id) newest first

A hold is one item however many lines it has: with 50 lines, order, payment and cart, a checkout
stays far below the 100 actions of a transaction.
"""

from collections.abc import Iterator

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection

from chalicelib.inventory.rules import Hold, HoldStatus, StockKey
from chalicelib.kernel.dynamo import Document, Index, PlainList, PlainMap
from chalicelib.kernel.ids import shard

EXPIRY_SHARDS = 16


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
    # Only while HELD: a hold that has ended leaves the index by losing its key.
    expiry_shard = UnicodeAttribute(null=True)

    by_expiry = ByExpiry()

    def as_hold(self) -> Hold:
        units = {
            StockKey(unit["variant_id"], unit["place"]): unit["quantity"] for unit in self.units
        }
        return Hold(
            hold_id=self.hold_id,
            status=HoldStatus(self.status),
            units=units,
            expires_at=int(self.expires_at),
            version=int(self.version),
            reference=self.reference,
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
    reference = UnicodeAttribute(null=True)
    operator = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    at = NumberAttribute()


def units_of(hold: Hold) -> list[dict[str, str | int]]:
    """A hold's units as they are stored."""
    return [
        {"variant_id": key.variant_id, "place": key.place, "quantity": quantity}
        for key, quantity in sorted(hold.units.items(), key=lambda unit: unit[0].variant_id)
    ]


def expiry_shard(hold_id: str) -> str:
    return shard(hold_id, EXPIRY_SHARDS)


def holds_past_their_end(now: int, page_size: int = 100) -> Iterator[str]:
    """Ids of holds that ended before `now`, from all shards. The index may lag: the release of
    each is conditional on the hold itself."""
    for number in range(EXPIRY_SHARDS):
        for item in HoldItem.by_expiry.query(
            f"{number:02d}", HoldItem.expires_at <= now, page_size=page_size
        ):
            yield item.hold_id
