"""What its payments make of an order: paid, cancelled, revived, or the money sent back.

Read, decide (decide.py), write (write.py). The order is the proof of what was done: a webhook that
comes twice finds the step taken. An order may have several attempts to pay it; one pays it, and
what another one brings goes back.
"""

from collections.abc import Sequence

from chalicelib.kernel.db.transaction import ExtraWrites, Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import rules, snapshot
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.service import hold_of, payments_of
from chalicelib.orders.snapshot import Snapshot
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome
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
    known: Snapshot | None = None,
) -> None:
    """Make of an order what a provider says of one of its payments, the newest unless another is
    named; said again, nothing more happens. `extra_writes` go with the last transaction.

    `known` is the order as it was read already. What is decided on it is written only if it is
    still so, and nothing is left undone because of it.

    Raises OrderNotThereYet when there is no such order, so that the webhook is tried again.
    """
    read = snapshot.reader(order_id, known)

    def attempt() -> None:
        read_now = read()
        payment = read_now.payment(payment_id) if read_now else None
        if read_now is None or payment is None:
            raise rules.OrderNotThereYet(order_id)
        found = situation(read_now, payment)
        decision = decide.decide(found, outcome)
        if decision.step == decide.Step.NOTHING and read_now is known:
            raise StaleState()
        write(decision, Work(found, outcome, now, extra_writes))

    retry_on_conflict(attempt)


def situation(found: Snapshot, payment: Payment) -> Situation:
    """What is decided on, where something is said of this one of an order's payments."""
    return Situation(
        found.order,
        payment,
        hold=found.hold,
        others_open=bool(found.open_attempts(but=payment.payment_id)),
        gives_back=lambda: payments.gives_back(payment.provider),
    )


def refuse(order_id: str, *, now: int) -> None:
    """End the newest attempt, which could not even be begun; without another one that may still be
    paid the order is cancelled and its units go back."""

    def attempt() -> None:
        found = snapshot.read(order_id)
        payment = found.payment() if found else None
        if found is not None and payment is not None:
            ended = situation(found, payment)
            write(decide.over(ended, Reason.REFUSED), Work(ended, None, now))

    retry_on_conflict(attempt)


def accept(order: Order, payment: Payment, outcome: Outcome, *, now: int) -> bool:
    """A person says that the money is enough, whatever was asked for: the order is paid with it.
    False where the order does not wait for any. StaleState when either has moved."""
    if order.status not in (OrderStatus.PENDING, OrderStatus.CANCELLED):
        return False
    found = Situation(order, payment, hold_of(order))
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
        found = snapshot.read(order_id)
        waits = found is not None and found.order.status == OrderStatus.PENDING
        if found is not None and waits and not found.open_attempts():
            with Transaction() as tx:
                cancel(tx, found.order, Reason.EXPIRED, now, hold=found.hold)

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
