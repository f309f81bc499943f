"""What Stripe's payment methods have in common: both end in PaymentIntents of one account."""

from collections.abc import Mapping, Sequence

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Dispute, Event
from chalicelib.payments.providers.stripe import sdk, webhooks
from chalicelib.payments.providers.stripe.capabilities import CAPABILITIES


class StripeMethod:
    """Refunds, disputes and webhooks, see payments/ports.py."""

    capabilities = CAPABILITIES

    def __init__(self, account: sdk.Account) -> None:
        self._account = account
        self._client = account.client

    def refund(self, capture_id: str, amount: Money, *, key: str, again: int = 0) -> str:
        return sdk.refund(self._client, capture_id, amount, key=key, again=again)

    def disputes(self, capture_id: str) -> Sequence[Dispute]:
        return sdk.disputes(self._client, capture_id)

    def verify(
        self, body: bytes, headers: Mapping[str, str], *, now: int, caller: str = ""
    ) -> None:
        webhooks.verify(self._account, body, headers, now=now)

    def read(self, body: str) -> Event:
        return webhooks.event_of(body)

    def ping(self) -> None:
        sdk.ping(self._client)
