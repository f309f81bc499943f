"""The use cases of an order: place, read, and what its payment makes of it.

Every step is one transaction over order, payment and stock, conditional on the status it leaves.
The order is the proof of what was done: a webhook that comes twice finds the step taken.
"""

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold, HoldStatus, OutOfStock
from chalicelib.kernel import dynamo, security, telemetry
from chalicelib.kernel.errors import LostRace
from chalicelib.kernel.transaction import Transaction, settle_races
from chalicelib.orders import rules
from chalicelib.orders.rules import Order, OrderNotFound, OrderStatus, Reason
from chalicelib.orders.tables import OrderItem, item_of
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Charge, ChargeLine, Outcome, State
from chalicelib.payments.rules import Payment, PaymentStatus, mismatch

# Adds a write of its own to a step's transaction, e.g. the webhook's log row.
Also = Callable[[Transaction], None]

PROCESSING_HOLD_SECONDS = 3600
REVIEW_HOLD_SECONDS = 86_400


def place(tx: Transaction, order: Order) -> None:
    """Write a new order. LostRace when it is there already."""
    tx.put(item_of(order), condition=OrderItem.order_id.does_not_exist(), otherwise=LostRace())


def read(order_id: str) -> Order | None:
    """The order as it is now."""
    item = dynamo.get(OrderItem, order_id)
    return item.as_order() if item else None


def read_for(order_id: str, token: str | None, user_id: str | None = None) -> tuple[Order, Payment]:
    """The order for whoever holds its token, or whose it is. Raises OrderNotFound, whatever is
    wrong."""
    order = read(order_id)
    if order is None:
        raise OrderNotFound()
    holds = security.same(order.access_token, token or "")
    if not holds and (user_id is None or order.user_id != user_id):
        raise OrderNotFound()
    return order, _payment_of(order)


def buyers_of(payment_id: str | None) -> Sequence[str]:
    """Identities of whoever began the payment: e-mail, address, account. Nobody's is nobody."""
    payment = payments.read(payment_id) if payment_id else None
    order = read(payment.reference) if payment else None
    held = inventory.read_hold(order.hold_id) if order else None
    return held.holders if held else ()


def charge_of(order: Order) -> Charge:
    """What the provider is asked for; made from the order alone, the same each time."""
    lines = [
        ChargeLine(_named(line.variant_name, order.locale), line.unit_price, line.quantity)
        for line in order.lines
    ]
    if order.shipping and order.shipping_price.amount:
        name = _named(order.shipping["name"], order.locale)
        lines.append(ChargeLine(name, order.shipping_price, 1))
    return Charge(
        payment_id=order.payment_id,
        reference=order.order_id,
        number=order.number,
        lines=lines,
        total=order.total,
        email=order.email,
        locale=order.locale,
        success_url=f"{order.shop_url}/order.html?session={{CHECKOUT_SESSION_ID}}{order.fragment}",
        cancel_url=f"{order.shop_url}/order.html?cancelled=1{order.fragment}",
        expires_at=order.expires_at,
    )


def apply(order_id: str, outcome: Outcome, *, now: int, also: Also | None = None) -> None:
    """Make of an order what its provider says of its payment; said again, nothing more happens.

    Raises OrderNotThereYet when there is no such order, so that the webhook is tried again.
    """

    def attempt() -> None:
        order = read(order_id)
        if order is None:
            raise rules.OrderNotThereYet(order_id)
        payment = _payment_of(order)
        if outcome.state == State.PAID:
            _paid(order, payment, outcome, now=now, also=also)
        elif outcome.state == State.PROCESSING:
            _processing(order, payment, outcome, also=also)
        elif outcome.state == State.ENDED:
            _over(order, payment, Reason.EXPIRED, outcome, now=now, also=also)
        elif outcome.state == State.FAILED:
            _over(order, payment, Reason.PAYMENT_FAILED, outcome, now=now, also=also)
        else:
            _only(also)

    settle_races(attempt)


def refuse(order_id: str, *, now: int) -> None:
    """Cancel an order whose payment could not even be begun, and give its units back."""

    def attempt() -> None:
        order = read(order_id)
        if order is not None:
            _over(order, _payment_of(order), Reason.REFUSED, None, now=now, also=None)

    settle_races(attempt)


def _paid(order: Order, payment: Payment, outcome: Outcome, *, now: int, also: Also | None) -> None:
    wrong = mismatch(payment, outcome)
    if payment.status in (PaymentStatus.SUCCESS, PaymentStatus.REFUNDED, PaymentStatus.REVIEW):
        _only(also)
    elif payment.status == PaymentStatus.REFUNDING:
        _refund_late(order, payment, outcome, now=now, also=also)
    elif wrong:
        _park(payment, outcome, wrong, also=also)
    elif order.status == OrderStatus.PENDING:
        _settle(order, payment, outcome, now=now, also=also)
    else:
        _revive(order, payment, outcome, now=now, also=also)


