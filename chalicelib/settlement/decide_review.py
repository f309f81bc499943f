"""What becomes of money that no order needs, or that is in question: decided here, purely.

It came too late or twice, or is not what was asked for. As in decide.py nothing is read or written;
docs/settlement.md shows what is answered.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.refunds import RefundByHand
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement.decide import (
    NOTHING,
    REVIVE,
    SETTLE,
    Decision,
    Situation,
    Step,
    can_pay,
)

# Why a payment waits for a person.
REFUSED = "the provider refuses to send it back: to be given back by hand, or once more"
KEPT = "its payer's bank keeps it: to be sent back once that is decided, if it is still there"


class NotInReview(Conflict):
    """Nothing waits for a decision: it was decided, or never had to be."""

    code = "PAYMENT_NOT_IN_REVIEW"


class ReviewDecision(StrEnum):
    """What a person decides on money that is not what was asked for."""

    # It is enough: the order is paid.
    ACCEPT = "ACCEPT"
    # The provider sends it back.
    SEND_BACK = "SEND_BACK"
    # The owner has given it back, outside of the shop.
    RETURNED = "RETURNED"


def sent_back(found: Situation, amount: Money, *, spent_key: bool = False) -> Decision:
    """All of it has gone back. `spent_key`: it was refused as a whole, and the refusal stands under
    the key it was sent by; what a dispute has taken is a part of it then."""
    lost = spent_key and found.payment.charged_back.amount > 0
    return Decision(
        Step.RETURNED,
        payment=PaymentStatus.CHARGED_BACK if lost else PaymentStatus.REFUNDED,
        reason=_why_back(found.order, found.payment),
        amount=amount,
        spent_key=spent_key,
    )


def not_sent_back(amount: Money, why: str) -> Decision:
    """The provider refuses, and a person decides."""
    return Decision(
        Step.REVIEW,
        payment=PaymentStatus.REVIEW,
        why=why,
        reason=Reason.REFUND_FAILED,
        amount=amount,
        spent_key=True,
    )


def rest(payment: Payment, amount: Money, back: Money | None) -> Money | str:
    """What of an amount that the provider refused to send back is still to be sent, where `back` of
    it has gone already; or why nothing can be."""
    if payment.charged_back < payment.at_bank:
        return KEPT
    nothing = Money(0, amount.currency)
    lost = payment.charged_back if payment.charged_back.amount else nothing
    left = amount - (back or nothing) - lost
    return left if left < amount else REFUSED


def review(
    found: Situation, choice: ReviewDecision, *, can_send: Callable[[Payment], bool]
) -> Decision:
    """What follows from what a person decides on money in question. What is being sent back already
    can be said to be RETURNED by hand, where the provider does not do it.

    Raises NotInReview, PaymentDisputed, and RefundByHand where the provider can't send it back.
    """
    payment = found.payment
    sending = payment.status == PaymentStatus.REFUNDING and choice != ReviewDecision.ACCEPT
    if payment.status != PaymentStatus.REVIEW and not sending:
        raise NotInReview()
    if choice == ReviewDecision.ACCEPT:
        return _accepted(found)
    if choice == ReviewDecision.RETURNED:
        return _closed(found, Step.RETURNED, PaymentStatus.REFUNDED)
    if sending:
        return NOTHING
    if not (payment.capture_id and can_send(payment)):
        raise RefundByHand()
    return _closed(found, Step.SEND_BACK, PaymentStatus.REFUNDING)


def _accepted(found: Situation) -> Decision:
    order, payment = found.order, found.payment
    if payment.at_bank.amount:
        # It is not the shop's to keep, or not yet.
        raise PaymentDisputed()
    waits = order.status == OrderStatus.PENDING
    if not can_pay(payment, order) or not (waits or order.status == OrderStatus.CANCELLED):
        # Of before the order was changed, or another attempt paid it: it can only go back.
        raise NotInReview()
    return SETTLE if waits and found.held else REVIVE


def _closed(found: Situation, step: Step, status: PaymentStatus) -> Decision:
    """The payment ends, and with it the order that waited for it alone."""
    ended = Decision(step, payment=status)
    if found.order.status != OrderStatus.PENDING or found.others_open:
        return ended
    return replace(ended, order=OrderStatus.CANCELLED, reason=Reason.PAYMENT_FAILED)


def over(found: Situation) -> Decision:
    """What waited for a decision, or to be sent back, has gone back at the provider."""
    payment, lost = found.payment, found.payment.charged_back.amount > 0
    status = PaymentStatus.CHARGED_BACK if lost else PaymentStatus.REFUNDED
    if found.order.status == OrderStatus.PENDING:
        return _closed(found, Step.RETURNED, status)
    return Decision(
        Step.RETURNED,
        payment=status,
        reason=Reason.CHARGED_BACK if lost else Reason.REFUNDED_DECIDED,
        amount=payment.charged_back if lost else payment.came,
    )


def _why_back(order: Order, payment: Payment) -> Reason:
    """Why money of an order went back as a whole, for its history."""
    if payment.reason:
        # It waited for a person, who decided so.
        return Reason.REFUNDED_DECIDED
    late = order.status == OrderStatus.CANCELLED
    return Reason.REFUNDED_LATE if late else Reason.REFUNDED_SECOND
