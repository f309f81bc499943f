"""Writing a decision: order, payment, units and what else was taken, at once.

Each is one transaction, conditional on the statuses that were read, so that a decision is written
once, whoever else decides: StaleState says that somebody was faster.
"""

from dataclasses import dataclass

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction
from chalicelib.orders import facts
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.service import hold_of
from chalicelib.orders.steps import mark_dispute, remember, take_step
from chalicelib.payments import disputes, refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome
from chalicelib.payments.rules import Payment, PaymentStatus, RefundStatus, RefundTo
from chalicelib.settlement import store_credit, taken
from chalicelib.settlement.decide import Decision, Situation, Step


@dataclass(frozen=True)
class Work:
    """One outcome of a payment, what it was decided on, and when."""

    found: Situation
    # None where no provider has said anything.
    outcome: Outcome | None
    now: int
    # What whoever called writes with the last transaction, e.g. that a webhook is done.
    extra_writes: ExtraWrites | None = None


def write(decision: Decision, work: Work, sell: ExtraWrites | None = None) -> None:
    """The one transaction of a decision; `sell` adds what becomes of the units of a paid order.

    Raises StaleState when something has moved since it was read.
    """
    found = work.found
    if decision.why:
        # Money that is not what was asked for waits for a person; the units stay held.
        telemetry.logger().error("payment needs review", extra=_named(found))
    with Transaction() as tx:
        _order(tx, decision, work)
        _payment(tx, decision, work)
        for refund in decision.refunds:
            if (refund.to, refund.status) == (RefundTo.BALANCE, RefundStatus.DONE):
                store_credit.refund(tx, found.order, refund, now=work.now)
        if sell:
            sell(tx)
        # What is still to be sent back is not the last transaction.
        if work.extra_writes and decision.step != Step.SEND_BACK:
            work.extra_writes(tx)
    if decision.disputes:
        telemetry.metric({"PaymentDisputes": 1})
    if decision.alarm:
        telemetry.logger().error(decision.alarm, extra=_named(found))
        telemetry.metric({"RefundsDiffer": 1})


def _order(tx: Transaction, decision: Decision, work: Work) -> None:
    """The order's step, or the line of its history where it stays as it is."""
    order, payment, now = work.found.order, work.found.payment, work.now
    if decision.order == OrderStatus.CANCELLED:
        reason = decision.reason or Reason.EXPIRED
        return cancel(tx, order, reason, now, payment=payment, hold=work.found.hold)
    if decision.reason is None:
        return None
    if decision.order == OrderStatus.PAID and not decision.refunds:
        came = work.outcome.amount if work.outcome else None
        sale = facts.of_sale(order, payment, captured=came)
        return take_step(tx, order, decision.order, decision.reason, now, sale, paid_by=payment)
    details = (
        facts.of_refunds(payment, decision.refunds, undoes=decision.undoes)
        if decision.refunds
        else facts.of_payment(payment, decision.amount)
    )
    if decision.order:
        return take_step(tx, order, decision.order, decision.reason, now, details)
    if decision.mark:
        return mark_dispute(tx, order, decision.mark, decision.reason, now, details)
    return remember(tx, order, decision.reason, now, details)


def _payment(tx: Transaction, decision: Decision, work: Work) -> None:
    payment = work.found.payment
    if decision.step == Step.DECLINED:
        payments.mark_declined(tx, payment, now=work.now)
    if decision.refunds or decision.disputes:
        more = disputes.stored(payment, decision.disputes) if decision.disputes else {}
        if decision.payment:
            more["status"] = decision.payment
        if decision.why:
            more["reason"] = decision.why
        return refunds.put(tx, payment, *decision.refunds, **more)
    if decision.payment is None:
        return None
    paid = decision.payment == PaymentStatus.SUCCESS
    return payments.conclude(
        tx,
        payment,
        decision.payment,
        # Nothing is known of money that will not come after all.
        None if decision.step == Step.WAIT else work.outcome,
        decision.why,
        spent_key=decision.spent_key,
        store_credit_amount=work.found.order.part if paid else None,
    )


def _named(found: Situation) -> dict[str, str]:
    return {"payment_id": found.payment.payment_id, "order_id": found.order.order_id}


def cancel(
    tx: Transaction,
    order: Order,
    reason: Reason,
    now: int,
    *,
    who: str = "payment",
    payment: Payment | None = None,
    hold: Hold | None = None,
) -> None:
    """PENDING to CANCELLED: units and what else was taken go back in the same transaction.
    `payment` is the one that ends it, `hold` the order's, where they were read already."""
    held = hold or hold_of(order)
    sale = facts.of_sale(order, payment)
    take_step(tx, order, OrderStatus.CANCELLED, reason, now, sale, who=who)
    if held.status == HoldStatus.HELD:
        inventory.release(tx, held, now=now)
    taken.give_back(tx, order, now=now)
    telemetry.metric({"OrderCancelled": 1})


def only(extra_writes: ExtraWrites | None) -> None:
    """Write what a caller adds, where nothing else is left to be written."""
    if extra_writes:
        with Transaction() as tx:
            extra_writes(tx)
