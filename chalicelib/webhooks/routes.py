"""Webhooks over HTTP: verify, queue, answer. Everything else happens afterwards."""

from chalicelib.kernel import clock, rates
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.webhooks import accept

routes = Routes(__name__)

MAX_WEBHOOK_BYTES = 200 * 1024  # with its wrapping it must fit into one message of the queue


@routes.post(
    "/api/webhooks/stripe",
    access=Access.SIGNED,
    signature="Stripe-Signature",
    gives="Received",
    most_bytes=MAX_WEBHOOK_BYTES,
)
def stripe_webhook(request: Request) -> Answer:
    """Take an event of Stripe's; what follows from it happens afterwards."""
    return _taken_in("stripe", request)


@routes.post(
    "/api/payment/webhook",
    access=Access.SIGNED,
    signature="Paypal-Transmission-Sig",
    gives="Received",
    also=(429,),
    most_bytes=MAX_WEBHOOK_BYTES,
)
def paypal_webhook(request: Request) -> Answer:
    """Take an event of PayPal's; what follows from it happens afterwards."""
    return _taken_in("paypal", request)


@routes.post(
    "/oxapay-webhook",
    access=Access.SIGNED,
    signature="HMAC",
    gives="Ok",
    most_bytes=MAX_WEBHOOK_BYTES,
)
def oxapay_webhook(request: Request) -> Answer:
    """Take a callback of OxaPay's, which is sent again until the answer is `ok`."""
    _taken_in("oxapay", request)
    return Answer("ok", bare=True, headers={"Content-Type": "text/plain"})


def _taken_in(provider: str, request: Request) -> Answer:
    accept.receive(
        provider,
        request.raw_body,
        request.headers,
        correlation_id=request.request_id,
        now=clock.now(),
        caller=rates.address(request.source_ip),
    )
    return Answer({"received": True}, bare=True)
