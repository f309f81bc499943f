"""Giving money of a paid order back, wholly or in parts, and following what providers gave back.

Three steps: the refund is counted (in one transaction with the order's history), the provider is
asked under the refund's own key, what it says is written down. Cut off anywhere, reconciliation
goes on with it; asked twice, the provider does it once. What goes into the buyer's store balance is
counted with the rest, and credited in the transaction that writes it down. No provider bounds that,
so the provider is asked before it what went back in its own pages, or to the payer's bank.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.kernel.errors import Conflict, ProviderBusy, ProviderFailed, StaleState
from chalicelib.orders import snapshot
from chalicelib.orders.rules import Order, OrderNotFound, OrderStatus
from chalicelib.orders.service import payment_of
from chalicelib.payments import disputes, refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Dispute, Outcome
from chalicelib.payments.rules import Payment, Refund, RefundStatus, RefundTo
from chalicelib.settlement import decide_refund, disputing
from chalicelib.settlement.decide import Decision, Situation
from chalicelib.settlement.decide_refund import Wish
from chalicelib.settlement.outcomes import situation
from chalicelib.settlement.write import Work, write


@dataclass(frozen=True)
class _Case:
    """A payment that is refunded and its order, as they were read, or as they were just written."""

    order: Order
    payment: Payment

    def refund(self, refund_id: str) -> Refund:
        made = self.payment.refund_of(refund_id)
        if made is None:
            raise RuntimeError(f"payment {self.payment.payment_id} has no refund {refund_id}")
        return made

    def written(self, decision: Decision, *, now: int) -> "_Case":
        """Write a decision on it; the case as it is then. StaleState when either has moved."""
        write(decision, Work(Situation(self.order, self.payment), None, now))
        if not decision.refunds:
            return self
        order = replace(self.order, status=decision.order or self.order.status)
        payment = self.payment.with_counted(*decision.refunds)
        return _Case(order, replace(payment, status=decision.payment or payment.status))


def refund(
    order_id: str,
    amount: int | None,
    *,
    reason: str,
    by: str,
    operation: str,
    now: int,
    to: RefundTo = RefundTo.ORIGIN,
) -> tuple[Order, list[Refund]]:
    """Give `amount` (minor units of the order's currency) back, all that is left without one: the
    way it came, or into the balance.

    Answers the order with its status then (its history is as it was), and a refund for each way the
    money goes, as it stands: PENDING when the provider is out of reach, and then it is asked again
    by itself; FAILED when it refuses (see `refused`). The same `operation` is the same refund.
    Raises OrderNotFound, NotRefundable, RefundTooMuch, PaymentDisputed, RefundByHand,
    AmountNotInSteps, BalanceNeedsAccount; and ProviderBusy where the balance is not credited before
    the provider can say what has gone back there.
    """
    if synced := to == RefundTo.BALANCE:
        _sync_paid(order_id, now=now)
    wish = Wish(amount, to, by, reason, operation)
    case = retry_on_conflict(lambda: _begin(order_id, wish, now=now))
    ids = [one for one in wish.ids(case.payment).values() if case.payment.refund_of(one)]
    for refund_id in ids:
        case = _finish(case, refund_id, now=now, synced=synced)
    return case.order, [case.refund(refund_id) for refund_id in ids]


def refused(order: Order, made: Sequence[Refund]) -> Conflict | None:
    """Why a part of a refund did not go back, for whoever asked for it; None when all of it has, or
    will by itself."""
    if all(one.status != RefundStatus.FAILED for one in made):
        return None
    disputed = payment_of(order).disputed
    return disputes.PaymentDisputed() if disputed else refunds.RefundRefused()


def finish(payment_id: str, refund_id: str, *, now: int) -> Refund:
    """Ask the provider for a refund that is counted, and write down what it says. Asked for again,
    nothing goes back twice. PENDING when the provider has to be asked again."""
    return _finish(_read(payment_id), refund_id, now=now).refund(refund_id)


def record(payment_id: str, after: Refund, *, now: int) -> None:
    """Write down what became of a refund that was counted, unless somebody else has done so.
    StaleState when the payment has moved."""
    _record(_read(payment_id), after, now=now)


def sync_refunds(payment: Payment, outcome: Outcome, *, now: int) -> None:
    """Write down what went back without the shop, e.g. in the provider's own pages, and how the
    payer's bank disputes it. Said again, nothing more happens."""
    if reported := _disputes(payment, outcome):
        disputing.sync_disputes(payment.payment_id, reported, now=now)

    def attempt() -> None:
        read = _payment(payment.payment_id)
        found = situation(snapshot.around(read), read)
        back, gone = disputes.went_back(read, outcome), disputes.all_gone(read, outcome)
        decision = decide_refund.gone_back(found, back, all_gone=gone, now=now)
        write(decision, Work(found, None, now))

    retry_on_conflict(attempt)


def counts(payment: Payment) -> bool:
    """Whether what goes back of it stands one by one: see decide_refund.py."""

    def paid_its_order() -> bool:
        return snapshot.around(payment).order.paid_by(payment.payment_id)

    return decide_refund.counts(payment, paid_its_order)


def _begin(order_id: str, wish: Wish, *, now: int) -> _Case:
    """Count the refunds of a wish, unless they are counted."""
    found = snapshot.read(order_id, hold=False)
    if found is None:
        raise OrderNotFound()
    payment = found.payment()
    if payment is None:
        raise RuntimeError(f"order {order_id} has no payment: written in one transaction")
    case = _Case(found.order, payment)
    decision = decide_refund.begin(
        Situation(case.order, case.payment), wish, refunds.split, now=now
    )
    return case.written(decision, now=now)


def _finish(case: _Case, refund_id: str, *, now: int, synced: bool = False) -> _Case:
    """As `finish`, of what was read already. What follows is written only if it is still so, else
    read anew. `synced`: the provider was asked just now what else has gone back."""
    made = case.refund(refund_id)
    if made.status != RefundStatus.PENDING:
        return case
    try:
        if made.to == RefundTo.BALANCE and not synced:
            _sync_from_provider(case.payment, now=now)
        after = refunds.carry_out(case.payment, made)
    except ProviderBusy as error:
        telemetry.logger().warning("refund left for the next run", exc_info=error)
        return case
    first = [case]

    def attempt() -> _Case:
        return _record(first.pop() if first else _read(case.payment.payment_id), after, now=now)

    ended = retry_on_conflict(attempt)
    after = ended.refund(refund_id)
    if after.status == RefundStatus.FAILED and after.to == RefundTo.ORIGIN:
        # The provider may know why: it has gone back there already, or to the payer's bank.
        with suppress(ProviderBusy, ProviderFailed, StaleState):
            _sync_from_provider(case.payment, now=now)
    return ended


def _record(case: _Case, after: Refund, *, now: int) -> _Case:
    found = Situation(case.order, case.payment)
    return case.written(decide_refund.end(found, after), now=now)


def _disputes(payment: Payment, outcome: Outcome) -> Sequence[Dispute]:
    """What the provider says of a payment's disputes, where it may have some."""
    if outcome.disputed:
        return disputes.asked(payment, outcome.capture_id)
    found = _payment(payment.payment_id)
    # Where what a bank takes looks like a refund, it may be none.
    with suppress(ProviderFailed):
        return disputes.asked(found) if disputes.may_be_taken(found, outcome) else ()
    return ()


def _sync_paid(order_id: str, *, now: int) -> None:
    found = snapshot.read(order_id, hold=False)
    payment = found.payment() if found else None
    if found is not None and payment is not None and found.order.status == OrderStatus.PAID:
        _sync_from_provider(payment, now=now)


def _sync_from_provider(payment: Payment, *, now: int) -> None:
    """See what went back in the provider's own pages, or to the payer's bank."""
    if payments.gives_back(payment.provider):
        # Not every provider shows at the payment that it is disputed.
        outcome = replace(payments.status(payment, take=False), disputed=True)
        sync_refunds(payment, outcome, now=now)


def _read(payment_id: str) -> _Case:
    payment = _payment(payment_id)
    return _Case(snapshot.around(payment).order, payment)


def _payment(payment_id: str) -> Payment:
    payment = payments.read(payment_id)
    if payment is None:
        raise StaleState()
    return payment
