"""Refunds that fail after all: the provider took them, and days later the payer's bank did not.

The money is the shop's again, so the refund does not count any more and the order is as before it.
An administrator decides what to do then: refund once more, or give it back by hand.
"""

from dataclasses import replace

from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.money import total
from chalicelib.orders import facts
from chalicelib.orders.rules import OrderStatus, Reason
from chalicelib.orders.steps import remember, take_step
from chalicelib.payments import disputes, refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome
from chalicelib.payments.rules import Payment, PaymentStatus, Refund, RefundStatus, RefundTo
from chalicelib.settlement.refunding import order_of

BY_HAND = "its refund did not reach the payer: to be given back by hand, or once more"


def record_failed_refund(payment: Payment, outcome: Outcome, *, key: str = "", now: int) -> None:
    """Write down that a refund of this payment has failed, if one has; said again, nothing more.

    `payment` was read before the provider was asked for the `outcome`: StaleState when refunds have
    changed since, so that one that was made in between is not taken for one that failed. `key` is
    the refund's, where the provider names it.
    """
    found = payments.read(payment.payment_id)
    if found is None or found.version != payment.version:
        raise StaleState()
    back = disputes.went_back(found, outcome)
    if back is None:
        return
    if refunds.is_late_key(found, key):
        # Under a key that was used anew, an older failure may be told again.
        gone = found.spent_keys > 0 and not back < found.came
        if found.status == PaymentStatus.REFUNDED and not gone:
            _reopen(found, now=now)
        return
    # What went into the store balance never was at the provider.
    through = [one for one in found.refunds if one.to == RefundTo.ORIGIN]
    done = [one for one in through if one.status == RefundStatus.DONE]
    gap = total((one.amount for one in done), found.amount.currency) - back
    named = [one for one in done if refunds.key_of(one) == key]
    if gap.amount <= 0 and not any(one.spent_keys == 0 for one in named):
        return
    failed = named or [one for one in reversed(done) if one.amount == gap]
    if failed:
        _take_back(found, failed[0], now=now)
    else:
        telemetry.logger().error("refunds differ", extra={"payment_id": found.payment_id})
        telemetry.metric({"RefundsDiffer": 1})


def _take_back(payment: Payment, refund: Refund, *, now: int) -> None:
    order, failed = order_of(payment), replace(refund, status=RefundStatus.FAILED)
    told = facts.of_refunds(payment, [failed], undoes=True)
    with Transaction() as tx:
        if payment.status == PaymentStatus.REFUNDED and order.status == OrderStatus.REFUNDED:
            lost = payment.charged_back.amount > 0
            status = PaymentStatus.CHARGED_BACK if lost else PaymentStatus.SUCCESS
            refunds.put(tx, payment, failed, status=status)
            take_step(tx, order, OrderStatus.PAID, Reason.REFUND_FAILED, now, told)
        else:
            refunds.put(tx, payment, failed)
            remember(tx, order, Reason.REFUND_FAILED, now, told)


def _reopen(payment: Payment, *, now: int) -> None:
    """What came late or twice and was sent back is here again: a person decides."""
    with Transaction() as tx:
        payments.conclude(tx, payment, PaymentStatus.REVIEW, reason=BY_HAND, spent_key=True)
        told = facts.of_payment(payment)
        remember(tx, order_of(payment), Reason.REFUND_FAILED, now, told)
