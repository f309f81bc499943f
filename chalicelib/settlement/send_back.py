"""Sending back money that no order needs: it came too late, or twice, or a person decided so.

The payment is REFUNDING, and is so no longer than the provider can't be asked. What it says has
gone back already, in its own pages or to the payer's bank, has; what it refuses waits for a person.
"""

from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction
from chalicelib.kernel.money import Money
from chalicelib.orders import facts
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.steps import remember
from chalicelib.payments import disputes, refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, ProviderRefused
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement import disputing

# Adds a write of its own to a step's transaction, e.g. the webhook's log row.

# Why a payment waits for a person whose provider does not send it back.
REFUSED = "the provider refuses to send it back: to be given back by hand, or once more"
KEPT = "its payer's bank keeps it: to be sent back once that is decided, if it is still there"


def send_back(
    order: Order, payment: Payment, outcome: Outcome, *, now: int, extra_writes: ExtraWrites | None
) -> None:
    """Carry out what was decided: the payment is REFUNDING. It is REFUNDED afterwards, CHARGED_BACK
    where a dispute took some of it, or in REVIEW. Raises ProviderBusy and ProviderFailed: it stays
    REFUNDING, and is asked for again."""
    amount, spent = outcome.amount or payment.amount, False
    end, why = PaymentStatus.REFUNDED, ""
    try:
        payments.give_back(payment, amount, key=refunds.late_key(payment))
    except ProviderRefused:
        # A refusal may be kept under its key: asked once more, it has another.
        spent = True
        end, why = _send_rest(payment, amount, now=now)
    if why:
        telemetry.logger().error("refund refused", extra={"payment_id": payment.payment_id})
    with Transaction() as tx:
        reason = Reason.REFUND_FAILED if why else why_back(order, payment)
        remember(tx, order, reason, now, facts.of_payment(payment, amount))
        payments.conclude(tx, payment, end, reason=why or None, spent_key=spent)
        if extra_writes:
            extra_writes(tx)


def _send_rest(payment: Payment, amount: Money, *, now: int) -> tuple[PaymentStatus, str]:
    """The provider has said no: see what of it is gone already, and send the rest; how the payment
    ends, and why it does not."""
    told = payments.status(payment, take=False)
    found = disputes.asked(payment, told.capture_id)
    if found:
        disputing.sync_disputes(payment.payment_id, found, now=now)
    payment = payment.with_disputes(found)
    amount = told.amount or amount
    nothing = Money(0, amount.currency)
    end = PaymentStatus.CHARGED_BACK if payment.charged_back.amount else PaymentStatus.REFUNDED
    if disputes.all_gone(payment, told):
        return end, ""
    if payment.charged_back < payment.at_bank:
        return PaymentStatus.REVIEW, KEPT
    gone = disputes.went_back(payment, told) or nothing
    rest = amount - gone - (payment.charged_back if payment.charged_back.amount else nothing)
    if not rest < amount:
        return PaymentStatus.REVIEW, REFUSED
    try:
        payments.give_back(payment, rest, key=refunds.rest_key(payment, rest))
    except ProviderRefused:
        return PaymentStatus.REVIEW, REFUSED
    return end, ""


def why_back(order: Order, payment: Payment) -> Reason:
    """Why money of an order went back as a whole, for its history."""
    if payment.reason:
        # It waited for a person, who decided so.
        return Reason.REFUNDED_DECIDED
    late = order.status == OrderStatus.CANCELLED
    return Reason.REFUNDED_LATE if late else Reason.REFUNDED_SECOND
