"""Webhooks over HTTP: verify, queue, answer. Everything else happens afterwards."""

from chalicelib.kernel import clock
from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.request import Request
from chalicelib.payments import service

routes = Routes(__name__)

MAX_WEBHOOK_BYTES = 200 * 1024  # with its wrapping it must fit into one message of the queue


@routes.post(
    "/api/webhooks/stripe",
    access=Access.SIGNED,
    gives="Received",
    most_bytes=MAX_WEBHOOK_BYTES,
)
def stripe_webhook(request: Request) -> Answer:
    """Take an event of Stripe's; what follows from it happens afterwards."""
    service.receive(
        "stripe",
        request.raw_body,
        request.headers,
        correlation_id=request.request_id,
        now=clock.now(),
    )
    return Answer({"received": True}, bare=True)
