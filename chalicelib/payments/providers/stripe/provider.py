"""Stripe Checkout: Stripe's own page.

Rules of Stripe's that this file keeps (docs.stripe.com/api): a session lasts 30 minutes to 24
hours; `expire` works only while it is open; a charge is built from the order alone, since the same
idempotency key with other parameters is refused.
"""

from collections.abc import Iterator
from typing import Any

import stripe

from chalicelib.payments.ports import (
    Charge,
    KeySpent,
    Opened,
    Outcome,
    ProviderRefused,
    Seen,
    State,
    Unread,
    seen_in,
)
from chalicelib.payments.providers.stripe import sdk
from chalicelib.payments.providers.stripe.amounts import to_provider_amount
from chalicelib.payments.providers.stripe.method import StripeMethod
from chalicelib.payments.providers.stripe.outcomes import of_session

LOCALES = {"en": "en", "zh-CN": "zh"}
# Sessions of these modes pay orders.
ORDERS = {"payment"}


def make() -> "StripeCheckout":
    """From the stage's secrets. Raises Misconfigured for a key that can't be one."""
    return StripeCheckout(sdk.account())


class StripeCheckout(StripeMethod):
    """See payments/ports.py."""

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        with sdk.answered():
            try:
                session = self._client.v1.checkout.sessions.create(
                    params=_parameters(charge),
                    options={"idempotency_key": f"checkout:{charge.payment_id}"},
                )
            except stripe.APIError as error:
                if sdk.kept(error):
                    # The key's answer for a day. Whatever session is behind it, its address was
                    # never told, so nobody can pay it.
                    raise KeySpent() from error
                raise
            session_id, url = session.id, session.url
            if not isinstance(session_id, str) or not (url is None or isinstance(url, str)):
                raise TypeError("this is no session")
        if not url:
            # A replay of a session that has ended since: it can't be paid, nor opened again.
            raise ProviderRefused()
        return Opened(session_id, url)

    def close(self, session_id: str) -> Outcome:
        with sdk.answered():
            try:
                session = self._client.v1.checkout.sessions.expire(session_id)
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    # What does not exist can't be paid.
                    return Outcome(State.ENDED, session_id)
                session = self._client.v1.checkout.sessions.retrieve(session_id)
            return of_session(session.to_dict())

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        with sdk.answered():
            try:
                session = self._client.v1.checkout.sessions.retrieve(
                    session_id, params={"expand": ["payment_intent.latest_charge"]}
                )
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return Outcome(State.ENDED, session_id)
                raise
            return of_session(session.to_dict())

    def captured(self, since: int) -> Iterator[Seen | Unread]:
        with sdk.answered():
            listed = self._client.v1.checkout.sessions.list(
                params={
                    "created": {"gte": since},
                    "status": "complete",
                    "limit": 100,
                    "expand": ["data.payment_intent.latest_charge"],
                }
            )
            yield from seen_in(listed.auto_paging_iter(), _seen, lambda each: str(each.id))


def _seen(session: Any) -> Seen | None:
    if session.mode not in ORDERS:
        return None  # it began a subscription
    outcome = of_session(session.to_dict())
    if outcome.state != State.PAID:
        return None
    return Seen((session.to_dict()["metadata"] or {}).get("payment_id"), outcome)


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
                    "unit_amount": to_provider_amount(line.unit_amount),
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
