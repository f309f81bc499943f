"""What its payments make of an order: paid, cancelled, revived, or the money sent back.

Read, decide (decide.py), write (write.py). The order is the proof of what was done: a webhook that
comes twice finds the step taken. An order may have several attempts to pay it; one pays it, and
what another one brings goes back.
"""

from collections.abc import Sequence

from chalicelib.inventory.rules import Hold
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction, retry_on_conflict
from chalicelib.orders import rules
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.service import hold_of, payments_of, read
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import OPEN, Payment, PaymentStatus
from chalicelib.settlement import decide
from chalicelib.settlement.decide import Situation
from chalicelib.settlement.write import Work, cancel, write

PROCESSING_HOLD_SECONDS = 3600
REVIEW_HOLD_SECONDS = 86_400


def apply(
    order_id: str,
    outcome: Outcome,
    *,
    payment_id: str | None = None,
    now: int,
    extra_writes: ExtraWrites | None = None,
    known: Situation | None = None,
) -> None:
    """Make of an order what a provider says of one of its payments, the newest unless another is
    named; said again, nothing more happens. `extra_writes` go with the last transaction.

    `known` are order, payment and hold as they were read already. What is decided on them is
    written only if they are still so, and nothing is left undone because of them.

    Raises OrderNotThereYet when there is no such order, so that the webhook is tried again.
    """
    paid = outcome.state == State.PAID
    before = [known] if known else []

    def attempt() -> None:
        if before:
            read_before = before.pop()
            found = situation(read_before.order, read_before.payment, paid, read_before.hold)
            decision = decide.decide(found, outcome)
            if decision.step != decide.Step.NOTHING:
                return write(decision, Work(found, outcome, now, extra_writes))
        order = read(order_id)
        payment = payments.read(payment_id or order.payment_id) if order else None
        if order is None or payment is None or payment.reference != order_id:
            raise rules.OrderNotThereYet(order_id)
        found = situation(order, payment, paid)
        return write(decide.decide(found, outcome), Work(found, outcome, now, extra_writes))

    retry_on_conflict(attempt)


def situation(order: Order, payment: Payment, paid: bool, hold: Hold | None = None) -> Situation:
    """What a decision needs to know: whether the units are held where money came, whether another
    attempt is open where none did."""
    waits = order.status == OrderStatus.PENDING
    if hold is None and paid and waits:
        hold = hold_of(order)
    return Situation(
        order,
        payment,
        hold=hold,
        others_open=not paid and waits and bool(open_attempts(order, but=payment.payment_id)),
        gives_back=lambda: payments.gives_back(payment.provider),
    )


def refuse(order_id: str, *, now: int) -> None:
    """End the newest attempt, which could not even be begun; without another one that may still be
    paid the order is cancelled and its units go back."""

    def attempt() -> None:
        order = read(order_id)
        payment = payments.read(order.payment_id) if order else None
        if order is not None and payment is not None:
            found = situation(order, payment, False)
            write(decide.over(found, Reason.REFUSED), Work(found, None, now))

    retry_on_conflict(attempt)


def accept(order: Order, payment: Payment, outcome: Outcome, *, now: int) -> bool:
    """A person says that the money is enough, whatever was asked for: the order is paid with it.
    False where the order does not wait for any. StaleState when either has moved."""
    found = situation(order, payment, True)
    if order.status not in (OrderStatus.PENDING, OrderStatus.CANCELLED):
        return False
    waits = order.status == OrderStatus.PENDING and found.held
    write(decide.SETTLE if waits else decide.REVIVE, Work(found, outcome, now))
    return True


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


def end_with(tx: Transaction, order: Order, payment: Payment, reason: Reason, now: int) -> None:
    """Cancel the order with this payment, if it waits for money and no other one is open."""
    waits = order.status == OrderStatus.PENDING
    if waits and not open_attempts(order, but=payment.payment_id):
        cancel(tx, order, reason, now, payment=payment)
