"""Stripe PaymentIntents: the buyer pays in a form that the storefront embeds.

The shop makes the intent; its client secret opens the form for this one payment (Stripe's script
draws it, with the publishable key). Rules of Stripe's that this file keeps
(docs.stripe.com/api/payment_intents): an intent does not end by itself, `cancel` ends it while no
money is on its way; a card that is refused leaves it open for another one; `processing` is a slow
method under way, which may still fail.
"""

from collections.abc import Iterator
from typing import Any

import stripe

from chalicelib.config import Misconfigured
from chalicelib.kernel.parameters import secrets
from chalicelib.payments.ports import (
    Charge,
    InstructionKind,
    Instructions,
    KeySpent,
    Opened,
    Outcome,
    Seen,
    State,
    Unread,
    seen_in,
)
from chalicelib.payments.providers.stripe import sdk
from chalicelib.payments.providers.stripe.amounts import to_provider_amount
from chalicelib.payments.providers.stripe.method import StripeMethod
from chalicelib.payments.providers.stripe.outcomes import FORM, of_intent

_EXPAND = ["latest_charge"]


def make() -> "StripeIntents":
    """From the stage's secrets. Raises Misconfigured for a key that can't be one."""
    account = sdk.account()
    key = secrets().required("stripe/publishable_key")
    if not key.startswith("pk_live_" if account.live else "pk_test_"):
        raise Misconfigured("stripe/publishable_key must begin with pk_ and be of the same mode")
    return StripeIntents(account, key)


class StripeIntents(StripeMethod):
    """See payments/ports.py."""

    def __init__(self, account: sdk.Account, publishable_key: str) -> None:
        super().__init__(account)
        self._publishable_key = publishable_key

    def open(self, charge: Charge, *, again: bool = False) -> Opened:
        with sdk.answered():
            try:
                intent = self._client.v1.payment_intents.create(
                    params=_parameters(charge),
                    options={"idempotency_key": f"intent:{charge.payment_id}"},
                )
            except stripe.APIError as error:
                if sdk.kept(error):
                    # Whatever intent is behind it, its secret was never told.
                    raise KeySpent() from error
                raise
            intent_id, secret = intent.id, intent.client_secret
            if not isinstance(intent_id, str) or not isinstance(secret, str):
                raise TypeError("this is no intent")
        facts = {"clientSecret": secret, "publishableKey": self._publishable_key}
        return Opened(intent_id, charge.page_url, Instructions(InstructionKind.FORM, facts))

    def close(self, session_id: str) -> Outcome:
        with sdk.answered():
            try:
                intent = self._client.v1.payment_intents.cancel(session_id)
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return Outcome(State.ENDED, session_id)
                # Paid, under way or cancelled before: it says which.
                intent = self._client.v1.payment_intents.retrieve(session_id)
            return of_intent(intent.to_dict())

    def status(self, session_id: str, *, take: bool = True) -> Outcome:
        with sdk.answered():
            try:
                intent = self._client.v1.payment_intents.retrieve(
                    session_id, params={"expand": _EXPAND}
                )
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return Outcome(State.ENDED, session_id)
                raise
            return of_intent(intent.to_dict())

    def captured(self, since: int) -> Iterator[Seen | Unread]:
        with sdk.answered():
            listed = self._client.v1.payment_intents.list(
                params={
                    "created": {"gte": since},
                    "limit": 100,
                    "expand": [f"data.{each}" for each in _EXPAND],
                }
            )
            yield from seen_in(listed.auto_paging_iter(), _seen, lambda each: str(each.id))


def _seen(listed: Any) -> Seen | None:
    intent = listed.to_dict()
    metadata = intent["metadata"] or {}
    # Those of Stripe's own page are seen by their sessions.
    if intent["status"] != "succeeded" or metadata.get("paid_in") != FORM:
        return None
    return Seen(metadata.get("payment_id"), of_intent(intent))


def _parameters(charge: Charge) -> Any:
    return {
        "amount": to_provider_amount(charge.total),
        "currency": charge.total.currency.lower(),
        "automatic_payment_methods": {"enabled": True},
        "description": charge.number,
        "receipt_email": charge.email,
        "metadata": {
            "payment_id": charge.payment_id,
            "order_number": charge.number,
            "order_id": charge.reference,
            # Sessions have intents too; theirs don't say this.
            "paid_in": FORM,
        },
    }
