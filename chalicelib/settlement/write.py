"""Writing a decision (decide.py): order, payment, units and what else was taken, at once.

Each is one transaction, conditional on the statuses that were read, so that a decision is written
once, whoever else decides: StaleState says that somebody was faster.
"""

from dataclasses import dataclass

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import BasketScattered, Hold, HoldStatus, OutOfStock
from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction
from chalicelib.orders import facts
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.orders.service import hold_of
from chalicelib.orders.steps import take_step
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome
from chalicelib.payments.rules import Payment, PaymentStatus
from chalicelib.settlement import decide, send_back, taken
from chalicelib.settlement.decide import Decision, Situation, Step

# Units or something else of a cancelled order that is gone by now.
CAN_NOT_BE_HAD: tuple[type[Exception], ...] = (OutOfStock, BasketScattered, *taken.GONE)


@dataclass(frozen=True)
class Work:
    """One outcome of a payment, what it was decided on, and when."""

    found: Situation
    # None where no provider has said anything.
    outcome: Outcome | None
    now: int
    # What whoever called writes with the last transaction, e.g. that a webhook is done.
    extra_writes: ExtraWrites | None = None


def write(decision: Decision, work: Work) -> None:
    """Carry a decision out. StaleState when something has moved; ProviderBusy and ProviderFailed
    where money is to be sent back now and is not: asked for again, it goes on."""
    if decision.step == Step.CARRY_OUT:
        _send_back(work.found.payment, work)
    elif decision.step == Step.REVIVE:
        _revive(decision, work)
    elif decision.step == Step.SETTLE:
        held = work.found.hold or hold_of(work.found.order)
        _write(decision, work, lambda tx: inventory.commit(tx, held, now=work.now))
        telemetry.metric({"OrderPaid": 1})
    else:
        _write(decision, work)
        if decision.step == Step.SEND_BACK:
            _send_back(_decided(work.found.payment), work)


def _write(decision: Decision, work: Work, sell: ExtraWrites | None = None) -> None:
    """The one transaction of a decision; `sell` adds what becomes of the units of a paid order."""
    order, payment = work.found.order, work.found.payment
    if decision.why:
        # Money that is not what was asked for waits for a person; the units stay held.
        telemetry.logger().error("payment needs review", extra={"payment_id": payment.payment_id})
    with Transaction() as tx:
        if decision.order == OrderStatus.CANCELLED:
            reason = decision.reason or Reason.EXPIRED
            cancel(tx, order, reason, work.now, payment=payment, hold=work.found.hold)
        elif decision.order and decision.reason:
            came = work.outcome.amount if work.outcome else None
            sale = facts.of_sale(order, payment, captured=came)
            take_step(tx, order, decision.order, decision.reason, work.now, sale, paid_by=payment)
        _payment(tx, decision, work)
        if sell:
            sell(tx)
        # What is still to be sent back is not the last transaction.
        if work.extra_writes and decision.step != Step.SEND_BACK:
            work.extra_writes(tx)


def _payment(tx: Transaction, decision: Decision, work: Work) -> None:
    payment = work.found.payment
    if decision.step == Step.DECLINED:
        payments.mark_declined(tx, payment, now=work.now)
    if decision.payment is None:
        return
    paid = decision.payment == PaymentStatus.SUCCESS
    payments.conclude(
        tx,
        payment,
        decision.payment,
        # Nothing is known of money that will not come after all.
        None if decision.step == Step.WAIT else work.outcome,
        decision.why,
        store_credit_amount=work.found.order.part if paid else None,
    )


def _revive(decision: Decision, work: Work) -> None:
    """Have units and what else was taken again, or give the money back."""
    order, now = work.found.order, work.now
    released = inventory.finish(work.found.hold or hold_of(order), now=now)
    try:
        units = inventory.find_units(released.quantities, end=inventory.end_reservation, now=now)

        def sell(tx: Transaction) -> None:
            inventory.sell(tx, released, units, now=now)
            if order.status == OrderStatus.CANCELLED:
                taken.take_again(tx, order, now=now)

        _write(decision, work, sell)
    except CAN_NOT_BE_HAD:
        write(decide.send_back(work.found), work)


def _decided(payment: Payment) -> Payment:
    """The payment, once it is written that its money goes back."""
    found = payments.read(payment.payment_id)
    if found is None:
        raise RuntimeError(f"payment {payment.payment_id} is gone: payments are never deleted")
    return found


def _send_back(payment: Payment, work: Work) -> None:
    if work.outcome is not None:
        send_back.send_back(
            work.found.order,
            payment,
            work.outcome,
            now=work.now,
            extra_writes=work.extra_writes,
        )


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
