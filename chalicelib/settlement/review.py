"""What a person decides on a payment that is not what was asked for."""

from enum import StrEnum

from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import Conflict
from chalicelib.orders.rules import Order, Reason
from chalicelib.orders.service import find
from chalicelib.payments import service as payments
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.refunds import RefundByHand, RefundRefused
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement import outcomes
from chalicelib.settlement.decide import can_pay
from chalicelib.settlement.outcomes import end_with
from chalicelib.settlement.send_back import send_back


class Decision(StrEnum):
    # It is enough: the order is paid.
    ACCEPT = "ACCEPT"
    # The provider sends it back.
    SEND_BACK = "SEND_BACK"
    # The owner has given it back, outside of the shop.
    RETURNED = "RETURNED"


class NotInReview(Conflict):
    """Nothing waits for a decision: it was decided, or never had to be."""

    code = "PAYMENT_NOT_IN_REVIEW"


def decide(payment_id: str, decision: Decision, *, now: int) -> tuple[Order, Payment]:
    """Carry a decision out; two at once are one. What is being sent back already can be said to be
    RETURNED by hand, where the provider does not do it, or be sent now.

    Raises PaymentNotFound, NotInReview, RefundByHand, PaymentDisputed; ProviderBusy when the money
    is still to be sent back, which then happens by itself; and RefundRefused when the provider said
    no: it waits for another decision then.
    """

    def attempt() -> None:
        order, payment = find(payment_id)
        sending = payment.status == PaymentStatus.REFUNDING and decision != Decision.ACCEPT
        if payment.status != PaymentStatus.REVIEW and not sending:
            raise NotInReview()
        if sending and decision == Decision.SEND_BACK:
            return
        if decision == Decision.ACCEPT:
            _accept(order, payment, now=now)
        else:
            _close_review(order, payment, decision, now=now)

    retry_on_conflict(attempt)
    if decision == Decision.SEND_BACK:
        retry_on_conflict(lambda: _send(payment_id, now=now))
    order, payment = find(payment_id)
    if decision == Decision.SEND_BACK and payment.status == PaymentStatus.REVIEW:
        raise PaymentDisputed() if payment.disputed else RefundRefused()
    return order, payment


def _accept(order: Order, payment: Payment, *, now: int) -> None:
    outcome = _came(payment)
    if payment.at_bank.amount:
        # It is not the shop's to keep, or not yet.
        raise PaymentDisputed()
    if not can_pay(payment, order):
        # Of before the order was changed: it can only go back.
        raise NotInReview()
    if not outcomes.accept(order, payment, outcome, now=now):
        # Another attempt paid it: this money can only go back.
        raise NotInReview()


def _close_review(order: Order, payment: Payment, decision: Decision, *, now: int) -> None:
    """The payment ends, and with it the order that waited for it alone."""
    by_provider = decision == Decision.SEND_BACK
    if by_provider and not (payment.capture_id and payments.gives_back(payment.provider)):
        raise RefundByHand()
    with Transaction() as tx:
        end_with(tx, order, payment, Reason.PAYMENT_FAILED, now)
        payments.conclude(
            tx, payment, PaymentStatus.REFUNDING if by_provider else PaymentStatus.REFUNDED
        )


def _send(payment_id: str, *, now: int) -> None:
    order, payment = find(payment_id)
    if payment.status == PaymentStatus.REFUNDING:
        send_back(order, payment, _came(payment), now=now, extra_writes=None)


def _came(payment: Payment) -> Outcome:
    """What the provider said when it was parked."""
    return Outcome(State.PAID, payment.session_id, payment.came, payment.capture_id)
