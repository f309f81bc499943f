"""What its payments make of an order: paid, cancelled, revived, or the money sent back.

Every step is one transaction over order, payment and stock, conditional on the status it leaves.
The order is the proof of what was done: a webhook that comes twice finds the step taken. An order
may have several attempts to pay it; one pays it, and what another one brings goes back.
"""

from collections.abc import Sequence

from chalicelib.balance.rules import BalanceTooLow
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import BasketScattered, HoldStatus, OutOfStock
from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction, retry_on_conflict
from chalicelib.kernel.money import Money
from chalicelib.orders import rules
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.service import hold_of, payments_of, read
from chalicelib.orders.steps import take_step
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import OPEN, PAID, WAITING, Payment, PaymentStatus, mismatch
from chalicelib.settlement import store_credit
from chalicelib.settlement.send_back import send_back

# Why a payment waits for a person whose provider can't send money back.
BY_HAND = "not needed any more: to be given back by hand"

PROCESSING_HOLD_SECONDS = 3600
REVIEW_HOLD_SECONDS = 86_400


def apply(
    order_id: str,
    outcome: Outcome,
    *,
    payment_id: str | None = None,
    now: int,
    extra_writes: ExtraWrites | None = None,
) -> None:
    """Make of an order what a provider says of one of its payments, the newest unless another is
    named; said again, nothing more happens.

    Raises OrderNotThereYet when there is no such order, so that the webhook is tried again.
    """

    def attempt() -> None:
        order = read(order_id)
        payment = payments.read(payment_id or order.payment_id) if order else None
        if order is None or payment is None or payment.reference != order_id:
            raise rules.OrderNotThereYet(order_id)
        if outcome.state == State.PAID:
            _paid(order, payment, outcome, now=now, extra_writes=extra_writes)
        elif outcome.state == State.PROCESSING:
            _processing(order, payment, outcome, extra_writes=extra_writes)
        elif outcome.state == State.OPEN:
            _waits(payment, outcome, now=now, extra_writes=extra_writes)
        elif outcome.state == State.ENDED:
            _over(order, payment, Reason.EXPIRED, outcome, now=now, extra_writes=extra_writes)
        else:
            _over(
                order, payment, Reason.PAYMENT_FAILED, outcome, now=now, extra_writes=extra_writes
            )

    retry_on_conflict(attempt)


def refuse(order_id: str, *, now: int) -> None:
    """End the newest attempt, which could not even be begun; without another one that may still be
    paid the order is cancelled and its units go back."""

    def attempt() -> None:
        order = read(order_id)
        payment = payments.read(order.payment_id) if order else None
        if order is not None and payment is not None:
            _over(order, payment, Reason.REFUSED, None, now=now, extra_writes=None)

    retry_on_conflict(attempt)


def end_attempt(payment_id: str) -> None:
    """End an attempt that could not be begun; the order waits on, for another way to pay it."""

    def attempt() -> None:
        payment = payments.read(payment_id)
        if payment is not None and payment.status == PaymentStatus.PENDING:
            with Transaction() as tx:
                payments.conclude(tx, payment, PaymentStatus.FAILED)

    retry_on_conflict(attempt)


def cancel_unpaid(order_id: str, *, now: int) -> None:
    """Cancel an order that waits for money though no attempt is open any more."""

    def attempt() -> None:
        order = read(order_id)
        if order is not None and order.status == OrderStatus.PENDING and not open_attempts(order):
            with Transaction() as tx:
                cancel(tx, order, Reason.EXPIRED, now)

    retry_on_conflict(attempt)


def open_attempts(order: Order, *, but: str | None = None) -> Sequence[Payment]:
    """The order's attempts, all `but` this one, that may still bring money, or have brought some
    that is in question."""
    return [payment for payment in payments_of(order, but=but) if payment.status in OPEN]


def asks_for(payment: Payment, order: Order) -> bool:
    """Whether an attempt asks for what its order costs now: an order may have been changed since it
    was begun."""
    part = payment.store_credit_amount or Money(0, payment.amount.currency)
    return (payment.amount, part) == (order.due, order.part)


def can_pay(payment: Payment, order: Order) -> bool:
    """Whether a person may say that an attempt's money is enough: in another currency than its
    order is in by now, its refunds could not be reckoned."""
    return payment.amount.currency == order.currency


def _paid(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, extra_writes: ExtraWrites | None
) -> None:
    wrong = mismatch(payment, outcome)
    # What waits for a person waits no longer when one has said that it is enough.
    parked = payment.status == PaymentStatus.REVIEW and not outcome.agreed
    if parked or payment.status in PAID | {PaymentStatus.REFUNDED}:
        only(extra_writes)
    elif payment.status == PaymentStatus.REFUNDING:
        send_back(order, payment, outcome, now=now, extra_writes=extra_writes)
    elif wrong:
        _park(payment, outcome, wrong, extra_writes=extra_writes)
    elif not (asks_for(payment, order) or (outcome.agreed and can_pay(payment, order))):
        # Of before the order was changed: it is paid at its new page, for what it costs now.
        _decide_to_send_back(order, payment, outcome, now=now, extra_writes=extra_writes)
    elif order.status == OrderStatus.PENDING:
        settle(order, payment, outcome, now=now, extra_writes=extra_writes)
    elif order.status == OrderStatus.CANCELLED:
        revive(order, payment, outcome, now=now, extra_writes=extra_writes)
    else:
        # Another attempt was faster: an order is paid once.
        _decide_to_send_back(order, payment, outcome, now=now, extra_writes=extra_writes)


