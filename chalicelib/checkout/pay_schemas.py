"""Requests and answers of paying an order that is placed already."""

from chalicelib.checkout.paying import Begun
from chalicelib.kernel import clock
from chalicelib.kernel.schema import Body, Id, MoneyAnswer, Wire
from chalicelib.orders.rules import Order, OrderStatus
from chalicelib.payments.rules import Payment, PaymentStatus


class PayOrder(Body):
    """How to pay; without a method, as before."""

    method: Id | None = None


class CreatePayment(PayOrder):
    """What to pay, and how."""

    order_id: Id


class OrderToPay(Body):
    """What to pay; the route says how."""

    order_id: Id


class PaymentBegun(Wire):
    """Where to pay; `url` is the order's own page when it is paid meanwhile."""

    order_id: str
    payment_id: str
    method: str
    status: str
    url: str
    expires_at: str

    @classmethod
    def of(cls, begun: Begun) -> "PaymentBegun":
        return cls(
            order_id=begun.order.order_id,
            payment_id=begun.payment.payment_id,
            method=begun.payment.provider,
            status=begun.payment.status,
            url=begun.url,
            expires_at=clock.iso(begun.payment.expires_at),
        )


class PaymentAnswer(Wire):
    """A payment as the buyer sees it."""

    payment_id: str
    order_id: str
    method: str
    status: str
    amount: MoneyAnswer
    # Where to pay, while it can be paid.
    url: str | None
    created_at: str
    expires_at: str

    @classmethod
    def of(cls, order: Order, payment: Payment) -> "PaymentAnswer":
        payable = order.status == OrderStatus.PENDING and payment.status == PaymentStatus.PENDING
        return cls(
            payment_id=payment.payment_id,
            order_id=order.order_id,
            method=payment.provider,
            status=payment.status,
            amount=MoneyAnswer.of(payment.amount),
            url=payment.url if payable else None,
            created_at=clock.iso(payment.created_at),
            expires_at=clock.iso(payment.expires_at),
        )
