"""Webhooks over HTTP: verify, queue, answer. Everything else happens afterwards.

There is one route for each provider whose folder declares a webhook (payments/manifest.py).
"""

from chalicelib.kernel import clock, rates
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.payments import manifest as manifests
from chalicelib.payments.manifest import Manifest, Webhook
from chalicelib.webhooks import accept

routes = Routes(__name__)

MAX_WEBHOOK_BYTES = 200 * 1024  # with its wrapping it must fit into one message of the queue


def declare(manifest: Manifest, webhook: Webhook) -> None:
    """The route that a provider's folder asks for."""

    def take(request: Request) -> Answer:
        accept.receive(
            webhook.method,
            request.raw_body,
            request.headers,
            correlation_id=request.request_id,
            now=clock.now(),
            caller=rates.address(request.source_ip),
        )
        if webhook.answers_ok:
            return Answer("ok", bare=True, headers={"Content-Type": "text/plain"})
        return Answer({"received": True}, bare=True)

    # Each is an operation of its own: `stripeWebhook`.
    take.__name__ = f"{webhook.method}_webhook"
    routes.post(
        webhook.path,
        access=Access.SIGNED,
        signature=webhook.signature,
        gives="Ok" if webhook.answers_ok else "Received",
        also=(429,) if webhook.counted else (),
        most_bytes=MAX_WEBHOOK_BYTES,
        summary=f"Take an event of {manifest.name}'s; what follows from it happens afterwards.",
    )(take)


for _manifest in manifests.found().values():
    if _manifest.webhook:
        declare(_manifest, _manifest.webhook)
