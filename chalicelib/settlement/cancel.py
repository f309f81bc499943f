"""A waiting order that its buyer does not want any more: its units go back at once."""

from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.orders.rules import Order, OrderNotFound, OrderStatus, Reason
from chalicelib.orders.service import read
from chalicelib.payments import service as payments
from chalicelib.payments.ports import State
from chalicelib.payments.rules import PaymentStatus
from chalicelib.settlement import close_pages, outcomes, write

CANCELLED = "cancelled by its buyer"


def cancel_unpaid(order_id: str, *, now: int) -> Order:
    """Cancel an order that waits for its payment; cancelled already, it is answered as it is.

    Its pages are closed at their providers first. Raises OrderNotFound, AlreadyPaid and
    PaymentUnderWay, also when that shows only now, and what the provider raises: then the order
    stays. A page that can't be closed early stays under watch; what is paid there after all revives
    the order or goes back, like any late payment.
    """

    def attempt() -> Order:
        order = read(order_id)
        if order is None:
            raise OrderNotFound()
        if order.status == OrderStatus.CANCELLED:
            return order
        close_pages.check_waits(order)
        pages = outcomes.open_attempts(order)
        ended = [one for one in pages if close_pages.close(order, one, now=now) != State.OPEN]
        with Transaction() as tx:
            write.cancel(tx, order, Reason.CANCELLED, now, who="buyer")
            for one in ended:
                payments.conclude(tx, one, PaymentStatus.EXPIRED, reason=CANCELLED)
        return read(order_id) or order

    return retry_on_conflict(attempt)
