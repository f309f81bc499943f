"""A payment attempt as a value, and what may become of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.kernel.errors import Conflict, Invalid, NotFound
from chalicelib.kernel.money import Money, total
from chalicelib.payments.ports import Dispute, DisputeStatus, Instructions, Outcome, State

# Prefixes of the ids that the shop gives: what it tells a provider, and knows again by.
PAYMENT_ID, SUBSCRIPTION_ID = "pay", "sub"


class PaymentStatus(StrEnum):
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    # Paid, but not what was asked for: a person decides.
    REVIEW = "REVIEW"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"
    # A lost dispute has taken it, wholly or in part. The order keeps its status.
    CHARGED_BACK = "CHARGED_BACK"


# Waits for its money.
WAITING = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING})
# May still bring money, or has brought some that is in question.
OPEN = WAITING | {PaymentStatus.REVIEW}
# It paid its order: what of it is still there may go back.
PAID = frozenset({PaymentStatus.SUCCESS, PaymentStatus.CHARGED_BACK})
# The provider may still have to tell something, or to give something back.
UNFINISHED = WAITING | {PaymentStatus.REFUNDING}


class PaymentNotFound(NotFound):
    """Not there, or not the caller's."""

    code = "PAYMENT_NOT_FOUND"


class NothingToHandIn(Conflict):
    """This payment is made at its provider, or is over."""

    code = "NOTHING_TO_HAND_IN"


class ClaimedAlready(Conflict):
    """This money has been counted for another payment: it counts once."""

    code = "PAYMENT_CLAIMED_ALREADY"


class MoneyOfAnother(Conflict):
    """This money is exactly what another payment asks for: it is that one's."""

    code = "PAYMENT_OF_ANOTHER"


class AmountTooSmall(Invalid):
    """This way to pay takes no sum as small as that."""

    code = "PAYMENT_TOO_SMALL"


class AmountTooLarge(Invalid):
    code = "PAYMENT_TOO_LARGE"


class AmountNotInSteps(Invalid):
    """This way to pay takes multiples of a step only, e.g. no hundredths."""

    code = "AMOUNT_NOT_IN_STEPS"


@dataclass(frozen=True)
class Bounds:
    """What one payment is at least and at most, in minor units; None is no bound."""

    least: int | None = None
    most: int | None = None

    def check(self, amount: Money) -> None:
        """Raises AmountTooSmall or AmountTooLarge. What costs nothing is no payment."""
        if self.least is not None and 0 < amount.amount < self.least:
            raise AmountTooSmall(least=Money(self.least, amount.currency).decimal())
        if self.most is not None and amount.amount > self.most:
            raise AmountTooLarge(most=Money(self.most, amount.currency).decimal())


class RefundTo(StrEnum):
    """Where money goes back to: through its provider, into the buyer's store balance, or outside of
    the shop, by the owner's own hand."""

    ORIGIN = "ORIGIN"
    BALANCE = "BALANCE"
    BY_HAND = "BY_HAND"


class RefundStatus(StrEnum):
    # Decided and counted; the provider is asked, again and again if it must be.
    PENDING = "PENDING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Refund:
    """Money that goes back. `by` is who decided it; `provider` for one that the shop did not."""

    refund_id: str
    amount: Money
    status: RefundStatus
    by: str
    reason: str
    at: int
    # Idempotency keys under which the provider keeps an error.
    spent_keys: int = 0
    to: RefundTo = RefundTo.ORIGIN


