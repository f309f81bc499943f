"""What its payments make of an order: paid, cancelled, revived, or the money sent back.

Read, decide (decide.py), write (write.py). The order is the proof of what was done: a webhook that
comes twice finds the step taken. An order may have several attempts to pay it; one pays it, and
what another one brings goes back.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import BasketScattered, OutOfStock
from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import rules, snapshot
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.service import hold_of, payments_of
from chalicelib.orders.snapshot import Snapshot
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome
from chalicelib.payments.rules import OPEN, Payment, PaymentStatus
from chalicelib.settlement import decide, send_back, taken
from chalicelib.settlement.decide import Decision, Situation, Step
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
        if decision.step == Step.NOTHING and read_now is known:
            raise StaleState()
        carry_out(decision, Work(found, outcome, now, extra_writes))

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
            carry_out(decide.over(ended, Reason.REFUSED), Work(ended, None, now))

    retry_on_conflict(attempt)


def carry_out(decision: Decision, work: Work) -> None:
    """Carry a decision out. StaleState when something has moved; ProviderBusy and ProviderFailed
    where money is to be sent back now and is not: asked for again, it goes on."""
    if decision.step == Step.CARRY_OUT:
        _send_back(work.found.payment, work)
    elif decision.step == Step.REVIVE:
        _revive(decision, work)
    elif decision.step == Step.SETTLE:
        held = work.found.hold or hold_of(work.found.order)
        write(decision, work, lambda tx: inventory.commit(tx, held, now=work.now))
        telemetry.metric({"OrderPaid": 1})
    else:
        write(decision, work)
        if decision.step == Step.SEND_BACK and work.outcome is not None:
            _send_back(_decided(work.found.payment), work)


def _revive(decision: Decision, work: Work) -> None:
    """Have units and what else was taken again, or give the money back."""
    order, now = work.found.order, work.now
    gone: tuple[type[Exception], ...] = (OutOfStock, BasketScattered, *taken.gone())
    released = inventory.finish(work.found.hold or hold_of(order), now=now)
    try:
        units = inventory.find_units(released.quantities, end=inventory.end_reservation, now=now)

        def sell(tx: Transaction) -> None:
            inventory.sell(tx, released, units, now=now)
            if order.status == OrderStatus.CANCELLED:
                taken.take_again(tx, order, now=now)

        write(decision, work, sell)
    except gone:
        carry_out(decide.send_back(work.found), work)


def _decided(payment: Payment) -> Payment:
    """The payment, once it is written that its money goes back."""
    found = payments.read(payment.payment_id)
    if found is None:
        raise RuntimeError(f"payment {payment.payment_id} is gone: payments are never deleted")
    return found


def _send_back(payment: Payment, work: Work) -> None:
    """Have the provider send money back, and write down what came of it."""
    if work.outcome is not None:
        found = replace(work.found, payment=payment)
        sent = send_back.send_back(found, work.outcome.amount or payment.amount, now=work.now)
        # What came was written down before.
        write(sent, replace(work, found=found, outcome=None))


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
