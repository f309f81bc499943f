"""Events: what happened, recorded with the change itself and sent to the shop as webhooks.

Source: docs.stripe.com/webhooks and /api/events.
"""

import fnmatch
import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any

import stripe as sdk

from localcloud.sandbox.deliveries import Manner
from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import ids
from localcloud.sandbox.world import World

KIND = "stripe.event"
PROVIDER = "stripe"
# What a shop's webhook endpoint is subscribed to; every event is recorded and can be read, these
# are sent.
ENABLED = (
    "checkout.session.*",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.canceled",
    "customer.subscription.*",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "charge.refunded",
    "charge.dispute.*",
    "refund.*",
)


def signature(secrets: Sequence[str], body: bytes, timestamp: int | None = None) -> str:
    """The Stripe-Signature header: HMAC-SHA256 of `<t>.<body>`, one `v1` per secret.

    The secret is used as the literal text, `whsec_` included.  Two secrets are valid while one
    replaces the other.
    """
    at = int(time.time()) if timestamp is None else timestamp
    signed = str(at).encode() + b"." + body
    digests = [hmac.new(s.encode(), signed, hashlib.sha256).hexdigest() for s in secrets]
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])


class Happenings:
    """The events of one change; `record` stores them and queues their deliveries.

    No `manner` means the usual one.  `request_id` and `key` name the API call that caused them;
    there is none when the payer or time did.
    """

    def __init__(
        self,
        lane: str,
        manner: Manner | None,
        request_id: str | None = None,
        key: str | None = None,
    ) -> None:
        self._lane = lane
        self._manner = manner
        self._request = {"id": request_id, "idempotency_key": key}
        self.events: list[Document] = []

    def add(self, kind: str, subject: Document, previous: dict[str, Any] | None = None) -> None:
        """Something happened to `subject`, whose former values of changed fields are `previous`."""
        data: dict[str, Any] = {"object": subject}
        if previous is not None:
            data["previous_attributes"] = previous
        self.events.append(
            {
                "id": ids.new("evt"),
                "object": "event",
                "api_version": sdk.api_version,
                "created": int(time.time()),
                "data": data,
                "livemode": False,
                "pending_webhooks": 0,
                "request": self._request,
                "type": kind,
            }
        )

    def record(self, world: World, enabled: Sequence[str]) -> list[int]:
        """Store all events and queue what the endpoint is subscribed to; the delivery ids."""
        sent = []
        for event in self.events:
            if any(fnmatch.fnmatchcase(event["type"], pattern) for pattern in enabled):
                sent.append({**event, "pending_webhooks": 1})
            world.store.put(KIND, event)
        manner = self._manner or world.deliveries.usual
        return world.deliveries.enqueue(PROVIDER, self._lane, sent, manner)


def concerned(subject: Document) -> set[str]:
    """The ids of all that an event's object is about."""
    named = {subject.get(name) for name in ("id", "payment_intent", "subscription")}
    details = (subject.get("parent") or {}).get("subscription_details") or {}
    return {each for each in (*named, details.get("subscription")) if isinstance(each, str)}


def shown(world: World, event: Document) -> Document:
    """The event as the API answers it: with the number of webhooks still to arrive."""
    return {**event, "pending_webhooks": world.deliveries.pending(event["id"])}
