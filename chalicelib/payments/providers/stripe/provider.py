"""Stripe Checkout through the `stripe` SDK, API version 2026-10-28.endive.

Rules of Stripe's that this file keeps (docs.stripe.com/api, stripe-python 16.1):
- A session lasts 30 minutes to 24 hours; `expire` works only while it is open.
- An Idempotency-Key answers the first answer again for 24 hours at least, a 500 too; the same key
  with other parameters is refused, so a charge is built from the order alone.
- `completed` is not `paid`: delayed methods complete first and are paid, or fail, later.
- A signature covers `t.body`, holds for 300 seconds, and there may be two while a secret rotates.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from chalicelib.config import Misconfigured, secrets
from chalicelib.kernel.errors import ProviderBusy, ProviderFailed
from chalicelib.kernel.money import Money
from chalicelib.kernel.request import parse_json
from chalicelib.payments.ports import (
    Capabilities,
    Charge,
    Event,
    KeySpent,
    Opened,
    Outcome,
    Refused,
    Seen,
    SignatureInvalid,
    State,
)
from chalicelib.payments.providers.stripe.amounts import read, told

TIMEOUT_SECONDS = (3, 8)  # connect, read: two tries stay below API Gateway's 29 seconds
RETRIES = 1
TOLERANCE_SECONDS = 300
LOCALES = {"en": "en", "zh-CN": "zh"}

_SESSION_STATES = {
    "checkout.session.completed": None,  # as the session says
    "checkout.session.async_payment_succeeded": State.PAID,
    "checkout.session.async_payment_failed": State.FAILED,
    "checkout.session.expired": State.ENDED,
}
# Sent for every card that is tried in vain while the session stays open.
_DECLINED = "payment_intent.payment_failed"
# What happens to money after it was paid.
_AFTERMATH = ("charge.refunded", "charge.dispute.", "refund.", "charge.refund.")


def make() -> "StripeCheckout":
    """From the stage's secrets. Raises Misconfigured for a key that can't be one."""
    found = secrets()
    key = found.required("stripe/secret_key")
    if not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        raise Misconfigured("stripe/secret_key must begin with sk_test_, sk_live_ or rk_…")
    signing = [part.strip() for part in found.required("stripe/webhook_secret").split(",")]
    if not all(part.startswith("whsec_") for part in signing):
        raise Misconfigured("stripe/webhook_secret must begin with whsec_")
    return StripeCheckout(key, signing, api_base=found.get("stripe/api_base"))


class StripeCheckout:
    """See payments/ports.py."""

    capabilities = Capabilities()

    def __init__(self, key: str, signing: list[str], api_base: str | None = None) -> None:
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )
        self._signing = signing
        self._live = "_live_" in key

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        with _told():
            try:
                session = self._client.v1.checkout.sessions.create(
                    params=_parameters(charge),
                    options={"idempotency_key": f"checkout:{charge.payment_id}"},
                )
            except stripe.APIError as error:
                if _kept(error):
                    # The key's answer for a day. Whatever session is behind it, its address was
                    # never told, so nobody can pay it.
                    raise KeySpent() from error
                raise
            session_id, url = session.id, session.url
            if not isinstance(session_id, str) or not (url is None or isinstance(url, str)):
                raise TypeError("this is no session")
        if not url:
            # A replay of a session that has ended since: it can't be paid, nor opened again.
            raise Refused()
        return Opened(session_id, url)

    def close(self, session_id: str) -> Outcome:
        with _told():
            try:
                session = self._client.v1.checkout.sessions.expire(session_id)
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    # What does not exist can't be paid.
                    return Outcome(State.ENDED, session_id)
                session = self._client.v1.checkout.sessions.retrieve(session_id)
            return _outcome(session.to_dict())

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        with _told():
            try:
                session = self._client.v1.checkout.sessions.retrieve(
                    session_id, params={"expand": ["payment_intent.latest_charge"]}
                )
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return Outcome(State.ENDED, session_id)
                raise
            return _outcome(session.to_dict())

    def captured(self, since: int) -> Iterator[Seen]:
        with _told():
            listed = self._client.v1.checkout.sessions.list(
                params={
                    "created": {"gte": since},
                    "status": "complete",
                    "limit": 100,
                    "expand": ["data.payment_intent.latest_charge"],
                }
            )
            for session in listed.auto_paging_iter():
                outcome = _outcome(session.to_dict())
                if outcome.state == State.PAID:
                    yield Seen((session.to_dict()["metadata"] or {}).get("payment_id"), outcome)

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        with _told():
            if again and (found := self._refund_of(capture_id, key)):
                return found
            try:
                refund = self._client.v1.refunds.create(
                    params={
                        "payment_intent": capture_id,
                        "amount": told(amount),
                        "metadata": {"refund_key": key},
                    },
                    options={"idempotency_key": f"{key}:{again}" if again else key},
                )
            except stripe.APIError as error:
                if _kept(error):
                    raise KeySpent() from error
                raise
            return str(refund.id)

    def _refund_of(self, capture_id: str, key: str) -> str | None:
        """What an answer that was an error made all the same."""
        listed = self._client.v1.refunds.list(params={"payment_intent": capture_id, "limit": 100})
        for refund in listed.to_dict()["data"]:
            if refund["metadata"].get("refund_key") == key and refund["status"] != "failed":
                return str(refund["id"])
        return None

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: int) -> None:
        header = headers.get("stripe-signature", "")
        if not any(_signed(body, header, secret, now) for secret in self._signing):
            raise SignatureInvalid()
        event = parse_json(body)
        if not isinstance(event, dict) or event.get("livemode", False) != self._live:
            # A test event must never pay a live order.
            raise SignatureInvalid()

    def read(self, body: str) -> Event:
        event = json.loads(body)
        kind, subject = str(event.get("type")), event.get("data", {}).get("object", {})
        metadata = subject.get("metadata") or {}
        if kind == _DECLINED:
            return Event(event["id"], kind, payment_id=metadata.get("payment_id"), declined=True)
        if kind.startswith(_AFTERMATH):
            # Of a charge or a refund: the whole of it stands at the payment.
            intent = _id_of(subject.get("payment_intent"))
            named = metadata.get("payment_id")
            return Event(event["id"], kind, payment_id=named, capture_id=intent, ask=True)
        if kind not in _SESSION_STATES:
            return Event(event["id"], kind)
        return Event(
            event_id=event["id"],
            type=kind,
            payment_id=metadata.get("payment_id"),
            reference=subject.get("client_reference_id"),
            outcome=_outcome(subject, _SESSION_STATES[kind]),
        )


def _parameters(charge: Charge) -> Any:
    metadata = {"payment_id": charge.payment_id, "order_number": charge.number}
    return {
        "mode": "payment",
        "client_reference_id": charge.reference,
        "customer_email": charge.email,
        "line_items": [
            {
                "quantity": line.quantity,
                "price_data": {
                    "currency": line.unit_amount.currency.lower(),
                    "unit_amount": told(line.unit_amount),
                    "product_data": {"name": line.name},
                },
            }
            for line in charge.lines
        ],
        "metadata": metadata,
        # A session's metadata does not reach its PaymentIntent by itself.
        "payment_intent_data": {"metadata": metadata},
        "success_url": charge.success_url,
        "cancel_url": charge.cancel_url,
        "expires_at": charge.expires_at,
        "locale": LOCALES.get(charge.locale, "auto"),
    }


def _outcome(session: Mapping[str, Any], state: State | None = None) -> Outcome:
    state = state or _state(session)
    amount = session.get("amount_total")
    charge = _charge_of(session)
    return Outcome(
        state=state,
        session_id=session["id"],
        amount=read(amount, session["currency"]) if amount is not None else None,
        capture_id=_id_of(session.get("payment_intent")),
        refunded=read(charge["amount_refunded"], charge["currency"]) if charge else None,
        disputed=bool(charge and charge["disputed"]),
    )


def _charge_of(session: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The session's charge where it was asked for (`expand`) and there is one."""
    intent = session.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    return charge if isinstance(charge, Mapping) else None


def _state(session: Mapping[str, Any]) -> State:
    if session["status"] == "open":
        return State.OPEN
    if session["status"] == "expired":
        return State.ENDED
    paid = session["payment_status"] in ("paid", "no_payment_required")
    return State.PAID if paid else State.PROCESSING


def _kept(error: stripe.APIError) -> bool:
    """Whether this is the answer of an earlier call, kept under the key."""
    return "idempotent-replayed" in (error.headers or {})


def _id_of(expandable: Any) -> str | None:
    found = expandable.get("id") if isinstance(expandable, Mapping) else expandable
    return str(found) if found else None


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


@contextmanager
def _told() -> Iterator[None]:
    """The SDK's errors as the port's."""
    try:
        yield
    except (stripe.RateLimitError, stripe.APIConnectionError, stripe.APIError) as error:
        raise ProviderBusy() from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Success, says the answer, but it is none of Stripe's: a proxy's page, half a body. What
        # came of the call is not known; asking again under the same key will tell.
        raise ProviderBusy() from error
    except stripe.InvalidRequestError as error:
        raise Refused() from error
    except stripe.StripeError as error:
        # A wrong key, a missing permission, a reused idempotency key: ours to mend.
        raise ProviderFailed() from error
