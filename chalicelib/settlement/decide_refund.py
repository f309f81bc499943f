"""What refunds and disputes mean for an order and its payment: decided here, purely.

As in decide.py nothing is read or written; docs/settlement.md shows what is answered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.balance.rules import BalanceNeedsAccount
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.ids import derived
from chalicelib.kernel.money import Money, total
from chalicelib.orders.rules import OrderStatus, Reason
from chalicelib.payments import refunds
from chalicelib.payments.ports import Dispute, DisputeStatus
from chalicelib.payments.rules import PAID, Payment, PaymentStatus, Refund, RefundStatus, RefundTo
from chalicelib.settlement import decide_review
from chalicelib.settlement.decide import NOTHING, Decision, Situation, Step

# Why a payment waits for a person.
BACK_AGAIN = "its dispute was won and no order needs it: to be sent back, or given back by hand"
BY_HAND = "its refund did not reach the payer: to be given back by hand, or once more"
# What the log says where nobody but a person can put it right.
OVERDRAWN, DIFFERENT = "more back than was paid", "refunds differ"


class NotRefundable(Conflict):
    """Only what is paid can go back."""

    code = "ORDER_NOT_REFUNDABLE"


@dataclass(frozen=True)
class Wish:
    """Somebody wants money of a paid order back: `amount` in minor units, or all that is left. The
    same `operation` is the same wish."""

    amount: int | None
    to: RefundTo
    by: str
    reason: str
    operation: str

    def ids(self, payment: Payment) -> Mapping[RefundTo, str]:
        """The ids of its refunds, one for each way that money may go."""
        named = {to: [] if to == RefundTo.ORIGIN else [str(to)] for to in RefundTo}
        ids = (derived("rfd", payment.payment_id, self.operation, *each) for each in named.values())
        return dict(zip(named, ids, strict=True))


Split = Callable[[Payment, Money, RefundTo], Mapping[RefundTo, Money]]


def begin(found: Situation, wish: Wish, split: Split, *, now: int) -> Decision:
    """Count what is wanted, a refund for each way it goes; nothing where that was done before.

    `split` says which ways (payments/refunds.py), and raises what it raises. Raises NotRefundable
    and BalanceNeedsAccount.
    """
    order, payment, ids = found.order, found.payment, wish.ids(found.payment)
    if any(payment.refund_of(one) for one in ids.values()):
        return NOTHING
    if order.status != OrderStatus.PAID:
        raise NotRefundable()
    wanted = Money(wish.amount, order.currency) if wish.amount else payment.refundable
    parts = split(payment, wanted, wish.to)
    if RefundTo.BALANCE in parts and order.user_id is None:
        raise BalanceNeedsAccount()
    made = [
        Refund(ids[to], part, RefundStatus.PENDING, wish.by, wish.reason, now, to=to)
        for to, part in parts.items()
    ]
    return Decision(Step.REFUND, reason=Reason.REFUND_BEGUN, refunds=made)


def end(found: Situation, after: Refund) -> Decision:
    """What follows from what became of a refund that was counted; nothing where that is written
    already."""
    before = found.payment.refund_of(after.refund_id)
    if before is None or before.status != RefundStatus.PENDING:
        return NOTHING
    if after.to == RefundTo.BALANCE and found.payment.overdrawn:
        # Since it was decided, its money has gone back at the provider or to the payer's bank.
        after = replace(after, status=RefundStatus.FAILED)
    return _noted(found, after)


def gone_back(found: Situation, back: Money | None, *, all_gone: bool, now: int) -> Decision:
    """What follows from what a provider says went `back` of a payment, e.g. in its own pages, and
    whether nothing is left there."""
    payment = found.payment
    if payment.status in (PaymentStatus.REVIEW, PaymentStatus.REFUNDING):
        # Here, and whether it stays is not decided, or not carried out.
        return decide_review.over(found) if all_gone else NOTHING
    known = payment.returned
    if back and known < back and counts(payment, lambda: found.order.paid_by(payment.payment_id)):
        refund_id = derived("rfd", payment.payment_id, refunds.PROVIDER, payment.version)
        by, why = refunds.PROVIDER, "at the provider"
        made = Refund(refund_id, back - known, RefundStatus.DONE, by, why, now)
        return _noted(found, made)
    return NOTHING


def did_not_arrive(found: Situation, back: Money | None, key: str) -> Decision:
    """What follows where a refund that was done may have failed after all: `back` is what the
    provider says went back, `key` the refund's, where it names one."""
    payment = found.payment
    if back is None:
        return NOTHING
    if refunds.is_late_key(payment, key):
        # Under a key that was used anew, an older failure may be reported again.
        gone = payment.spent_keys > 0 and not back < payment.came
        return (
            _reopened(found) if payment.status == PaymentStatus.REFUNDED and not gone else NOTHING
        )
    # What went into the store balance never was at the provider.
    through = [one for one in payment.refunds if one.to == RefundTo.ORIGIN]
    done = [one for one in through if one.status == RefundStatus.DONE]
    gap = total((one.amount for one in done), payment.amount.currency) - back
    named = [one for one in done if refunds.key_of(one) == key]
    if gap.amount <= 0 and not any(one.spent_keys == 0 for one in named):
        return NOTHING
    failed = named or [one for one in reversed(done) if one.amount == gap]
    return _taken_back(found, failed[0]) if failed else Decision(Step.NOTHING, alarm=DIFFERENT)


