"""Stripe Billing: subscriptions begun on Stripe's own page, and what becomes of them.

Rules of Stripe's that this file keeps (docs.stripe.com/api, billing/subscriptions/change): a price
of an existing subscription names a product, which a session makes by itself; a subscription keeps
its currency; an ended one can't be changed.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from chalicelib.kernel.ids import derived
from chalicelib.payments.billing_ports import Begun, BillingStatus, CustomerGone, Start, Terms
from chalicelib.payments.ports import KeySpent, Opened, State
from chalicelib.payments.providers.stripe import billed, customers, sdk
from chalicelib.payments.providers.stripe.amounts import to_provider_amount
from chalicelib.payments.providers.stripe.provider import LOCALES

T = TypeVar("T")

# What one look reads: two years of months.
NEWEST_INVOICES = 24


def make() -> "StripeBilling":
    """From the stage's secrets. Raises Misconfigured for a key that can't be one."""
    return StripeBilling(sdk.account())


class StripeBilling:
    """See payments/billing_ports.py."""

    def __init__(self, account: sdk.Account) -> None:
        self._client = account.client

    def new_customer(self, user_id: str, *, again: int) -> str:
        return customers.create(self._client, user_id, again=again)

    def set_email(self, customer_id: str, email: str) -> None:
        customers.set_email(self._client, customer_id, email)

    def delete_customer(self, customer_id: str) -> None:
        customers.delete(self._client, customer_id)

    def open(self, start: Start) -> Opened:
        key = f"subscribe:{start.subscription_id}:{start.attempt}"
        with sdk.answered():
            try:
                session = _once(
                    lambda: self._client.v1.checkout.sessions.create(
                        params=_parameters(start), options={"idempotency_key": key}
                    )
                )
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing" and error.param == "customer":
                    raise CustomerGone() from error
                raise
            session_id, url = session.id, session.url
            if not isinstance(session_id, str) or not (url is None or isinstance(url, str)):
                raise TypeError("this is no session")
        # Without an address it is the replay of a session that has ended or was paid since.
        return Opened(session_id, url or "")

    def page(self, session_id: str) -> Begun:
        with sdk.answered():
            return self._page(session_id)

    def close(self, session_id: str) -> Begun:
        with sdk.answered():
            try:
                found = self._client.v1.checkout.sessions.expire(session_id)
            except stripe.InvalidRequestError:
                # Over already: paid, or by its own time.
                return self._page(session_id)
            return billed.begun_of(found.to_dict())

    def _page(self, session_id: str) -> Begun:
        try:
            found = self._client.v1.checkout.sessions.retrieve(session_id)
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                # What does not exist can't be paid.
                return Begun(State.ENDED)
            raise
        return billed.begun_of(found.to_dict())

    def read(self, external_id: str) -> BillingStatus | None:
        with sdk.answered():
            try:
                found = self._client.v1.subscriptions.retrieve(external_id)
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return None
                raise
            invoices = self._client.v1.invoices.list(
                params={"subscription": external_id, "limit": NEWEST_INVOICES}
            )
            return billed.billing_status_of(found.to_dict(), invoices.to_dict()["data"])

    def set_ending(self, external_id: str, ends: bool, *, key: str) -> None:
        self._update(external_id, {"cancel_at_period_end": ends}, key)

    def change(self, external_id: str, item_id: str, terms: Terms, *, key: str) -> None:
        price = {
            "currency": terms.price.currency.lower(),
            "unit_amount": to_provider_amount(terms.price),
            "product": self._product(terms),
            "recurring": {"interval": terms.interval, "interval_count": terms.count},
        }
        changes = {
            "items": [{"id": item_id, "price_data": price}],
            "metadata": {billed.PLAN: terms.plan_id},
        }
        self._update(external_id, changes, key)

    def end(self, external_id: str) -> None:
        with sdk.answered():
            try:
                self._client.v1.subscriptions.cancel(external_id)
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise

    def _update(self, external_id: str, changes: Any, key: str) -> None:
        with sdk.answered():
            _once(
                lambda: self._client.v1.subscriptions.update(
                    external_id, params=changes, options={"idempotency_key": key}
                )
            )

    def _product(self, terms: Terms) -> str:
        """The plan's product, made by whoever changes to it first; named by what it is."""
        product_id = derived("plan", terms.plan_id, terms.name)
        with sdk.answered():
            try:
                self._client.v1.products.create(
                    params={
                        "id": product_id,
                        "name": terms.name,
                        "metadata": {billed.PLAN: terms.plan_id},
                    }
                )
            except stripe.InvalidRequestError as error:
                if error.code != "resource_already_exists":
                    raise
        return product_id


def _once(call: Callable[[], T]) -> T:
    """A call under a key; KeySpent when its answer is an error that Stripe keeps."""
    try:
        return call()
    except stripe.APIError as error:
        if sdk.kept(error):
            raise KeySpent() from error
        raise


def _parameters(start: Start) -> Any:
    terms = start.terms
    metadata = {billed.OURS: start.subscription_id, billed.PLAN: terms.plan_id}
    return {
        "mode": billed.MODE,
        "customer": start.customer_id,
        "client_reference_id": start.subscription_id,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": terms.price.currency.lower(),
                    "unit_amount": to_provider_amount(terms.price),
                    "product_data": {"name": terms.name},
                    "recurring": {"interval": terms.interval, "interval_count": terms.count},
                },
            }
        ],
        "metadata": metadata,
        # A session's metadata does not reach its subscription by itself.
        "subscription_data": {"metadata": metadata},
        "success_url": start.success_url,
        "cancel_url": start.cancel_url,
        "expires_at": start.expires_at,
        "locale": LOCALES.get(start.locale, "auto"),
    }
