"""Stripe's webhooks: whether one is Stripe's, and what it says.

Source: docs.stripe.com/webhooks. A signature covers `t.body`, holds for 300 seconds, and there may
be two while a secret rotates.
"""

import json
from collections.abc import Mapping

import stripe

from chalicelib.kernel.web.request import parse_json
from chalicelib.payments.ports import Event, SignatureInvalid, State
from chalicelib.payments.providers.stripe import billed, sdk
from chalicelib.payments.providers.stripe.outcomes import FORM, of_intent, of_session
from chalicelib.payments.providers.stripe.sdk import Account, id_of

TOLERANCE_SECONDS = 300

_SESSION_STATES = {
    "checkout.session.completed": None,  # as the session says
    "checkout.session.async_payment_succeeded": State.PAID,
    "checkout.session.async_payment_failed": State.FAILED,
    "checkout.session.expired": State.ENDED,
}
# Of an intent that belongs to a session, the session tells.
_INTENT_EVENTS = (
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.canceled",
)
# Sent for every card that is tried in vain while the session stays open.
_DECLINED = "payment_intent.payment_failed"
# What happens to money after it was paid.
_AFTERMATH = ("charge.refunded", "charge.dispute.", "refund.", "charge.refund.")


def verify(account: Account, body: bytes, headers: Mapping[str, str], *, now: int) -> None:
    """See Provider.verify."""
    header = headers.get("stripe-signature", "")
    if not any(_signed(body, header, secret, now) for secret in account.signing):
        raise SignatureInvalid()
    event = parse_json(body)
    if not isinstance(event, dict) or event.get("livemode", False) != account.live:
        # A test event must never pay a live order.
        raise SignatureInvalid()


def _signed(body: bytes, header: str, secret: str, now: int) -> bool:
    stamps = [part[2:] for part in header.split(",") if part.startswith("t=")]
    # A second time stamp beside the signed one would make an old signature look fresh, and the SDK
    # compares ASCII only.
    if len(stamps) != 1 or not header.isascii():
        return False
    try:
        stripe.WebhookSignature.verify_header(body.decode("utf-8"), header, secret)
        sent = int(stamps[0])
    except (stripe.SignatureVerificationError, ValueError):
        return False
    # The SDK checks the age against the wall clock and never refuses the future; we do both.
    return abs(now - sent) <= TOLERANCE_SECONDS


def event_of(body: str) -> Event:
    """A verified webhook as an event; see Provider.read."""
    event = json.loads(body)
    if (of_subscription := billed.event_of(event)) is not None:
        return of_subscription
    kind, subject = str(event.get("type")), event.get("data", {}).get("object", {})
    metadata = subject.get("metadata") or {}
    in_form = metadata.get("paid_in") == FORM
    if kind == _DECLINED:
        # In a form it may be the end of a slow method that was under way.
        named = metadata.get("payment_id")
        return Event(event["id"], kind, payment_id=named, declined=True, ask=in_form)
    if in_form and kind in _INTENT_EVENTS:
        return Event(
            event_id=event["id"],
            type=kind,
            payment_id=metadata.get("payment_id"),
            reference=metadata.get("order_id"),
            outcome=of_intent(subject),
        )
    if kind.startswith(_AFTERMATH):
        # Of a charge or a refund: the whole of it stands at the payment.
        intent = id_of(subject.get("payment_intent"))
        named = metadata.get("payment_id")
        bounced = kind.startswith("refund.") and subject.get("status") in sdk.BOUNCED
        return Event(
            event["id"],
            kind,
            payment_id=named,
            capture_id=intent,
            ask=True,
            facts={"bounced": metadata.get("refund_key", "")} if bounced else {},
        )
    if kind not in _SESSION_STATES:
        return Event(event["id"], kind)
    return Event(
        event_id=event["id"],
        type=kind,
        payment_id=metadata.get("payment_id"),
        reference=subject.get("client_reference_id"),
        outcome=of_session(subject, _SESSION_STATES[kind]),
    )
