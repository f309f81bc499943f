"""A provider that speaks to a sandbox of its own, and what it is asked to charge."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.kernel import telemetry
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Charge, ChargeLine
from chalicelib.payments.providers.paypal.provider import HOSTS, PayPal
from localcloud.sandbox import Sandbox
from localcloud.sandbox.paypal.provider import SANDBOX_CLIENT, SANDBOX_SECRET, SANDBOX_WEBHOOK
from tests.payments.paypal.signed import Network

LOG = logging.getLogger("paypal-in-tests")


def quiet_log(monkeypatch) -> None:
    """The shop's logger without a stage's settings behind it."""
    monkeypatch.setattr(telemetry, "logger", lambda: LOG)


@contextmanager
def world(**given) -> Iterator[tuple[Sandbox, PayPal]]:
    """A running sandbox and a provider that has its keys."""
    with Sandbox(**given) as sandbox:
        yield sandbox, provider_of(sandbox.url)


def provider_of(url: str, secret: str = SANDBOX_SECRET) -> PayPal:
    return PayPal(SANDBOX_CLIENT, secret, SANDBOX_WEBHOOK, HOSTS["sandbox"], url)


def charge(**changes) -> Charge:
    """45.98 dollars for two lines."""
    asked = {
        "payment_id": "pay_0123456789abcdef",
        "reference": "ord_1",
        "number": "CW-20261120-0001",
        "lines": (
            ChargeLine("红茶 – Größe L", Money(1999, "USD"), 2),
            ChargeLine("Standard", Money(600, "USD"), 1),
        ),
        "total": Money(4598, "USD"),
        "email": "pat@example.com",
        "locale": "en",
        "success_url": "http://shop.localhost/order.html?session={CHECKOUT_SESSION_ID}#order=1",
        "cancel_url": "http://shop.localhost/order.html?cancelled=1#order=1",
        "page_url": "http://shop.localhost/order.html#order=1",
        "expires_at": 1_800_000_000,
        **changes,
    }
    return Charge(**asked)


def of(amount: int, currency: str, **changes) -> Charge:
    """A charge of one line."""
    money = Money(amount, currency)
    return charge(lines=[ChargeLine("Tea", money, 1)], total=money, **changes)


def calls(sandbox: Sandbox, kind: str) -> list[dict]:
    """The calls of a kind that reached the sandbox."""
    return [call for call in sandbox.requests() if call["kind"] == kind]


class Stub(Network):
    """PayPal's own hosts, answering what a test says."""

    def __init__(self):
        super().__init__()
        self.answer("/v1/oauth2/token", {"access_token": "t", "expires_in": 32400})

    def answer(self, path: str, body: object, status: int = 200, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[f"{HOSTS['live']}{path}"] = (status, raw, headers)
