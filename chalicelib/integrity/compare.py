"""What the check compares, table by table: a slice of rows at a time (check.py goes through them).

What looks wrong is read again before it counts: two things are never read in one moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.balance import check as balance_check
from chalicelib.inventory import service as inventory
from chalicelib.inventory.ledger import check as stock_check
from chalicelib.inventory.ledger.check import Book, OpenHolds
from chalicelib.inventory.rules import Hold, HoldStatus, StockKey
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.messaging.rows import Done
from chalicelib.orders.rules import OrderStatus
from chalicelib.orders.tables import CheckItem, OrderItem

EXPECTED = {
    OrderStatus.PENDING: HoldStatus.HELD,
    OrderStatus.PAID: HoldStatus.COMMITTED,
    OrderStatus.CANCELLED: HoldStatus.RELEASED,
    # What was bought may be with the buyer: it comes back to stock by hand, or not at all.
    OrderStatus.REFUNDED: HoldStatus.COMMITTED,
}
# What is found, by kind, and the metric that an alarm looks at.
METRICS = {"drifts": "StockDrift", "orders": "OrderHoldMismatch", "balances": "BalanceMismatch"}

Row = dict[str, Any]


@dataclass
class Slice:
    """What one slice found, by kind, and what its rows came to."""

    run: CheckItem
    done: Done
    findings: dict[str, list[Row]]
    carried: Row | None
    now: int
    repaired: int = 0

    def drift(self, found: list[stock_check.Drift]) -> None:
        self.findings["drifts"] += [
            {
                "variant_id": drift.key.variant_id,
                "warehouse_id": drift.key.place,
                "counter": drift.counter,
                "stored": drift.stored,
                "should": drift.should,
            }
            for drift in found
        ]
        if self.run.repair:
            self.repaired += stock_check.repair(found, self.run.operator, self.now)

    def each(
        self, items: Sequence[Any], key: Callable[[Any], str], work: Callable[[Any], None]
    ) -> None:
        """Each row fails alone: it is logged with its id and counted."""
        for item in items:
            try:
                work(item)
                self.done.done += 1
            except Exception as error:
                self.done.fail(key(item), error)


def _stock(made: Slice, items: list[Any], *, last: bool) -> None:
    holds = OpenHolds() if items else None
    for hold_id, error in holds.unread.items() if holds else ():
        made.done.fail(hold_id, error)

    # Read once for all that look wrong: of a shop that drifts everywhere each would read all holds.
    fresh: list[OpenHolds] = []

    def compare(item: Any) -> None:
        assert holds is not None
        if stock_check.drifts(item, holds):
            if not fresh:
                fresh.append(OpenHolds())
            key = StockKey(item.variant_id, item.place)
            made.drift(stock_check.confirmed(key, fresh[0]))
        if not stock_check.has_ledger(item):
            made.drift([stock_check.unwritten(item)])

    made.each(items, lambda item: f"{item.variant_id}/{item.place}", compare)


def _ledger(made: Slice, items: list[Any], *, last: bool) -> None:
    """A variant's entries lie together, in order: with the next one's first, all were read."""
    book = Book.of(made.carried) if made.carried else None

    def close(book: Book) -> None:
        made.drift(stock_check.book_drifts(book))

    for item in items:
        if book is not None and book.variant_id != item.variant_id:
            made.each([book], lambda one: one.variant_id, close)
            book = None
        book = book or Book(item.variant_id)
        made.each([item], lambda one: f"{one.variant_id}/{one.sequence}", book.read)
    if book is not None and last:
        made.each([book], lambda one: one.variant_id, close)
        book = None
    made.carried = book.stored() if book else None


def _orders(made: Slice, items: list[OrderItem], *, last: bool) -> None:
    holds = stock_check.holds_of([item.hold_id for item in items])

    def compare(item: OrderItem) -> None:
        if _agree(item, holds.get(item.hold_id)):
            return
        # Read again: the two are never read in one moment.
        again = dynamo.get(OrderItem, item.order_id)
        hold = inventory.read_hold(item.hold_id)
        if again is not None and not _agree(again, hold):
            made.findings["orders"].append(
                {
                    "order_id": again.order_id,
                    "status": again.status,
                    "hold": hold.status if hold else None,
                }
            )

    made.each(items, lambda item: str(item.order_id), compare)


def _agree(order: OrderItem, hold: Hold | None) -> bool:
    """The hold is in the state that the order's asks for, and has what was ordered."""
    if hold is None or hold.status != EXPECTED[OrderStatus(order.status)]:
        return False
    ordered: dict[str, int] = {}
    for line in order.lines:
        ordered[line["variant_id"]] = ordered.get(line["variant_id"], 0) + int(line["quantity"])
    return hold.quantities == ordered


def _balances(made: Slice, items: list[Any], *, last: bool) -> None:
    def compare(item: Any) -> None:
        wrong = balance_check.mismatch(item)
        made.findings["balances"] += [_balance(one) for one in wrong]

    made.each(items, lambda item: f"{item.user_id}/{item.currency}", compare)


def _entries(made: Slice, items: list[Any], *, last: bool) -> None:
    """Movements whose balance is gone."""
    keys = {(item.user_id, item.currency) for item in items if item.user_id is not None}
    there = balance_check.kept(keys)

    def compare(key: tuple[str, str]) -> None:
        wrong = balance_check.orphans(*key)
        known = made.run.findings.get("balances", []) + made.findings["balances"]
        made.findings["balances"] += [
            found for one in wrong if (found := _balance(one)) not in known
        ]

    made.each(sorted(keys - there), "/".join, compare)
    made.done.done += len(items)


def _balance(found: balance_check.Mismatch) -> Row:
    return {
        "user_id": found.user_id,
        "currency": found.balance.currency,
        "balance": found.balance.amount,
        "ledger": found.ledger.amount,
    }


# What a run goes through, in this order.
PARTS: Mapping[str, tuple[type[Any], Callable[..., None]]] = {
    "stock": (stock_check.STOCK, _stock),
    "ledger": (stock_check.LEDGER, _ledger),
    "orders": (OrderItem, _orders),
    "balances": (balance_check.BALANCES, _balances),
    "entries": (balance_check.ENTRIES, _entries),
}