def _settle(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, also: Also | None
) -> None:
    """PENDING to PAID: order, payment and stock in one transaction."""
    held = _hold_of(order)
    if held.status != HoldStatus.HELD:
        # Given back though the order still waits: no code does this, a hand in the table may.
        return _revive(order, payment, outcome, now=now, also=also)
    with Transaction() as tx:
        _take_step(tx, order, OrderStatus.PAID, Reason.PAID, now)
        payments.conclude(tx, payment, PaymentStatus.SUCCESS, outcome)
        inventory.commit(tx, held, now=now)
        if also:
            also(tx)
    telemetry.metric({"OrderPaid": 1})
    return None


def _revive(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, also: Also | None
) -> None:
    """Paid after the order was given up: have the units again, or give the money back."""
    released = _hold_of(order)
    try:
        units = inventory.find_units(released.quantities, end=inventory.end_reservation, now=now)
        with Transaction() as tx:
            _take_step(tx, order, OrderStatus.PAID, Reason.REVIVED, now)
            payments.conclude(tx, payment, PaymentStatus.SUCCESS, outcome)
            inventory.sell(tx, released, units, now=now)
            if also:
                also(tx)
    except OutOfStock:
        with Transaction() as tx:
            # Decided before the provider is asked: whoever repeats this must refund as well.
            payments.conclude(tx, payment, PaymentStatus.REFUNDING, outcome)
        decided = _payment_of(order)
        _refund_late(order, decided, outcome, now=now, also=also)


def _refund_late(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, also: Also | None
) -> None:
    payments.give_back(payment, outcome.amount or payment.amount, key=f"late:{payment.payment_id}")
    with Transaction() as tx:
        tx.update(
            OrderItem(order.order_id),
            [_remember(order.status, order.status, Reason.REFUNDED_LATE, now)],
            condition=OrderItem.status == order.status,
            otherwise=LostRace(),
        )
        payments.conclude(tx, payment, PaymentStatus.REFUNDED)
        if also:
            also(tx)


def _park(payment: Payment, outcome: Outcome, reason: str, *, also: Also | None) -> None:
    """Money that is not what was asked for waits for a person; the units stay held."""
    telemetry.logger().error("payment needs review", extra={"payment_id": payment.payment_id})
    with Transaction() as tx:
        payments.conclude(tx, payment, PaymentStatus.REVIEW, outcome, reason)
        if also:
            also(tx)


def _processing(order: Order, payment: Payment, outcome: Outcome, *, also: Also | None) -> None:
    if order.status != OrderStatus.PENDING or payment.status != PaymentStatus.PENDING:
        return _only(also)
    with Transaction() as tx:
        payments.conclude(tx, payment, PaymentStatus.PROCESSING, outcome)
        if also:
            also(tx)
    return None


def _over(
    order: Order,
    payment: Payment,
    reason: Reason,
    outcome: Outcome | None,
    *,
    now: int,
    also: Also | None,
) -> None:
    """PENDING to CANCELLED: the units go back in the same transaction."""
    if order.status != OrderStatus.PENDING or payment.status == PaymentStatus.REVIEW:
        return _only(also)
    held = _hold_of(order)
    ended = PaymentStatus.EXPIRED if reason == Reason.EXPIRED else PaymentStatus.FAILED
    with Transaction() as tx:
        _take_step(tx, order, OrderStatus.CANCELLED, reason, now)
        payments.conclude(tx, payment, ended, outcome)
        if held.status == HoldStatus.HELD:
            inventory.release(tx, held, now=now)
        if also:
            also(tx)
    telemetry.metric({"OrderCancelled": 1})
    return None


def _take_step(tx: Transaction, order: Order, to: OrderStatus, reason: Reason, now: int) -> None:
    rules.step(order.status, to)
    tx.update(
        OrderItem(order.order_id),
        [OrderItem.status.set(to), _remember(order.status, to, reason, now)],
        condition=_still(order.status),
        otherwise=LostRace(),
    )


def _still(status: OrderStatus) -> Any:
    """The order is as it was read: the one condition that lets a step be taken once."""
    return OrderItem.status == status


def _remember(before: OrderStatus, to: OrderStatus, reason: Reason, now: int) -> Any:
    line = rules.entry(before, to, reason, now, who="payment")
    return OrderItem.history.set(OrderItem.history.append([line]))


def _only(also: Also | None) -> None:
    if also:
        with Transaction() as tx:
            also(tx)


def _payment_of(order: Order) -> Payment:
    payment = payments.read(order.payment_id)
    if payment is None:
        raise RuntimeError(f"order {order.order_id} has no payment: written in one transaction")
    return payment


def _hold_of(order: Order) -> Hold:
    held = inventory.read_hold(order.hold_id)
    if held is None:
        raise RuntimeError(f"order {order.order_id} has no hold: written in one transaction")
    return held


def _named(names: Any, locale: str) -> str:
    return str(names.get(locale) or names["en"])
