"""Taking a webhook in: verified over its raw bytes, then queued. The rest happens afterwards."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.config import settings
from chalicelib.kernel import telemetry
from chalicelib.kernel.errors import ShopError
from chalicelib.kernel.ids import is_derived
from chalicelib.kernel.messaging import queues
from chalicelib.kernel.web.request import parse_json
from chalicelib.payments.ports import (
    Event,
    Subject,
)
from chalicelib.payments.redaction import without_people
from chalicelib.payments.registry import ready
from chalicelib.payments.rules import (
    PAYMENT_ID,
    SUBSCRIPTION_ID,
)


def receive(
    name: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    correlation_id: str,
    now: int,
    caller: str = "",
) -> None:
    """Take a webhook in: verified over its raw bytes, durable on the queue when this returns.

    What nobody follows, which is most of what a provider sends, is counted and logged, and costs
    neither a message nor a write. `caller` is who posts it, by their address of the net.
    """
    ready(name).verify(body, headers, now=now, caller=caller)
    message = {
        "provider": name,
        "receivedAt": now,
        "correlationId": correlation_id,
        # Who paid is the provider's to know: what waits here, or is given up here, does not say.
        "body": json.dumps(without_people(parse_json(body))),
    }
    try:
        event = event_of(message)
    except (ShopError, ValueError, LookupError, TypeError, AttributeError):
        # The provider's, and not to be read: the queue keeps it for a person to see.
        telemetry.logger().warning("webhook not understood", extra={"provider": name})
    else:
        if not event.followed:
            ignored(name, event)
            return
    queues.send(settings().payment_events_queue_url, message)


def ignored(name: str, event: Event) -> None:
    """Note that a webhook concerns nothing of the shop's: no row is written for it."""
    telemetry.metric({"WebhookIgnored": 1})
    details = {"provider": name, "event_id": event.event_id, "type": event.type}
    telemetry.logger().info("webhook ignored", extra=details)


def event_of(message: Mapping[str, Any]) -> Event:
    """A queued webhook as an event. Ids that the shop can't have made are taken out: whoever shares
    the account with it puts their own where it puts its."""
    event = ready(message["provider"]).read(message["body"])
    if event.subject is Subject.SUBSCRIPTION:
        own = is_derived(event.reference, SUBSCRIPTION_ID)
        # One that names somebody else's can't be the shop's, whatever else it tells.
        stranger = event.reference is not None and not own
        external = None if stranger else event.external_id
        return replace(event, reference=event.reference if own else None, external_id=external)
    named = event.payment_id if is_derived(event.payment_id, PAYMENT_ID) else None
    return replace(event, payment_id=named)
