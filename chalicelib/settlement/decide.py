"""What a provider's word means for an order: decided here, purely; written in write.py.

`decide` takes an order, one of its payments as it stands, and what the provider says of it. It
reads nothing and writes nothing. docs/settlement.md shows what it answers for every combination.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order, OrderStatus, Reason
from chalicelib.payments.ports import Dispute, Outcome, State
from chalicelib.payments.rules import PAID, WAITING, Payment, PaymentStatus, Refund, mismatch

# Why a payment waits for a person whose provider can't send money back.
BY_HAND = "not needed any more: to be given back by hand"


class Step(StrEnum):
    """What is to be done about an order and one of its payments."""

    # It was said before, or comes too late to change anything.
    NOTHING = "nothing"
    # The order is paid and its units are sold.
    SETTLE = "settle"
    # Paid after it was given up: units and store credit are taken again, else SEND_BACK.
    REVIVE = "revive"
    # No order needs the money: the provider is to give it back.
    SEND_BACK = "send back"
    # That was decided before, and is carried out.
    CARRY_OUT = "carry out"
    # The money is not what was asked for, or can't be sent back: a person decides.
    REVIEW = "review"
    # Money is on its way, and the units wait for it.
    PROCESSING = "processing"
    # It is not on its way any more, and the buyer may try again.
    WAIT = "wait"
    # A try to pay was refused, and the buyer may try again.
    DECLINED = "declined"
    # The attempt is over; another one of the order may still be paid.
    END_ATTEMPT = "end attempt"
    # The attempt is over, and with it the order.
    CANCEL = "cancel"

    # Of money that goes back (decide_refund.py): a refund is counted; then its provider is asked.
    REFUND = "refund"
    # The provider has to be asked for it again, under another key.
    ASK_AGAIN = "ask again"
    # A refund is done, and something of the money is left.
    PART_BACK = "part back"
    # It was the last of the money, and the order is REFUNDED.
    ALL_BACK = "all back"
    # A refund is failed, now or after all: its money is there again.
    REFUND_FAILED = "refund failed"
    # So it is, and the order that had ended with it is PAID again.
    REOPEN = "reopen"
    # Money that no order keeps has gone back as a whole.
    RETURNED = "returned"
    # A payer's bank keeps money, or has let it go again.
    NOTE_DISPUTE = "note dispute"
    # It has taken it.
    CHARGE_BACK = "charge back"


@dataclass(frozen=True)
class Situation:
    """An order and one of its payments, as they were read."""

    order: Order
    payment: Payment
    # The order's units, where it matters that they are still held for it.
    hold: Hold | None = None
    # Whether another attempt to pay it may still bring money.
    others_open: bool = False
    # Whether the payment's provider can send money back; asked where that matters.
    gives_back: Callable[[], bool] = lambda: True

    @property
    def held(self) -> bool:
        """Whether the order's units are still held for it, as far as is known."""
        return self.hold is None or self.hold.status == HoldStatus.HELD


@dataclass(frozen=True)
class Decision:
    """One step: the statuses that follow, and why. A status that is None stays as it is."""

    step: Step
    payment: PaymentStatus | None = None
    order: OrderStatus | None = None
    # For the order's history: of its step, or without an `order` status a line of its own.
    reason: Reason | None = None
    # For the person who decides.
    why: str | None = None
    # Refunds and disputes of the payment, new or changed, and how the order is marked as disputed.
    refunds: Sequence[Refund] = ()
    disputes: Sequence[Dispute] = ()
    mark: Dispute | None = None
    # The refunds were done before, and are undone.
    undoes: bool = False
    # What the history's line is about, where it is about the payment and not about refunds.
    amount: Money | None = None
    # The key under which it was given back answers for a refund that failed.
    spent_key: bool = False
    # What the log says besides: the books differ, and nobody but a person can put it right.
    alarm: str | None = None


NOTHING = Decision(Step.NOTHING)
CARRY_OUT = Decision(Step.CARRY_OUT)
_REASON_OF_END = {State.ENDED: Reason.EXPIRED, State.FAILED: Reason.PAYMENT_FAILED}


