"""Giving money of a paid order back, wholly or in parts, and following what providers gave back.

Three steps: the refund is counted (in one transaction with the order's history), the provider is
asked under the refund's own key, what it says is written down. Cut off anywhere, reconciliation
goes on with it; asked twice, the provider does it once. What goes into the buyer's store balance is
counted with the rest, and credited in the transaction that writes it down.
"""

from chalicelib.kernel import telemetry
from chalicelib.kernel.errors import Conflict, LostRace, ProviderBusy
from chalicelib.kernel.ids import derived
from chalicelib.kernel.money import Money
from chalicelib.kernel.transaction import Transaction, settle_races
from chalicelib.orders import credit
from chalicelib.orders.rules import Order, OrderNotFound, OrderStatus, Reason
from chalicelib.orders.service import payment_of, read
from chalicelib.orders.steps import remember, take_step
from chalicelib.payments import refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome
from chalicelib.payments.rules import Payment, PaymentStatus, Refund, RefundStatus, RefundTo


class NotRefundable(Conflict):
    """Only what is paid can go back."""

    code = "ORDER_NOT_REFUNDABLE"


def refund(
    order_id: str,
    amount: Money | None,
    *,
    reason: str,
    by: str,
    operation: str,
    now: int,
    to: RefundTo = RefundTo.ORIGIN,
) -> tuple[Order, list[Refund]]:
    """Give `amount` back, all that is left without one: the way it came, or into the balance.

    Answers a refund for each way it goes, as it stands: PENDING when the provider is out of reach,
    and then it is asked again by itself. The same `operation` is the same refund. Raises
    OrderNotFound, NotRefundable, RefundTooMuch, RefundByHand, BalanceNeedsAccount; and ProviderBusy
    where the balance is not credited before the provider can say what has gone back there.
    """
    if to == RefundTo.BALANCE:
        _look(order_id, now=now)

    def attempt() -> tuple[Payment, list[Refund]]:
        order = read(order_id)
        if order is None:
            raise OrderNotFound()
        payment = payment_of(order)
        ids = {where: _id_of(payment, operation, where) for where in RefundTo}
        made = [found for name in ids.values() if (found := _find(payment, name))]
        if made:
            return payment, made
        if order.status != OrderStatus.PAID:
            raise NotRefundable()
        parts = refunds.split(payment, amount or payment.refundable, to)
        if RefundTo.BALANCE in parts:
            credit.owner_of(order)
        made = [
            Refund(ids[where], part, RefundStatus.PENDING, by, reason, now, to=where)
            for where, part in parts.items()
        ]
        with Transaction() as tx:
            refunds.put(tx, payment, *made)
            remember(tx, order, Reason.REFUND_BEGUN, now)
        return payment, made

    payment, made = settle_races(attempt)
    made = [
        finish(payment.payment_id, one.refund_id, now=now)
        if one.status == RefundStatus.PENDING
        else one
        for one in made
    ]
    found = read(order_id)
    if found is None:
        raise OrderNotFound()
    return found, made


def finish(payment_id: str, refund_id: str, *, now: int) -> Refund:
    """Ask the provider for a refund that is counted, and write down what it says. Asked for again,
    nothing goes back twice. PENDING when the provider has to be asked again."""
    payment = _read(payment_id)
    made = _find(payment, refund_id)
    if made is None:
        raise RuntimeError(f"payment {payment_id} has no refund {refund_id}")
    if made.status != RefundStatus.PENDING:
        return made
    try:
        after = refunds.carry_out(payment, made)
    except ProviderBusy as error:
        telemetry.logger().warning("refund left for the next run", exc_info=error)
        return made
    settle_races(lambda: _write(payment_id, after, now=now))
    return after


def follow(payment: Payment, outcome: Outcome, *, now: int) -> None:
    """Write down what went back without the shop, e.g. in the provider's own pages, and that the
    payer's bank disputes it. Said again, nothing more happens."""

    def attempt() -> None:
        found = _read(payment.payment_id)
        if found.status == PaymentStatus.SUCCESS and outcome.disputed and not found.disputed:
            _mark_disputed(found, now=now)
            found = _read(payment.payment_id)
        told = outcome.refunded
        # What was sent back as a whole, late or twice, has no refunds of its own.
        follows = found.status == PaymentStatus.SUCCESS or bool(found.refunds)
        if follows and told and found.returned < told:
            _write_in(found, _of_provider(found, told - found.returned, now), now=now)

    settle_races(attempt)


def _look(order_id: str, *, now: int) -> None:
    """See what went back in the provider's own pages: no provider bounds what a balance is credited
    with, so it would be given twice."""
    order = read(order_id)
    if order is None or order.status != OrderStatus.PAID:
        return
    payment = payment_of(order)
    if payments.gives_back(payment.provider):
        outcome = payments.status(payment, take=False)
        if outcome.refunded:
            follow(payment, outcome, now=now)


def _id_of(payment: Payment, operation: str, where: RefundTo) -> str:
    beside = () if where == RefundTo.ORIGIN else (str(where),)
    return derived("rfd", payment.payment_id, operation, *beside)


def _of_provider(payment: Payment, amount: Money, now: int) -> Refund:
    refund_id = derived("rfd", payment.payment_id, refunds.PROVIDER, payment.turn)
    by = refunds.PROVIDER
    return Refund(refund_id, amount, RefundStatus.DONE, by, "at the provider", now)


def _write(payment_id: str, after: Refund, *, now: int) -> None:
    payment = _read(payment_id)
    before = _find(payment, after.refund_id)
    if before is None or before.status != RefundStatus.PENDING:
        return
    _write_in(payment, after, now=now)


def _write_in(payment: Payment, after: Refund, *, now: int) -> None:
    """The refund as it is now, and with the last of the money the order's end."""
    order, with_it = order_of(payment), payment.with_refund(after)
    ends = with_it.all_back and order.status == OrderStatus.PAID
    if payment.whole < with_it.refunded and after.by == refunds.PROVIDER:
        # Given back here and there as well: nobody but a person can get it again.
        telemetry.logger().error("more back than was paid", extra={"order_id": order.order_id})
        telemetry.metric({"RefundsDiffer": 1})
    with Transaction() as tx:
        if after.to == RefundTo.BALANCE and after.status == RefundStatus.DONE:
            credit.refund(tx, order, after, now=now)
        if ends:
            refunds.put(tx, payment, after, status=PaymentStatus.REFUNDED)
            take_step(tx, order, OrderStatus.REFUNDED, Reason.REFUNDED, now)
            return
        refunds.put(tx, payment, after)
        if after.status == RefundStatus.DONE:
            remember(tx, order, Reason.REFUNDED_PART, now)
        elif after.status == RefundStatus.FAILED:
            remember(tx, order, Reason.REFUND_FAILED, now)


def _mark_disputed(payment: Payment, *, now: int) -> None:
    order = order_of(payment)
    with Transaction() as tx:
        payments.mark_disputed(tx, payment)
        remember(tx, order, Reason.DISPUTED, now)


def order_of(payment: Payment) -> Order:
    """The order that it paid. Raises OrderNotFound."""
    order = read(payment.reference)
    if order is None:
        raise OrderNotFound()
    return order


def _find(payment: Payment, refund_id: str) -> Refund | None:
    return next((one for one in payment.refunds if one.refund_id == refund_id), None)


def _read(payment_id: str) -> Payment:
    payment = payments.read(payment_id)
    if payment is None:
        raise LostRace()
    return payment
