"""Giving money of a paid order back, wholly or in parts, and following what providers gave back.

Three steps: the refund is counted (in one transaction with the order's history), the provider is
asked under the refund's own key, what it says is written down. Cut off anywhere, reconciliation
goes on with it; asked twice, the provider does it once. What goes into the buyer's store balance is
counted with the rest, and credited in the transaction that writes it down. No provider bounds that,
so the provider is asked before it what went back in its own pages, or to the payer's bank.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import Conflict, ProviderBusy, ProviderFailed, StaleState
from chalicelib.kernel.ids import derived
from chalicelib.kernel.money import Money
from chalicelib.orders import facts
from chalicelib.orders.rules import Order, OrderNotFound, OrderStatus, Reason
from chalicelib.orders.service import payment_of, read
from chalicelib.orders.steps import remember, take_step
from chalicelib.payments import disputes, refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Dispute, Outcome
from chalicelib.payments.rules import PAID, Payment, PaymentStatus, Refund, RefundStatus, RefundTo
from chalicelib.settlement import disputing, outcomes, store_credit


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
    and then it is asked again by itself; FAILED when it refuses (see `refused`). The same
    `operation` is the same refund. Raises OrderNotFound, NotRefundable, RefundTooMuch,
    PaymentDisputed, RefundByHand, AmountNotInSteps, BalanceNeedsAccount; and ProviderBusy where the
    balance is not credited before the provider can say what has gone back there.
    """
    if to == RefundTo.BALANCE:
        _sync_paid(order_id, now=now)

    def attempt() -> tuple[Order, Payment, list[Refund]]:
        order = read(order_id)
        if order is None:
            raise OrderNotFound()
        payment = payment_of(order)
        ids = {where: _id_of(payment, operation, where) for where in RefundTo}
        made = [found for name in ids.values() if (found := payment.refund_of(name))]
        if made:
            return order, payment, made
        if order.status != OrderStatus.PAID:
            raise NotRefundable()
        parts = refunds.split(payment, amount or payment.refundable, to)
        if RefundTo.BALANCE in parts:
            store_credit.owner_of(order)
        made = [
            Refund(ids[where], part, RefundStatus.PENDING, by, reason, now, to=where)
            for where, part in parts.items()
        ]
        with Transaction() as tx:
            refunds.put(tx, payment, *made)
            remember(tx, order, Reason.REFUND_BEGUN, now, facts.of_refunds(payment, made))
        return order, payment.with_counted(*made), made

    order, payment, made = retry_on_conflict(attempt)
    # What was just written is known; with two ways the second one comes after the first's change.
    known = (order, payment) if len(made) == 1 else None
    synced = to == RefundTo.BALANCE
    made = [
        finish(payment.payment_id, one.refund_id, now=now, synced=synced, known=known)
        if one.status == RefundStatus.PENDING
        else one
        for one in made
    ]
    found = read(order_id)
    if found is None:
        raise OrderNotFound()
    return found, made


def refused(order: Order, made: Sequence[Refund]) -> Conflict | None:
    """Why a part of a refund did not go back, for whoever asked for it; None when all of it has, or
    will by itself."""
    if all(one.status != RefundStatus.FAILED for one in made):
        return None
    disputed = payment_of(order).disputed
    return disputes.PaymentDisputed() if disputed else refunds.RefundRefused()


def finish(
    payment_id: str,
    refund_id: str,
    *,
    now: int,
    synced: bool = False,
    known: tuple[Order, Payment] | None = None,
) -> Refund:
    """Ask the provider for a refund that is counted, and write down what it says. Asked for again,
    nothing goes back twice. PENDING when the provider has to be asked again.

    `synced`: it was asked just now what else has gone back. `known` are order and payment as they
    were read already; what follows is written only if they are still so, else read anew.
    """
    payment = known[1] if known else _read(payment_id)
    made = payment.refund_of(refund_id)
    if made is None:
        raise RuntimeError(f"payment {payment_id} has no refund {refund_id}")
    if made.status != RefundStatus.PENDING:
        return made
    try:
        if made.to == RefundTo.BALANCE and not synced:
            _sync_from_provider(payment, now=now)
        after = refunds.carry_out(payment, made)
    except ProviderBusy as error:
        telemetry.logger().warning("refund left for the next run", exc_info=error)
        return made
    first = [known] if known else []
    after = retry_on_conflict(
        lambda: write(payment_id, after, now=now, known=first.pop() if first else None)
    )
    if after.status == RefundStatus.FAILED and after.to == RefundTo.ORIGIN:
        # The provider may know why: it has gone back there already, or to the payer's bank.
        with suppress(ProviderBusy, ProviderFailed, StaleState):
            _sync_from_provider(payment, now=now)
    return after


def sync_refunds(payment: Payment, outcome: Outcome, *, now: int) -> None:
    """Write down what went back without the shop, e.g. in the provider's own pages, and how the
    payer's bank disputes it. Said again, nothing more happens."""
    if told := _disputes(payment, outcome):
        disputing.sync_disputes(payment.payment_id, told, now=now)

    def attempt() -> None:
        found = _read(payment.payment_id)
        if found.status in _IN_QUESTION:
            if disputes.all_gone(found, outcome):
                _end(found, now=now)
            return
        back = disputes.went_back(found, outcome)
        if back and found.returned < back and counts(found):
            _write_in(found, _of_provider(found, back - found.returned, now), now=now)

    retry_on_conflict(attempt)


