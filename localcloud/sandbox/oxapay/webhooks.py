"""Webhooks: what they say, how they are signed, where they go and what counts as an answer.

Source: docs.oxapay.com/webhook. Sent when an invoice becomes paying and when it becomes paid, with
the status in capitals; of an end, an underpayment or a refund nobody is told, so a shop has to ask.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from localcloud.sandbox.deliveries import Letter, Manner
from localcloud.sandbox.network import on_this_machine
from localcloud.sandbox.oxapay.invoices import numbered
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import World

KIND = "oxapay.event"
PROVIDER = "oxapay"
# Opens the API of a sandbox that was not given a key of its own.
SANDBOX_KEY = "SANDBX-ONLY00-KEY000-LOCAL0"
COPIED = (
    "track_id", "type", "amount", "currency", "order_id", "email", "fee_paid_by_payer",
    "under_paid_coverage", "description", "date", "txs",
)  # fmt: skip


def signature(key: str, body: bytes) -> str:
    """The HMAC header: HMAC-SHA512 of the raw body, lower-case hex."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def taken(status: int, body: bytes) -> bool:
    """Only 200 with the word `ok` is an answer."""
    return status == 200 and body.strip() == b"ok"


def record(world: World, invoice: Document, manner: Manner | None) -> Document:
    """Note that the invoice has come to its status, and send that; the event."""
    status = invoice["status"].capitalize()
    body = {
        **{name: invoice[name] for name in COPIED},
        "status": status,
        "value": invoice["amount"],
        "note": "",
    }
    event = {
        "id": f"{invoice['track_id']}-{status}-{secrets.token_hex(4)}",
        "type": f"invoice.{status}",
        "track_id": invoice["track_id"],
        "url": _address(world, invoice["callback_url"]),
        "body": numbered(body),
    }
    world.store.put(KIND, event)
    manner = manner or world.deliveries.usual
    if event["url"]:
        world.deliveries.enqueue(PROVIDER, invoice["track_id"], [letter(event)], manner)
    return event


def letter(event: Document) -> Letter:
    """A recorded event as it is sent."""
    return Letter(event["id"], event["type"], event["body"], event["url"])


def _address(world: World, callback: str) -> str | None:
    """The invoice's own address if that is on this machine; else the same path at the shop that
    this sandbox was started for. Nothing leaves the machine because a shop's setting says so."""
    if not callback or on_this_machine(callback):
        return callback or None
    parts = urlsplit(callback)
    return world.deliveries.at(f"{parts.path}?{parts.query}" if parts.query else parts.path)
