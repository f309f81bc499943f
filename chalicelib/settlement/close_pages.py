"""Closing the pages of an order that its buyer changes or cancels: money comes first."""

from chalicelib.kernel.errors import StaleState
from chalicelib.orders import snapshot
from chalicelib.orders.rules import AlreadyPaid, Order, OrderStatus, PaymentUnderWay
from chalicelib.orders.service import charge_of
from chalicelib.payments import pages
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement import outcomes, poll


def check_waits(order: Order) -> None:
    """Raises unless the order waits for its payment and no money for it is on its way: AlreadyPaid,
    PaymentUnderWay, and StaleState for one that is cancelled."""
    if order.status == OrderStatus.CANCELLED:
        raise StaleState()
    if order.status != OrderStatus.PENDING:
        raise AlreadyPaid()
    if any(one.status != PaymentStatus.PENDING for one in outcomes.open_attempts(order)):
        raise PaymentUnderWay()


def close(order: Order, payment: Payment, *, now: int) -> State:
    """Close one page at its provider: ENDED or FAILED, or OPEN where it can't be closed early.

    Raises AlreadyPaid or PaymentUnderWay when money came or is on its way, and what the provider
    raises. That the page has ended is not written down here: it would end the order with it.
    """
    outcome = pages.close_page(payment, charge_of(order, payment))
    check_nothing_came(order, payment, outcome, now=now)
    return outcome.state


def check_nothing_came(order: Order, payment: Payment, outcome: Outcome, *, now: int) -> None:
    """Raises AlreadyPaid or PaymentUnderWay for money, once that is written down: the order stays
    as it is."""
    if outcome.state not in (State.PAID, State.PROCESSING):
        return
    outcomes.apply(order.order_id, outcome, payment_id=payment.payment_id, now=now)
    found = snapshot.read(order.order_id)
    if found is None or found.order.status == OrderStatus.PENDING:
        raise PaymentUnderWay()
    # Other pages of a paid order shall take no second payment.
    poll.close_pages(found, now=now)
    raise AlreadyPaid()
