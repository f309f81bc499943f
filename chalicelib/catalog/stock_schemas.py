"""The report of stock with what it is worth: stock is inventory's, prices are the catalogue's."""

from typing import Annotated

from pydantic import Field

from chalicelib.catalog.rules import Variant
from chalicelib.inventory.rules import DEFAULT_PLACE
from chalicelib.kernel.money import Money
from chalicelib.kernel.web.schema import Id, MoneyAnswer, Query, Wire

Row = tuple[str, dict[str, int], Variant | None]


class ReportQuery(Query):
    warehouse_id: Id = DEFAULT_PLACE
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Id | None = None


class ReportRow(Wire):
    variant_id: str
    sku_code: str | None
    name: str | None
    available: int
    reserved: int
    sold: int
    stocked: int
    low_stock_at: int
    low: bool
    shards: int
    # What lies in stock (available and reserved) at today's price; none where it has no price.
    value: MoneyAnswer | None

    @classmethod
    def of(cls, row: Row, currency: str) -> "ReportRow":
        variant_id, counters, variant = row
        priced = variant is not None and currency in variant.prices
        units = counters["available"] + counters["reserved"]
        worth = Money(variant.prices[currency] * units, currency) if variant and priced else None
        return cls(
            variant_id=variant_id,
            sku_code=variant.sku_code if variant else None,
            name=variant.name("en") if variant else None,
            low=counters["available"] <= counters["low_stock_at"],
            value=MoneyAnswer.maybe(worth),
            **counters,
        )


class StockTotals(Wire):
    """Variants on the shelf, counted: no more than the shelf shows anybody."""

    variants: int
    in_stock: int
    low: int
    sold_out: int


class StockReport(Wire):
    """The totals; items, a page of them, only for who manages stock."""

    totals: StockTotals
    items: list[ReportRow] | None = None
    next_cursor: str | None = None

    @classmethod
    def of(cls, totals: StockTotals, rows: list[Row], currency: str, limit: int) -> "StockReport":
        more = rows[-1][0] if len(rows) == limit else None
        items = [ReportRow.of(row, currency) for row in rows]
        return cls(totals=totals, items=items, next_cursor=more)
