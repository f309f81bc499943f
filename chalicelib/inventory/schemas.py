"""Requests and answers about stock."""

from typing import Annotated

from pydantic import Field

from chalicelib.inventory.rules import DEFAULT_PLACE, MAX_SHARDS, Availability
from chalicelib.inventory.tables import LedgerItem
from chalicelib.kernel import clock
from chalicelib.kernel.web.schema import Body, Id, Query, Wire, text_field

Units = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Change = Annotated[int, Field(strict=True, ge=-1_000_000, le=1_000_000)]
Reason = Annotated[str, text_field(200)]


class Restock(Body):
    quantity: Units
    warehouse_id: Id = DEFAULT_PLACE
    reason: Reason = "restock"


class TakeBack(Restock):
    reason: Reason = "returned by the buyer"


class Adjust(Body):
    """`quantity` is the difference that was counted: 3 more, or -2 for two that are gone."""

    quantity: Change
    warehouse_id: Id = DEFAULT_PLACE
    reason: Reason


class Transfer(Body):
    quantity: Units
    warehouse_id: Id = DEFAULT_PLACE
    to_warehouse_id: Id
    reason: Reason = "transfer"


class Threshold(Body):
    quantity: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class Hot(Body):
    """Over how many shards the stock is split; 0 makes the variant unsharded again."""

    shards: Annotated[int, Field(strict=True, ge=0, le=MAX_SHARDS)]


class LedgerQuery(Query):
    variant_id: Id
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(pattern="^[0-9]{1,40}$")] | None = None


class AvailabilityAnswer(Wire):
    variant_id: str
    available: int
    low: bool
    sold_out: bool

    @classmethod
    def of(cls, found: Availability) -> "AvailabilityAnswer":
        return cls(
            variant_id=found.variant_id,
            available=found.available,
            low=found.low,
            sold_out=found.sold_out,
        )


class StockAnswer(Wire):
    """A variant's counters over all its places."""

    variant_id: str
    available: int
    reserved: int
    sold: int
    stocked: int
    low_stock_at: int
    shards: int


class LedgerEntry(Wire):
    sequence: str
    place: str
    type: str
    quantity: int
    before: dict[str, int]
    after: dict[str, int]
    reference: str | None
    operator: str | None
    reason: str | None
    at: str

    @classmethod
    def of(cls, item: LedgerItem) -> "LedgerEntry":
        return cls(
            sequence=item.sequence,
            place=item.place,
            type=item.type,
            quantity=int(item.quantity),
            before=item.before,
            after=item.after,
            reference=item.reference,
            operator=item.operator,
            reason=item.reason,
            at=clock.iso(int(item.at)),
        )


class LedgerAnswer(Wire):
    items: list[LedgerEntry]
    next_cursor: str | None

    @classmethod
    def of(cls, items: list[LedgerItem], limit: int) -> "LedgerAnswer":
        more = items[-1].sequence if len(items) == limit else None
        return cls(items=[LedgerEntry.of(item) for item in items], next_cursor=more)


class DriftAnswer(Wire):
    """A counter that disagrees: what it says, and what its holds and its ledger say."""

    variant_id: str
    warehouse_id: str
    counter: str
    stored: int
    should: int
