"""Requests and answers about an order's money, for administrators."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.kernel import clock
from chalicelib.kernel.web.schema import Body, MoneyAnswer, Wire, text_field
from chalicelib.orders.rules import Order
from chalicelib.payments.ports import DisputeStatus
from chalicelib.payments.rules import Payment, Refund, RefundTo
from chalicelib.settlement.decide_review import ReviewDecision
from chalicelib.settlement.pending_refunds import Ending


class RefundOrder(Body):
    """How much goes back, in minor units of the order's currency (all that is left, without it),
    why, and where to: the way it came, into the buyer's store balance, or BY_HAND: the owner has
    given it back outside of the shop, and it is put on record."""

    amount: Annotated[int, Field(strict=True, ge=1, le=10**12)] | None = None
    reason: Annotated[str, text_field(200)]
    to: RefundTo = RefundTo.ORIGIN


class RefundAnswer(Wire):
    refund_id: str
    amount: MoneyAnswer
    # PENDING: the provider is asked again by itself.
    status: str
    to: RefundTo
    by: str
    reason: str
    at: str

    @classmethod
    def of(cls, refund: Refund) -> "RefundAnswer":
        return cls(
            refund_id=refund.refund_id,
            amount=MoneyAnswer.of(refund.amount),
            status=refund.status,
            to=refund.to,
            by=refund.by,
            reason=refund.reason,
            at=clock.iso(refund.at),
        )


class OrderRefunded(Wire):
    """The order after a refund, and the refund: one for each way the money goes, the provider's
    first."""

    order_id: str
    status: str
    refund: RefundAnswer
    refunds: list[RefundAnswer]

    @classmethod
    def of(cls, order: Order, made: Sequence[Refund]) -> "OrderRefunded":
        refunds = [RefundAnswer.of(one) for one in made]
        return cls(order_id=order.order_id, status=order.status, refund=refunds[0], refunds=refunds)


class Decide(Body):
    """What becomes of money that is not what was asked for."""

    decision: ReviewDecision


class EndRefund(Body):
    """What became of a refund whose provider does not answer."""

    ending: Ending


class DisputeOutcome(StrEnum):
    """How a dispute was decided; WON: for the shop."""

    WON = "WON"
    LOST = "LOST"


class DecideDispute(Body):
    """How the open disputes of a payment were decided, where its provider does not say; without it
    the provider is asked."""

    decision: DisputeOutcome | None = None


class DisputeMark(Wire):
    """How all disputes of a payment stand, and the amount in question. WON: it is not disputed any
    more."""

    status: DisputeStatus
    amount: MoneyAnswer


class PaymentWhole(Wire):
    """A payment as the shop's owner sees it."""

    payment_id: str
    order_id: str
    order_status: str
    provider: str
    status: str
    amount: MoneyAnswer
    captured: MoneyAnswer | None
    refunded: MoneyAnswer
    refundable: MoneyAnswer
    # What the buyer's store balance paid beside it.
    by_balance: MoneyAnswer | None
    # What lost disputes have taken. It can't be refunded, nor what is in an open one.
    charged_back: MoneyAnswer
    disputed: bool
    dispute: DisputeMark | None
    # Why it waits for a decision.
    reason: str | None
    session_id: str | None
    capture_id: str | None
    created_at: str
    expires_at: str
    refunds: list[RefundAnswer]

    @classmethod
    def of(cls, order: Order, payment: Payment) -> "PaymentWhole":
        return cls(
            payment_id=payment.payment_id,
            order_id=order.order_id,
            order_status=order.status,
            provider=payment.provider,
            status=payment.status,
            amount=MoneyAnswer.of(payment.amount),
            captured=MoneyAnswer.of(payment.captured) if payment.captured else None,
            refunded=MoneyAnswer.of(payment.refunded),
            refundable=MoneyAnswer.of(payment.refundable),
            by_balance=MoneyAnswer.maybe(payment.store_credit_amount),
            charged_back=MoneyAnswer.of(payment.charged_back),
            disputed=payment.disputed,
            dispute=(
                DisputeMark(status=mark.status, amount=MoneyAnswer.of(mark.amount))
                if (mark := payment.dispute)
                else None
            ),
            reason=payment.reason,
            session_id=payment.session_id,
            capture_id=payment.capture_id,
            created_at=clock.iso(payment.created_at),
            expires_at=clock.iso(payment.expires_at),
            refunds=[RefundAnswer.of(one) for one in payment.refunds],
        )


class PaymentsOfOrder(Wire):
    """All attempts to pay an order, the oldest first."""

    items: list[PaymentWhole]
