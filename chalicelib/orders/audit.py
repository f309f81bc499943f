"""The check over everything that must add up: stock, holds, its ledger, the orders behind holds,
and the store balances.
"""

from dataclasses import dataclass
from typing import Any

from chalicelib.balance import check as balance_check
from chalicelib.balance.check import Mismatch
from chalicelib.inventory import service as inventory
from chalicelib.inventory.check import Report
from chalicelib.inventory.rules import HoldStatus
from chalicelib.kernel import dynamo, telemetry
from chalicelib.orders.rules import OrderStatus
from chalicelib.orders.tables import OrderItem

EXPECTED = {
    OrderStatus.PENDING: HoldStatus.HELD,
    OrderStatus.PAID: HoldStatus.COMMITTED,
    OrderStatus.CANCELLED: HoldStatus.RELEASED,
    # What was bought may be with the buyer: it comes back to stock by hand, or not at all.
    OrderStatus.REFUNDED: HoldStatus.COMMITTED,
}


@dataclass(frozen=True)
class Audit:
    """`orders` are those whose hold is not in the state that theirs asks for; `balances` those that
    are not the sum of their movements."""

    stock: Report
    orders: list[dict[str, Any]]
    balances: list[Mismatch]


def audit(*, repair: bool, operator: str, now: int) -> Audit:
    """Compare everything, as a job: it reads whole tables."""
    report = inventory.check_stock(repair=repair, operator=operator, now=now)
    wrong = [found for item in dynamo.everything(OrderItem) if (found := _mismatch(item))]
    telemetry.metric({"OrderHoldMismatch": len(wrong)})
    return Audit(report, wrong, balance_check.compare())


def _mismatch(item: OrderItem) -> dict[str, Any] | None:
    hold = inventory.read_hold(item.hold_id)
    told = hold.status if hold else None
    if told == EXPECTED[OrderStatus(item.status)]:
        return None
    # Read again: the two are never read in one moment.
    again = dynamo.get(OrderItem, item.order_id)
    hold = inventory.read_hold(item.hold_id)
    told = hold.status if hold else None
    if again is None or told == EXPECTED[OrderStatus(again.status)]:
        return None
    return {"orderId": again.order_id, "status": again.status, "hold": told}
