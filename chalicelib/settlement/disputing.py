"""Disputes: the payer's bank keeps money of an order, has taken it, or has let it go again.

A dispute is a mark on the order and an amount; the order keeps its status. What is in dispute can't
be refunded (payments/rules.py: `refundable`); a lost one makes its payment CHARGED_BACK.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import Conflict, StaleState
from chalicelib.orders import facts
from chalicelib.orders.rules import Order, Reason
from chalicelib.orders.service import find
from chalicelib.orders.steps import mark_dispute, remember
from chalicelib.payments import disputes, refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Dispute, DisputeStatus
from chalicelib.payments.rules import PAID, Payment, PaymentStatus, RefundStatus

REASONS = {
    DisputeStatus.OPEN: Reason.DISPUTED,
    DisputeStatus.WON: Reason.DISPUTE_WON,
    DisputeStatus.LOST: Reason.CHARGED_BACK,
}


BACK_AGAIN = "its dispute was won and no order needs it: to be sent back, or given back by hand"


class NoOpenDispute(Conflict):
    """Nothing of this payment is in dispute: it never was, or is decided."""

    code = "NO_OPEN_DISPUTE"


def sync_disputes(payment_id: str, told: Sequence[Dispute], *, now: int) -> None:
    """Write down what the provider says of a payment's disputes; said again, nothing more."""

    def attempt() -> None:
        payment = payments.read(payment_id)
        if payment is None:
            raise StaleState()
        if changed := disputes.news(payment, told):
            _write(payment, changed, now=now)

    retry_on_conflict(attempt)


def poll_disputes(
    payment_id: str, decision: DisputeStatus | None = None, *, now: int
) -> tuple[Order, Payment]:
    """Ask the provider how a payment's disputes stand, and write it down; or, with a `decision`,
    what a person knows of those that are open. What the provider says later still counts.

    Raises PaymentNotFound, NoOpenDispute and what the provider raises.
    """
    _, payment = find(payment_id)
    if decision is None:
        sync_disputes(payment_id, disputes.asked(payment), now=now)
    else:
        open_disputes = [one for one in payment.disputes if one.status == DisputeStatus.OPEN]
        if not open_disputes:
            raise NoOpenDispute()
        sync_disputes(payment_id, [replace(one, status=decision) for one in open_disputes], now=now)
    return find(payment_id)


def _stands(order: Order, after: Payment) -> dict[str, str]:
    """What becomes of a payment that was paid."""
    if after.charged_back.amount:
        return {"status": PaymentStatus.CHARGED_BACK}
    if order.paid_by(after.payment_id):
        return {"status": PaymentStatus.SUCCESS}
    # It was to go back when a bank took it: now it is here again, and no order needs it.
    return {"status": PaymentStatus.REVIEW, "reason": BACK_AGAIN}


def _write(payment: Payment, changed: Sequence[Dispute], *, now: int) -> None:
    order, _ = find(payment.payment_id)
    more = disputes.stored(payment, changed)
    after = payment.with_disputes(changed)
    if payment.status in PAID:
        more |= _stands(order, after)
    reason = REASONS[changed[-1].status]
    told = facts.of_payment(payment, changed[-1].amount)
    with Transaction() as tx:
        refunds.put(tx, payment, **more)
        if order.payment_id == payment.payment_id and (mark := after.dispute):
            mark_dispute(tx, order, mark, reason, now, told)
        else:
            # Of money that goes back anyway, late or sent twice: the order has another payment.
            remember(tx, order, reason, now, told)
    telemetry.metric({"PaymentDisputes": 1})
    waits = any(one.status == RefundStatus.PENDING for one in payment.refunds)
    if after.overdrawn and not waits:
        # Refunded before the bank took it as well: nobody but a person can get it again.
        telemetry.logger().error("more back than was paid", extra={"order_id": order.order_id})
        telemetry.metric({"RefundsDiffer": 1})
