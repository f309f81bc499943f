"""Stripe's SDK as the shop uses it: how long a call may take, which errors mean what, refunds.

API version 2026-10-28.endive. Rules of Stripe's that this file keeps (docs.stripe.com/api,
stripe-python 16.1): an Idempotency-Key answers the first answer again for 24 hours at least, a 500
too; the same key with other parameters is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import stripe

from chalicelib.config import Misconfigured
from chalicelib.kernel import deadline, outages
from chalicelib.kernel.errors import ProviderBusy, ProviderDown, ProviderFailed, ShopError
from chalicelib.kernel.money import Money
from chalicelib.kernel.parameters import secrets
from chalicelib.payments.ports import Dispute, DisputeStatus, KeySpent, ProviderRefused
from chalicelib.payments.providers.stripe.amounts import read, to_provider_amount
from chalicelib.payments.providers.stripe.capabilities import NAME as NAME

TIMEOUT_SECONDS = (3, 8)  # connect, read: two tries stay below API Gateway's 29 seconds
RETRIES = 1
# A refund that did not reach the payer: its money is the shop's again. It may be so days later.
BOUNCED = frozenset({"failed", "canceled"})
# Of a dispute's statuses (docs.stripe.com/api/disputes/object) those that end it; one that is
# `prevented` was settled before the bank took anything. An appeal is open until it is decided.
DECIDED = {
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}


@dataclass(frozen=True, repr=False)
class Account:
    """The shop's account at Stripe. Never logged: it holds the secrets that sign webhooks."""

    client: stripe.StripeClient
    signing: Sequence[str]
    live: bool


def account() -> Account:
    """From the stage's secrets. Raises Misconfigured for a key that can't be one."""
    found = secrets()
    key = found.required("stripe/secret_key")
    if not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        raise Misconfigured("stripe/secret_key must begin with sk_test_, sk_live_ or rk_…")
    signing = [part.strip() for part in found.required("stripe/webhook_secret").split(",")]
    if not all(part.startswith("whsec_") for part in signing):
        raise Misconfigured("stripe/webhook_secret must begin with whsec_")
    return account_of(key, signing, api_base=found.get("stripe/api_base"))


def account_of(key: str, signing: Sequence[str], *, api_base: str | None = None) -> Account:
    """An account by its key; `api_base` where another address stands in for Stripe's."""
    client = stripe.StripeClient(
        key,
        base_addresses={"api": api_base} if api_base else {},
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS, session=_Session()),
    )
    return Account(client, signing, "_live_" in key)


def refund(
    client: stripe.StripeClient, capture_id: str, amount: Money, *, key: str, again: int
) -> str:
    """See Provider.refund; `capture_id` is a PaymentIntent's."""
    with answered():
        if again and (found := _refund_of(client, capture_id, key)):
            return found
        try:
            made = client.v1.refunds.create(
                params={
                    "payment_intent": capture_id,
                    "amount": to_provider_amount(amount),
                    "metadata": {"refund_key": key},
                },
                options={"idempotency_key": f"{key}:{again}" if again else key},
            )
        except stripe.APIError as error:
            if kept(error):
                raise KeySpent() from error
            raise
        if made.status in BOUNCED:
            raise ProviderRefused()
        return str(made.id)


def _refund_of(client: stripe.StripeClient, capture_id: str, key: str) -> str | None:
    """What an answer that was an error made all the same."""
    listed = client.v1.refunds.list(params={"payment_intent": capture_id, "limit": 100})
    for made in listed.to_dict()["data"]:
        if made["metadata"].get("refund_key") == key and made["status"] not in BOUNCED:
            return str(made["id"])
    return None


def disputes(client: stripe.StripeClient, capture_id: str) -> Sequence[Dispute]:
    """See Disputes.disputes; `capture_id` is a PaymentIntent's."""
    with answered():
        listed = client.v1.disputes.list(params={"payment_intent": capture_id, "limit": 100})
        return [
            Dispute(
                str(found["id"]),
                DECIDED.get(found["status"], DisputeStatus.OPEN),
                read(found["amount"], found["currency"]),
            )
            for found in listed.to_dict()["data"]
        ]


def kept(error: stripe.APIError) -> bool:
    """Whether this is the answer of an earlier call, kept under the key."""
    return "idempotent-replayed" in (error.headers or {})


def id_of(expandable: Any) -> str | None:
    """The id of what Stripe answers as an id or whole."""
    found = expandable.get("id") if isinstance(expandable, Mapping) else expandable
    return str(found) if found else None


class _Session(requests.Session):
    """No call of the SDK, nor its repeat, lasts longer than the work at hand may."""

    def request(self, method: Any, url: Any, *given: Any, **more: Any) -> Any:
        more["timeout"] = deadline.timeouts(*more.get("timeout", TIMEOUT_SECONDS))
        return super().request(method, url, *given, **more)


def ping(client: stripe.StripeClient) -> None:
    """See Provider.ping."""
    with answered():
        client.v1.checkout.sessions.list(params={"limit": 1})


@contextmanager
def answered() -> Iterator[None]:
    """Around the calls of one step: the SDK's errors as the port's. Nothing is called while Stripe
    is known to be down."""
    with outages.watched(NAME), _as_the_port_says():
        yield


@contextmanager
def _as_the_port_says() -> Iterator[None]:
    try:
        yield
    except stripe.APIConnectionError as error:
        if isinstance(error.__cause__, ShopError):
            # Our own: there was no time for this call.
            raise error.__cause__ from None
        raise ProviderDown() from error
    except (stripe.RateLimitError, stripe.APIError) as error:
        down = (error.http_status or 0) >= 500
        raise (ProviderDown() if down else ProviderBusy()) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Success, says the answer, but it is none of Stripe's: a proxy's page, half a body. What
        # came of the call is not known; asking again under the same key will tell.
        raise ProviderBusy() from error
    except stripe.InvalidRequestError as error:
        raise ProviderRefused() from error
    except stripe.StripeError as error:
        # A wrong key, a missing permission, a reused idempotency key: ours to mend.
        raise ProviderFailed() from error