@dataclass(frozen=True)
class Payment:
    """One attempt to pay one `reference` (an order's id; payments does not know more of it)."""

    payment_id: str
    reference: str
    provider: str
    amount: Money
    status: PaymentStatus
    created_at: int
    expires_at: int
    session_id: str | None = None
    url: str | None = None
    instructions: Instructions | None = None
    amount_suffix: int = 0
    capture_id: str | None = None
    reason: str | None = None
    spent_keys: int = 0
    # What came in, once something did.
    captured: Money | None = None
    refunds: Sequence[Refund] = ()
    # Goes up with each change of the refunds.
    version: int = 0
    # Goes up the `version` as well.
    disputes: Sequence[Dispute] = ()
    # What the buyer's store balance paid of the same thing, beside this payment. It goes back with
    # this one's money, so that one condition bounds the sum of both.
    store_credit_amount: Money | None = None
    declined_at: int | None = None

    @property
    def declined(self) -> bool:
        """Whether a try to pay it was refused, and none has worked since."""
        return self.declined_at is not None and self.status == PaymentStatus.PENDING

    def refund_of(self, refund_id: str) -> Refund | None:
        """The refund of that id, if it is one of this payment's."""
        return next((one for one in self.refunds if one.refund_id == refund_id), None)

    @property
    def refunded(self) -> Money:
        """What went back or is on its way."""
        gone = (one.amount for one in self.refunds if one.status != RefundStatus.FAILED)
        return total(gone, self.amount.currency)

    @property
    def came(self) -> Money:
        """What came in; as much as was asked for, where nobody said."""
        return self.captured or self.amount

    @property
    def returned(self) -> Money:
        """What went back through the provider or is on its way."""
        gone = (one for one in self.refunds if one.status != RefundStatus.FAILED)
        origin = (one.amount for one in gone if one.to == RefundTo.ORIGIN)
        return total(origin, self.amount.currency)

    @property
    def whole(self) -> Money:
        """All that was paid: what came in, and what the balance paid beside it."""
        return self.came + self.store_credit_amount if self.store_credit_amount else self.came

    @property
    def refundable(self) -> Money:
        """What may still go back, whatever of it was paid from the balance."""
        # More than came may have gone back at the provider itself.
        return self._at_least_nothing(self.whole - self.refunded - self.at_bank)

    @property
    def returnable(self) -> Money:
        """What of it may go back through the provider."""
        left = self._at_least_nothing(self.came - self.returned - self.at_bank)
        return min(left, self.refundable)

    def _at_least_nothing(self, left: Money) -> Money:
        nothing = Money(0, self.amount.currency)
        return max(nothing, left) if self.status in PAID else nothing

    @property
    def dispute(self) -> Dispute | None:
        """The mark of all its disputes: OPEN while one of them is, else LOST when one was, else
        WON; with the amount of those that stand so."""
        for status in (DisputeStatus.OPEN, DisputeStatus.LOST, DisputeStatus.WON):
            found = [one for one in self.disputes if one.status == status]
            if found:
                amount = total((one.amount for one in found), self.amount.currency)
                return Dispute(found[0].dispute_id, status, min(amount, self.came))
        return None

    @property
    def disputed(self) -> bool:
        """Whether a dispute keeps money of it, or has taken some."""
        return self.at_bank.amount > 0

    @property
    def charged_back(self) -> Money:
        """What lost disputes have taken."""
        return self._disputed_in(DisputeStatus.LOST)

    @property
    def at_bank(self) -> Money:
        """What is out of the shop's hands: in open disputes, and taken by lost ones."""
        return self._disputed_in(DisputeStatus.OPEN, DisputeStatus.LOST)

    def _disputed_in(self, *status: DisputeStatus) -> Money:
        found = (one.amount for one in self.disputes if one.status in status)
        # A bank may ask for more than came, e.g. by another rate of exchange.
        return min(total(found, self.amount.currency), self.came)

    @property
    def overdrawn(self) -> bool:
        """Whether more has gone back, is on its way or is kept by a bank than was paid."""
        return self.whole < self.refunded + self.at_bank

    def with_disputes(self, changed: Sequence[Dispute]) -> "Payment":
        """The payment with these disputes, new or changed."""
        names = {one.dispute_id for one in changed}
        others = [one for one in self.disputes if one.dispute_id not in names]
        return replace(self, disputes=[*others, *changed])

    @property
    def all_back(self) -> bool:
        """Whether all that came has gone back."""
        done = (one.amount for one in self.refunds if one.status == RefundStatus.DONE)
        return not total(done, self.amount.currency) < self.whole

    def with_refund(self, refund: Refund) -> "Payment":
        """The payment with this refund, new or changed."""
        others = [one for one in self.refunds if one.refund_id != refund.refund_id]
        return replace(self, refunds=[*others, refund])

    def with_counted(self, *made: Refund) -> "Payment":
        """The payment once these refunds are written: the next version."""
        after = self
        for refund in made:
            after = after.with_refund(refund)
        return replace(after, version=self.version + 1)

    @property
    def unfinished(self) -> bool:
        """Whether the provider may still have something to tell or to do."""
        waiting = any(one.status == RefundStatus.PENDING for one in self.refunds)
        return waiting or self.status in UNFINISHED


def mismatch(payment: Payment, outcome: Outcome) -> str | None:
    """Why money that came is not the money asked for; None when it is."""
    if outcome.state != State.PAID:
        return None
    if outcome.doubt:
        return outcome.doubt
    taken = outcome.agreed and outcome.amount and outcome.amount.currency == payment.amount.currency
    if outcome.amount != payment.amount and not taken:
        came = outcome.amount.decimal() if outcome.amount else "an unknown amount"
        return f"{came} paid, {payment.amount.decimal()} asked for"
    if payment.session_id and outcome.session_id != payment.session_id:
        return "paid in another session"
    return None


class WebhookStatus(StrEnum):
    """How far a webhook is. FAILED ones come again by themselves until the queue gives them up."""

    # Put on the queue once more, by an administrator.
    RECEIVED = "RECEIVED"
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    # Concerns no payment of the shop's.
    IGNORED = "IGNORED"
