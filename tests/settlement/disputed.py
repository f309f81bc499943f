"""What tests of disputes do with a paid order, and how they look at it."""

from chalicelib.kernel import clock
from chalicelib.kernel.ids import token
from chalicelib.kernel.money import Money
from chalicelib.payments import disputes
from chalicelib.payments.rules import RefundTo
from chalicelib.settlement import reconcile, refunding
from tests.balance.buyers import TOTAL, order_of, payment_of

LATER = reconcile.USUAL_SECONDS + 1
WHOLE = Money(TOTAL, "USD")


def give_back(placed, amount: int | None = None, *, to=RefundTo.ORIGIN, operation=None):
    how = {"reason": "broken", "by": "owner", "operation": operation or token(), "to": to}
    return refunding.refund(placed.order.order_id, amount, now=clock.now(), **how)[1][0]


def tell(shop, events) -> None:
    for event in events:
        assert shop.deliver(event).status_code == 200
    shop.drain()


def reasons(placed) -> list[str]:
    return [line["reason"] for line in order_of(placed).history]


def mark_of(placed) -> tuple[str | None, int]:
    found = order_of(placed)
    return found.dispute, found.dispute_amount


def payments_say(placed):
    return disputes.asked(payment_of(placed))