def decide(found: Situation, outcome: Outcome) -> Decision:
    """What follows for an order from what its payment's provider says."""
    if outcome.state == State.PAID:
        return _paid(found, outcome)
    if outcome.state == State.PROCESSING:
        return _processing(found)
    if outcome.state == State.OPEN:
        return _open(found.payment, outcome)
    return over(found, _REASON_OF_END[outcome.state])


def over(found: Situation, reason: Reason) -> Decision:
    """An attempt is over without money; with the last one that was open, its order is too."""
    if found.payment.status not in WAITING:
        return NOTHING
    ended = PaymentStatus.EXPIRED if reason == Reason.EXPIRED else PaymentStatus.FAILED
    if found.order.status != OrderStatus.PENDING or found.others_open:
        return Decision(Step.END_ATTEMPT, payment=ended)
    return Decision(Step.CANCEL, payment=ended, order=OrderStatus.CANCELLED, reason=reason)


def _paid(found: Situation, outcome: Outcome) -> Decision:
    order, payment = found.order, found.payment
    # What waits for a person waits no longer when one has said that it is enough.
    in_review = payment.status == PaymentStatus.REVIEW and not outcome.agreed
    if in_review or payment.status in PAID | {PaymentStatus.REFUNDED}:
        return NOTHING
    if payment.status == PaymentStatus.REFUNDING:
        return CARRY_OUT
    if wrong := mismatch(payment, outcome):
        return Decision(Step.REVIEW, payment=PaymentStatus.REVIEW, why=wrong)
    if not (asks_for(payment, order) or (outcome.agreed and can_pay(payment, order))):
        # Of before the order was changed: it is paid at its new page, for what it costs now.
        return send_back(found)
    if order.status == OrderStatus.PENDING:
        # Given back though the order still waits: no code does this, a hand in the table may.
        return SETTLE if found.held else REVIVE
    # Another attempt was faster: an order is paid once.
    return REVIVE if order.status == OrderStatus.CANCELLED else send_back(found)


SETTLE = Decision(
    Step.SETTLE, payment=PaymentStatus.SUCCESS, order=OrderStatus.PAID, reason=Reason.PAID
)
REVIVE = Decision(
    Step.REVIVE, payment=PaymentStatus.SUCCESS, order=OrderStatus.PAID, reason=Reason.REVIVED
)


def send_back(found: Situation) -> Decision:
    """Money that no order needs goes back; where its provider can't do that, a person does."""
    if not found.gives_back():
        return Decision(Step.REVIEW, payment=PaymentStatus.REVIEW, why=BY_HAND)
    # Written before the provider is asked: whoever repeats this must refund as well.
    return Decision(Step.SEND_BACK, payment=PaymentStatus.REFUNDING)


def _processing(found: Situation) -> Decision:
    waits = found.order.status == OrderStatus.PENDING
    if not waits or found.payment.status != PaymentStatus.PENDING:
        return NOTHING
    return Decision(Step.PROCESSING, payment=PaymentStatus.PROCESSING)


def _open(payment: Payment, outcome: Outcome) -> Decision:
    """The page is open; money that was on its way will not come."""
    if payment.status in WAITING and outcome.declined and not payment.declined:
        return Decision(Step.DECLINED)
    if payment.status != PaymentStatus.PROCESSING:
        return NOTHING
    return Decision(Step.WAIT, payment=PaymentStatus.PENDING)


def asks_for(payment: Payment, order: Order) -> bool:
    """Whether an attempt asks for what its order costs now: an order may have been changed since it
    was begun."""
    part = payment.store_credit_amount or Money(0, payment.amount.currency)
    return (payment.amount, part) == (order.due, order.part)


def can_pay(payment: Payment, order: Order) -> bool:
    """Whether a person may say that an attempt's money is enough: in another currency than its
    order is in by now, its refunds could not be reckoned."""
    return payment.amount.currency == order.currency
