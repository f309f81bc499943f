"""An order's money over HTTP, for administrators: look, give back, decide."""

from __future__ import annotations

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.orders import service
from chalicelib.payments import ports
from chalicelib.settlement import disputing, pending_refunds, refunding, review
from chalicelib.settlement import refund_schemas as schemas

routes = Routes(__name__)


@routes.get(
    "/api/admin/orders/{order_id}/payments",
    access=Permission.MANAGE_PAYMENTS,
    gives="refund_schemas.PaymentsOfOrder",
)
def list_payments(request: Request, order_id: str) -> Answer:
    """All attempts to pay an order."""
    order, payments = service.attempts_of(order_id)
    items = [schemas.PaymentWhole.of(order, payment) for payment in payments]
    return Answer(schemas.PaymentsOfOrder(items=items))


@routes.post(
    "/api/admin/orders/{order_id}/refund",
    access=Permission.MANAGE_REFUNDS,
    gives="refund_schemas.OrderRefunded",
    also=(409, 502),
)
def refund_order(request: Request, body: schemas.RefundOrder, order_id: str) -> Answer:
    """Give the money of a paid order back, wholly or a part of it.

    What the provider refuses is answered by 409, and stays on record as FAILED.
    """
    order, made = refunding.refund(
        order_id,
        body.amount,
        reason=body.reason,
        by=request.caller.name,
        operation=request.operation,
        now=clock.now(),
        to=body.to,
    )
    if (why := refunding.refused(order, made)) is not None:
        raise why
    return Answer(schemas.OrderRefunded.of(order, made))


@routes.post(
    "/api/admin/payments/{payment_id}/review",
    access=Permission.MANAGE_PAYMENTS,
    gives="refund_schemas.PaymentWhole",
    also=(409, 502),
)
def review_payment(request: Request, body: schemas.Decide, payment_id: str) -> Answer:
    """Decide on money that is not what was asked for, or that the provider does not send back."""
    found = review.decide(payment_id, body.decision, now=clock.now())
    return Answer(schemas.PaymentWhole.of(*found))


@routes.post(
    "/api/admin/payments/{payment_id}/refunds/{refund_id}/end",
    access=Permission.MANAGE_REFUNDS,
    gives="refund_schemas.PaymentWhole",
    also=(409,),
)
def end_refund(
    request: Request, body: schemas.EndRefund, payment_id: str, refund_id: str
) -> Answer:
    """End a refund that stays PENDING because its provider does not answer any more.

    It was given back by hand, or is called off; the provider is asked once more before.
    """
    found = pending_refunds.end(payment_id, refund_id, body.ending, now=clock.now())
    return Answer(schemas.PaymentWhole.of(*found))


@routes.post(
    "/api/admin/payments/{payment_id}/dispute",
    access=Permission.MANAGE_PAYMENTS,
    gives="refund_schemas.PaymentWhole",
    also=(409, 502),
)
def follow_dispute(request: Request, body: schemas.DecideDispute, payment_id: str) -> Answer:
    """Ask the provider how a payment's disputes stand, or put on record how they were decided."""
    decided = ports.DisputeStatus(body.decision) if body.decision else None
    return Answer(
        schemas.PaymentWhole.of(*disputing.poll_disputes(payment_id, decided, now=clock.now()))
    )