def counts(payment: Payment, paid_its_order: Callable[[], bool]) -> bool:
    """Whether what goes back of it stands one by one: what was sent back as a whole, late or twice,
    has no refunds of its own."""
    if payment.refunds or payment.status == PaymentStatus.SUCCESS:
        return True
    return payment.status in PAID and paid_its_order()


def _noted(found: Situation, after: Refund) -> Decision:
    """The refund as it is now, and with the last of the money the order's end."""
    payment, with_it = found.payment, found.payment.with_refund(after)
    twice = payment.whole < with_it.refunded and after.by == refunds.PROVIDER
    # Given back here and there as well: nobody but a person can get it again.
    noted = Decision(Step.ASK_AGAIN, refunds=(after,), alarm=OVERDRAWN if twice else None)
    if with_it.all_back and found.order.status == OrderStatus.PAID:
        return replace(
            noted,
            step=Step.ALL_BACK,
            payment=PaymentStatus.REFUNDED,
            order=OrderStatus.REFUNDED,
            reason=Reason.REFUNDED,
        )
    if after.status == RefundStatus.DONE:
        return replace(noted, step=Step.PART_BACK, reason=Reason.REFUNDED_PART)
    if after.status == RefundStatus.FAILED:
        return replace(noted, step=Step.REFUND_FAILED, reason=Reason.REFUND_FAILED)
    return noted


def _taken_back(found: Situation, refund: Refund) -> Decision:
    """A refund that was done is failed: the money is the shop's again."""
    payment, failed = found.payment, (replace(refund, status=RefundStatus.FAILED),)
    undone = Decision(Step.REFUND_FAILED, reason=Reason.REFUND_FAILED, refunds=failed, undoes=True)
    both = (payment.status, found.order.status)
    if both != (PaymentStatus.REFUNDED, OrderStatus.REFUNDED):
        return undone
    lost = payment.charged_back.amount > 0
    status = PaymentStatus.CHARGED_BACK if lost else PaymentStatus.SUCCESS
    return replace(undone, step=Step.REOPEN, payment=status, order=OrderStatus.PAID)


def _reopened(found: Situation) -> Decision:
    """What came late or twice and was sent back is here again: a person decides."""
    return Decision(
        Step.REVIEW,
        payment=PaymentStatus.REVIEW,
        why=BY_HAND,
        reason=Reason.REFUND_FAILED,
        amount=found.payment.came,
        spent_key=True,
    )


_REASONS = {
    DisputeStatus.OPEN: Reason.DISPUTED,
    DisputeStatus.WON: Reason.DISPUTE_WON,
    DisputeStatus.LOST: Reason.CHARGED_BACK,
}


def dispute(found: Situation, changed: Sequence[Dispute]) -> Decision:
    """What follows from disputes that are new or stand otherwise than is known."""
    order, payment = found.order, found.payment
    after = payment.with_disputes(changed)
    waits = any(one.status == RefundStatus.PENDING for one in payment.refunds)
    noted = Decision(
        Step.NOTE_DISPUTE,
        reason=_REASONS[changed[-1].status],
        amount=changed[-1].amount,
        disputes=changed,
        # Of money that goes back anyway, late or sent twice: the order has another payment.
        mark=after.dispute if order.payment_id == payment.payment_id else None,
        # Refunded before the bank took it as well: nobody but a person can get it again.
        alarm=OVERDRAWN if after.overdrawn and not waits else None,
    )
    if payment.status not in PAID:
        return noted
    if after.charged_back.amount:
        return replace(noted, step=Step.CHARGE_BACK, payment=PaymentStatus.CHARGED_BACK)
    if order.paid_by(payment.payment_id):
        return replace(noted, payment=PaymentStatus.SUCCESS)
    # It was to go back when a bank took it: now it is here again, and no order needs it.
    return replace(noted, step=Step.REVIEW, payment=PaymentStatus.REVIEW, why=BACK_AGAIN)
