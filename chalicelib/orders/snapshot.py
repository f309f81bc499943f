"""An order with its payments and its units: read in one call, decided on, passed along.

Each item is read consistently; together they may be a moment apart. What is decided on them is
written only if each is still as it was read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.inventory.rules import Hold
from chalicelib.inventory.tables import HoldItem
from chalicelib.kernel.db.together import Key, Together
from chalicelib.orders.rules import Order, OrderNotFound, hold_id_of, payment_id_of
from chalicelib.orders.tables import OrderItem
from chalicelib.payments.rules import OPEN, Payment
from chalicelib.payments.tables import PaymentItem


@dataclass(frozen=True)
class Snapshot:
    """An order, its attempts to pay it, the oldest first, and its units, as they were read.

    `hold` is None where nobody asked for it.
    """

    order: Order
    payments: Sequence[Payment]
    hold: Hold | None = None

    def payment(self, payment_id: str | None = None) -> Payment | None:
        """The payment of this id, if it is one of the order's; without an id the newest attempt,
        or once the order is paid the one that paid it."""
        wanted = payment_id or self.order.payment_id
        return next((one for one in self.payments if one.payment_id == wanted), None)

    def open_attempts(self, *, but: str | None = None) -> Sequence[Payment]:
        """The attempts, all `but` this one, that may still bring money, or have brought some that
        is in question."""
        return [one for one in self.payments if one.status in OPEN and one.payment_id != but]

    def with_payment(self, changed: Payment) -> "Snapshot":
        """The same with this payment as it is by now."""
        names = changed.payment_id
        return replace(
            self,
            payments=tuple(changed if one.payment_id == names else one for one in self.payments),
        )


def read(order_id: str, *, hold: bool = True, have: Payment | None = None) -> Snapshot | None:
    """The order as it is now, with its payments and, unless it has no business here, its `hold`.

    One call to DynamoDB; one more for an order that was begun to be paid more than once. A payment
    that the caller has read already is not read again. None when there is no such order.
    """
    known = (PaymentItem, have.payment_id) if have else None
    wanted: list[Key] = [(OrderItem, order_id), *_expected(order_id, hold=hold)]
    found = Together(*(key for key in wanted if key != known))
    item = found.get(OrderItem, order_id)
    if item is None:
        return None
    order = item.as_order()
    found.read(*(key for key in _parts(order, hold=hold) if key != known))
    attempts = [
        have if have and one == have.payment_id else _payment(found, one)
        for one in order.payment_ids
    ]
    units = found.get(HoldItem, order.hold_id) if hold else None
    return Snapshot(
        order,
        tuple(one for one in attempts if one is not None),
        units.as_hold() if units else None,
    )


def _payment(found: Together, payment_id: str) -> Payment | None:
    item = found.get(PaymentItem, payment_id)
    return item.as_payment() if item else None


def _parts(order: Order, *, hold: bool) -> list[Key]:
    """What belongs to an order."""
    keys: list[Key] = [(PaymentItem, one) for one in order.payment_ids]
    return [*keys, (HoldItem, order.hold_id)] if hold else keys


def _expected(order_id: str, *, hold: bool) -> list[Key]:
    """The same of an order that is begun to be paid once, as nearly all are."""
    keys: list[Key] = [(PaymentItem, payment_id_of(order_id, 1))]
    return [*keys, (HoldItem, hold_id_of(order_id))] if hold else keys


def around(payment: Payment, *, hold: bool = False) -> Snapshot:
    """The order that a payment is to pay, and the payment as it was read. Raises OrderNotFound."""
    found = read(payment.reference, hold=hold, have=payment)
    if found is None:
        raise OrderNotFound()
    return found


def reader(order_id: str, known: Snapshot | None = None) -> Callable[[], Snapshot | None]:
    """Reads an order for one try after the other: first as it is `known`, then anew each time."""
    first = [known] if known else []
    return lambda: first.pop() if first else read(order_id)
