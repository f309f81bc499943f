"""What a person decides on a payment that is not what was asked for."""

from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.orders import snapshot
from chalicelib.orders.rules import Order
from chalicelib.orders.service import find
from chalicelib.orders.snapshot import Snapshot
from chalicelib.payments import service as payments
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.refunds import RefundRefused
from chalicelib.payments.rules import Payment, PaymentNotFound, PaymentStatus
from chalicelib.settlement import decide_review
from chalicelib.settlement.decide import CARRY_OUT
from chalicelib.settlement.decide_review import ReviewDecision
from chalicelib.settlement.outcomes import carry_out, situation
from chalicelib.settlement.write import Work


def decide(payment_id: str, decision: ReviewDecision, *, now: int) -> tuple[Order, Payment]:
    """Carry a decision out; two at once are one. What is being sent back already can be said to be
    RETURNED by hand, where the provider does not do it, or be sent now.

    Raises PaymentNotFound, NotInReview, RefundByHand, PaymentDisputed; ProviderBusy when the money
    is still to be sent back, which then happens by itself; and RefundRefused when the provider said
    no: it waits for another decision then.
    """

    def attempt() -> None:
        found, payment = read(payment_id)
        decided_on = situation(found, payment)
        step = decide_review.review(decided_on, decision, can_send=_can_send)
        # Whoever closes it has heard nothing new of the money; whoever accepts it takes what came.
        outcome = _came(payment) if decision == ReviewDecision.ACCEPT else None
        carry_out(step, Work(decided_on, outcome, now))

    retry_on_conflict(attempt)
    if decision == ReviewDecision.SEND_BACK:
        retry_on_conflict(lambda: _send(payment_id, now=now))
    order, payment = find(payment_id)
    if decision == ReviewDecision.SEND_BACK and payment.status == PaymentStatus.REVIEW:
        raise PaymentDisputed() if payment.disputed else RefundRefused()
    return order, payment


def read(payment_id: str) -> tuple[Snapshot, Payment]:
    """A payment and its order with its units. Raises PaymentNotFound and OrderNotFound."""
    payment = payments.read(payment_id)
    if payment is None:
        raise PaymentNotFound()
    return snapshot.around(payment, hold=True), payment


def _can_send(payment: Payment) -> bool:
    return payments.gives_back(payment.provider)


def _send(payment_id: str, *, now: int) -> None:
    found, payment = read(payment_id)
    if payment.status == PaymentStatus.REFUNDING:
        carry_out(CARRY_OUT, Work(situation(found, payment), _came(payment), now))


def _came(payment: Payment) -> Outcome:
    """What the provider said when it was parked."""
    return Outcome(State.PAID, payment.session_id, payment.came, payment.capture_id)
