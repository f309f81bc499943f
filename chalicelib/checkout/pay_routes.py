"""Paying over HTTP what is ordered already: another way, another try, how it stands."""

from __future__ import annotations

from chalicelib.checkout import pay_schemas as schemas
from chalicelib.checkout import paying
from chalicelib.kernel import clock, limits, rates
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)


@routes.post(
    "/api/payment/create",
    access=Access.HOLDER,
    gives="pay_schemas.PaymentBegun",
    also=(404, 409, 502),
    limits=limits.CHECKOUT,
)
def create_payment(request: Request, body: schemas.CreatePayment) -> Answer:
    """Pay an order by the method named; the pages of earlier tries are closed."""
    return _pay(request, body.order_id, body.method)


@routes.post(
    "/api/orders/{order_id}/pay",
    access=Access.HOLDER,
    gives="pay_schemas.PaymentBegun",
    also=(409, 502),
    limits=limits.CHECKOUT,
)
def pay_order(request: Request, body: schemas.PayOrder, order_id: str) -> Answer:
    """Pay an order: by the method named, or go on as before."""
    return _pay(request, order_id, body.method)


@routes.post(
    "/api/oxapay-payment",
    access=Access.HOLDER,
    gives="pay_schemas.PaymentBegun",
    also=(404, 409, 502),
    limits=limits.CHECKOUT,
)
def pay_by_oxapay(request: Request, body: schemas.OrderToPay) -> Answer:
    """Pay an order in crypto coins, by OxaPay."""
    return _pay(request, body.order_id, "oxapay")


@routes.get("/api/payment/{payment_id}", access=Access.HOLDER, gives="pay_schemas.PaymentAnswer")
def read_payment(request: Request, payment_id: str) -> Answer:
    """How a payment stands, for whoever has its order's token or owns it."""
    found = paying.payment_for(payment_id, _holder(request))
    return Answer(schemas.PaymentAnswer.of(*found, request.locale, paying.proofs_of(found[1])))


@routes.post(
    "/api/payment/verify/{payment_id}",
    access=Access.HOLDER,
    gives="pay_schemas.PaymentAnswer",
    also=(409, 502),
    limits=limits.VERIFY,
)
def verify_payment(request: Request, body: schemas.ProofBody, payment_id: str) -> Answer:
    """Have the provider asked how a payment stands, or hand in what proves or makes it.

    What is handed in is a transaction's hash or a red packet's passphrase.
    """
    given = body.given
    now = clock.now()
    if given:
        rates.enforce(limits.PROOF, request, now=now)
        found = paying.submit_proof(payment_id, given, _holder(request), now=now)
    else:
        found = paying.poll(payment_id, _holder(request), now=now)
    return Answer(schemas.PaymentAnswer.of(*found, request.locale, paying.proofs_of(found[1])))


@routes.post(
    "/api/payment/{payment_id}/cancel",
    access=Access.HOLDER,
    gives="pay_schemas.PaymentAnswer",
    also=(409, 502),
    limits=limits.CHECKOUT,
)
def cancel_payment(request: Request, payment_id: str) -> Answer:
    """Call one attempt to pay off; the order waits on for another way."""
    found = paying.cancel(payment_id, _holder(request), now=clock.now())
    return Answer(schemas.PaymentAnswer.of(*found, request.locale, paying.proofs_of(found[1])))


@routes.post(
    "/api/orders/{order_id}/cancel",
    access=Access.HOLDER,
    gives="pay_schemas.CancelledAnswer",
    also=(409, 502),
    limits=limits.CHECKOUT,
)
def cancel_order(request: Request, order_id: str) -> Answer:
    """Give up an order that is not paid: its units go back, its things into a cart again."""
    order, cart_id = paying.cancel_order(order_id, _holder(request), now=clock.now())
    return Answer(
        schemas.CancelledAnswer(order_id=order.order_id, status=order.status, cart_id=cart_id)
    )


def _pay(request: Request, order_id: str, method: str | None) -> Answer:
    begun = paying.pay(order_id, method, _holder(request), now=clock.now())
    return Answer(schemas.PaymentBegun.of(begun))


def _holder(request: Request) -> paying.Holder:
    return paying.Holder(request.order_token, request.caller.user_id)