def settle(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, extra_writes: ExtraWrites | None
) -> None:
    """PENDING to PAID: order, payment and stock in one transaction."""
    held = hold_of(order)
    if held.status != HoldStatus.HELD:
        # Given back though the order still waits: no code does this, a hand in the table may.
        return revive(order, payment, outcome, now=now, extra_writes=extra_writes)
    with Transaction() as tx:
        take_step(tx, order, OrderStatus.PAID, Reason.PAID, now, paid_by=payment)
        payments.conclude(
            tx, payment, PaymentStatus.SUCCESS, outcome, store_credit_amount=order.part
        )
        inventory.commit(tx, held, now=now)
        if extra_writes:
            extra_writes(tx)
    telemetry.metric({"OrderPaid": 1})
    return None


def revive(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, extra_writes: ExtraWrites | None
) -> None:
    """Paid after the order was given up: have units and the balance's part again, or give the
    money back."""
    released = inventory.finish(hold_of(order), now=now)
    try:
        units = inventory.find_units(released.quantities, end=inventory.end_reservation, now=now)
        with Transaction() as tx:
            take_step(tx, order, OrderStatus.PAID, Reason.REVIVED, now, paid_by=payment)
            payments.conclude(
                tx, payment, PaymentStatus.SUCCESS, outcome, store_credit_amount=order.part
            )
            inventory.sell(tx, released, units, now=now)
            if order.status == OrderStatus.CANCELLED:
                store_credit.take_again(tx, order, now=now)
            if extra_writes:
                extra_writes(tx)
    except (OutOfStock, BasketScattered, BalanceTooLow):
        _decide_to_send_back(order, payment, outcome, now=now, extra_writes=extra_writes)


def _decide_to_send_back(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, extra_writes: ExtraWrites | None
) -> None:
    if not payments.gives_back(payment.provider):
        return _park(payment, outcome, BY_HAND, extra_writes=extra_writes)
    with Transaction() as tx:
        # Decided before the provider is asked: whoever repeats this must refund as well.
        payments.conclude(tx, payment, PaymentStatus.REFUNDING, outcome)
    decided = payments.read(payment.payment_id)
    if decided is None:
        raise RuntimeError(f"payment {payment.payment_id} is gone: payments are never deleted")
    return send_back(order, decided, outcome, now=now, extra_writes=extra_writes)


def _park(
    payment: Payment, outcome: Outcome, reason: str, *, extra_writes: ExtraWrites | None
) -> None:
    """Money that is not what was asked for waits for a person; the units stay held."""
    telemetry.logger().error("payment needs review", extra={"payment_id": payment.payment_id})
    with Transaction() as tx:
        payments.conclude(tx, payment, PaymentStatus.REVIEW, outcome, reason)
        if extra_writes:
            extra_writes(tx)


def _processing(
    order: Order, payment: Payment, outcome: Outcome, *, extra_writes: ExtraWrites | None
) -> None:
    if order.status != OrderStatus.PENDING or payment.status != PaymentStatus.PENDING:
        return only(extra_writes)
    with Transaction() as tx:
        payments.conclude(tx, payment, PaymentStatus.PROCESSING, outcome)
        if extra_writes:
            extra_writes(tx)
    return None


def _waits(
    payment: Payment, outcome: Outcome, *, now: int, extra_writes: ExtraWrites | None
) -> None:
    """The page is open; money that was on its way will not come, and the buyer may try again."""
    if payment.status in WAITING and outcome.declined and not payment.declined:
        with Transaction() as tx:
            payments.mark_declined(tx, payment, now=now)
            if extra_writes:
                extra_writes(tx)
        return None
    if payment.status != PaymentStatus.PROCESSING:
        return only(extra_writes)
    with Transaction() as tx:
        payments.conclude(tx, payment, PaymentStatus.PENDING)
        if extra_writes:
            extra_writes(tx)
    return None


def _over(
    order: Order,
    payment: Payment,
    reason: Reason,
    outcome: Outcome | None,
    *,
    now: int,
    extra_writes: ExtraWrites | None,
) -> None:
    """An attempt is over without money; with the last one that was open, the order is too."""
    if payment.status not in WAITING:
        return only(extra_writes)
    ended = PaymentStatus.EXPIRED if reason == Reason.EXPIRED else PaymentStatus.FAILED
    with Transaction() as tx:
        end_with(tx, order, payment, reason, now)
        payments.conclude(tx, payment, ended, outcome)
        if extra_writes:
            extra_writes(tx)
    return None


def end_with(tx: Transaction, order: Order, payment: Payment, reason: Reason, now: int) -> None:
    """Cancel the order with this payment, if it waits for money and no other one is open."""
    waits = order.status == OrderStatus.PENDING
    if waits and not open_attempts(order, but=payment.payment_id):
        cancel(tx, order, reason, now)


def cancel(
    tx: Transaction, order: Order, reason: Reason, now: int, *, who: str = "payment"
) -> None:
    """PENDING to CANCELLED: units and the balance's part go back in the same transaction."""
    held = hold_of(order)
    take_step(tx, order, OrderStatus.CANCELLED, reason, now, who=who)
    if held.status == HoldStatus.HELD:
        inventory.release(tx, held, now=now)
    store_credit.return_store_credit(tx, order, now=now)
    telemetry.metric({"OrderCancelled": 1})


def only(extra_writes: ExtraWrites | None) -> None:
    """Write what `extra_writes` adds, where nothing else is left to be written."""
    if extra_writes:
        with Transaction() as tx:
            extra_writes(tx)
