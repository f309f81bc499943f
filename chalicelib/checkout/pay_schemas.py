"""Requests and answers of paying an order that is placed already."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.checkout.paying import Begun
from chalicelib.kernel import clock
from chalicelib.kernel.i18n import text
from chalicelib.kernel.web.schema import Body, Id, MoneyAnswer, Wire
from chalicelib.orders.rules import Order, OrderStatus
from chalicelib.payments.by_hand import PaymentProof, ProofStatus, Rejection
from chalicelib.payments.rules import WAITING, Payment, PaymentStatus
from chalicelib.payments.schemas import InstructionsAnswer


class PayOrder(Body):
    """How to pay; without a method, as before."""

    method: Id | None = None


class CreatePayment(PayOrder):
    """What to pay, and how."""

    order_id: Id


class OrderToPay(Body):
    """What to pay; the route says how."""

    order_id: Id


class ProofBody(Body):
    """What the payment asks for, one of the two; neither has the provider asked how it stands."""

    # Or the address of its page in an explorer.
    hash: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    passphrase: Annotated[str, Field(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "ProofBody":
        if self.hash is not None and self.passphrase is not None:
            raise PydanticCustomError("one_of", "a hash or a passphrase")
        return self

    @property
    def given(self) -> str:
        """Whichever it is."""
        return self.hash or self.passphrase or ""


class PaymentBegun(Wire):
    """Where to pay; `url` is the order's own page when it is paid meanwhile."""

    order_id: str
    payment_id: str
    method: str
    status: str
    url: str
    instructions: InstructionsAnswer | None
    expires_at: str

    @classmethod
    def of(cls, begun: Begun) -> "PaymentBegun":
        return cls(
            order_id=begun.order.order_id,
            payment_id=begun.payment.payment_id,
            method=begun.payment.provider,
            status=begun.payment.status,
            url=begun.url,
            instructions=_instructions(begun.order, begun.payment),
            expires_at=clock.iso(begun.payment.expires_at),
        )


class CancelledAnswer(Wire):
    """An order that was given up, and the cart that has its things now."""

    order_id: str
    status: str
    cart_id: str


class ProofAnswer(Wire):
    """One thing that the buyer handed in, by its last letters."""

    masked: str
    status: ProofStatus
    # Why it was rejected.
    reason: Rejection | None
    received: MoneyAnswer | None
    at: str

    @classmethod
    def of(cls, one: PaymentProof) -> "ProofAnswer":
        said = one.decision
        return cls(
            masked=one.masked,
            status=one.status,
            reason=said.rejection if said else None,
            received=MoneyAnswer.maybe(said.received) if said else None,
            at=clock.iso(one.at),
        )


class PaymentNotice(Wire):
    """What the buyer has to know of a payment, and what is said of it."""

    code: str
    text: str

    @classmethod
    def of(cls, payment: Payment, locale: str) -> "PaymentNotice | None":
        if payment.declined:
            return cls(code="PAYMENT_DECLINED", text=text(locale, "PAYMENT_DECLINED"))
        if payment.status != PaymentStatus.REVIEW:
            return None
        little = payment.came < payment.amount
        code = "PAYMENT_TOO_LITTLE" if little else "PAYMENT_IN_REVIEW"
        return cls(code=code, text=text(locale, code))


class PaymentAnswer(Wire):
    """A payment as the buyer sees it."""

    payment_id: str
    order_id: str
    method: str
    status: str
    amount: MoneyAnswer
    # Where to pay, while it can be paid.
    url: str | None
    # What to do on the order's own page, while it can be paid.
    instructions: InstructionsAnswer | None
    # What a person looks at, or has looked at; the oldest first.
    handed_in: list[ProofAnswer]
    # Money came that is not what was asked for.
    notice: PaymentNotice | None
    created_at: str
    expires_at: str

    @classmethod
    def of(
        cls, order: Order, payment: Payment, locale: str, proofs: Sequence[PaymentProof] = ()
    ) -> "PaymentAnswer":
        payable = _payable(order, payment)
        return cls(
            payment_id=payment.payment_id,
            order_id=order.order_id,
            method=payment.provider,
            status=payment.status,
            amount=MoneyAnswer.of(payment.amount),
            url=payment.url if payable else None,
            instructions=_instructions(order, payment),
            handed_in=[ProofAnswer.of(one) for one in proofs],
            notice=PaymentNotice.of(payment, locale),
            created_at=clock.iso(payment.created_at),
            expires_at=clock.iso(payment.expires_at),
        )


def _payable(order: Order, payment: Payment) -> bool:
    return order.status == OrderStatus.PENDING and payment.status == PaymentStatus.PENDING


def _instructions(order: Order, payment: Payment) -> InstructionsAnswer | None:
    found = payment.instructions
    # On its way may be a part of it: what is missing is paid in the same way.
    may_go_on = order.status == OrderStatus.PENDING and payment.status in WAITING
    return InstructionsAnswer.of(found) if found and may_go_on else None