def counts(payment: Payment) -> bool:
    """Whether what goes back of it stands one by one: what was sent back as a whole, late or twice,
    has no refunds of its own."""
    if payment.refunds or payment.status == PaymentStatus.SUCCESS:
        return True
    return payment.status in PAID and order_of(payment).paid_by(payment.payment_id)


# Here, and whether it stays is not decided, or not carried out.
_IN_QUESTION = frozenset({PaymentStatus.REVIEW, PaymentStatus.REFUNDING})


def _end(payment: Payment, *, now: int) -> None:
    """What waited for a decision, or to be sent back, has gone back at the provider."""
    order, lost = order_of(payment), payment.charged_back.amount > 0
    with Transaction() as tx:
        if order.status == OrderStatus.PENDING:
            outcomes.end_with(tx, order, payment, Reason.PAYMENT_FAILED, now)
        else:
            reason = Reason.CHARGED_BACK if lost else Reason.REFUNDED_DECIDED
            gone = payment.charged_back if lost else payment.came
            remember(tx, order, reason, now, facts.of_payment(payment, gone))
        payments.conclude(
            tx, payment, PaymentStatus.CHARGED_BACK if lost else PaymentStatus.REFUNDED
        )


def _disputes(payment: Payment, outcome: Outcome) -> Sequence[Dispute]:
    """What the provider says of a payment's disputes, where it may have some."""
    if outcome.disputed:
        return disputes.asked(payment, outcome.capture_id)
    found = _read(payment.payment_id)
    # Where what a bank takes looks like a refund, it may be none.
    with suppress(ProviderFailed):
        return disputes.asked(found) if disputes.may_be_taken(found, outcome) else ()
    return ()


def _sync_paid(order_id: str, *, now: int) -> None:
    order = read(order_id)
    if order is not None and order.status == OrderStatus.PAID:
        _sync_from_provider(payment_of(order), now=now)


def _sync_from_provider(payment: Payment, *, now: int) -> None:
    """See what went back in the provider's own pages, or to the payer's bank."""
    if payments.gives_back(payment.provider):
        # Not every provider shows at the payment that it is disputed.
        outcome = replace(payments.status(payment, take=False), disputed=True)
        sync_refunds(payment, outcome, now=now)


def _id_of(payment: Payment, operation: str, where: RefundTo) -> str:
    suffix = () if where == RefundTo.ORIGIN else (str(where),)
    return derived("rfd", payment.payment_id, operation, *suffix)


def _of_provider(payment: Payment, amount: Money, now: int) -> Refund:
    refund_id = derived("rfd", payment.payment_id, refunds.PROVIDER, payment.version)
    by = refunds.PROVIDER
    return Refund(refund_id, amount, RefundStatus.DONE, by, "at the provider", now)


def write(
    payment_id: str, after: Refund, *, now: int, known: tuple[Order, Payment] | None = None
) -> Refund:
    """What became of a refund that was counted: as the provider said, or as somebody else has
    written it down before. StaleState where that was so since `known` was read."""
    payment = known[1] if known else _read(payment_id)
    before = payment.refund_of(after.refund_id)
    if before is None or before.status != RefundStatus.PENDING:
        return before or after
    if after.to == RefundTo.BALANCE and payment.overdrawn:
        # Since it was decided, its money has gone back at the provider or to the payer's bank.
        after = replace(after, status=RefundStatus.FAILED)
    _write_in(payment, after, now=now, order=known[0] if known else None)
    return after


def _write_in(payment: Payment, after: Refund, *, now: int, order: Order | None = None) -> None:
    """The refund as it is now, and with the last of the money the order's end."""
    order, with_it = order or order_of(payment), payment.with_refund(after)
    told = facts.of_refunds(payment, [after])
    ends = with_it.all_back and order.status == OrderStatus.PAID
    if payment.whole < with_it.refunded and after.by == refunds.PROVIDER:
        # Given back here and there as well: nobody but a person can get it again.
        telemetry.logger().error("more back than was paid", extra={"order_id": order.order_id})
        telemetry.metric({"RefundsDiffer": 1})
    with Transaction() as tx:
        if after.to == RefundTo.BALANCE and after.status == RefundStatus.DONE:
            store_credit.refund(tx, order, after, now=now)
        if ends:
            refunds.put(tx, payment, after, status=PaymentStatus.REFUNDED)
            take_step(tx, order, OrderStatus.REFUNDED, Reason.REFUNDED, now, told)
            return
        refunds.put(tx, payment, after)
        if after.status == RefundStatus.DONE:
            remember(tx, order, Reason.REFUNDED_PART, now, told)
        elif after.status == RefundStatus.FAILED:
            remember(tx, order, Reason.REFUND_FAILED, now, told)


def order_of(payment: Payment) -> Order:
    """The order that it paid. Raises OrderNotFound."""
    order = read(payment.reference)
    if order is None:
        raise OrderNotFound()
    return order


def _read(payment_id: str) -> Payment:
    payment = payments.read(payment_id)
    if payment is None:
        raise StaleState()
    return payment
