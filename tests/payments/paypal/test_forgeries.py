"""Forged webhooks make the shop fetch next to nothing, whoever sends them and how many."""

import base64
from collections import Counter

import pytest

from chalicelib.kernel import clock, rates
from chalicelib.kernel.errors import ProviderBusy, TooMany
from chalicelib.payments.ports import SignatureInvalid
from chalicelib.payments.providers.paypal import signature
from chalicelib.payments.providers.paypal.provider import HOSTS, PayPal
from tests.live import at_once, attempt
from tests.payments.paypal.signed import (
    BODY,
    CERT_URL,
    HEADERS,
    NOW,
    PEM,
    WEBHOOK_ID,
    Network,
    believes,
)

FORGED = {**HEADERS, "paypal-transmission-sig": base64.b64encode(b"x" * 256).decode()}


@pytest.fixture
def provider(network):
    return PayPal("client", "secret", WEBHOOK_ID, HOSTS["live"], None)


def forge(provider, url: str, caller: str = "") -> Exception | None:
    return attempt(
        lambda: provider.verify(BODY, {**FORGED, "paypal-cert-url": url}, now=NOW, caller=caller)
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"paypal_transmission_sig": "AAAA"},
        {"paypal_transmission_sig": base64.b64encode(b"x" * 255).decode()},
        {"paypal_transmission_sig": base64.b64encode(b"x" * 2000).decode()},
        {"paypal_transmission_id": "a b"},
        {"paypal_transmission_time": "yesterday"},
        {"paypal_transmission_time": "2020-01-01T00:00:00Z"},
        {"paypal_auth_algo": "SHA1withRSA"},
        {"paypal_cert_url": "https://api.paypal.com/certs/CERT-1"},
        {"paypal_cert_url": "https://api.paypal.com/v1/notifications/certs/../CERT-1"},
        {"paypal_cert_url": "https://api.paypal.com/v2/checkout/orders/1"},
    ],
    ids=str,
)
def test_what_can_not_be_paypals_is_refused_without_a_call(provider, network, changed):
    assert not believes(provider, **changed)
    assert network.asked == []


def test_control_what_could_be_is_fetched_for(provider, network):
    assert isinstance(forge(provider, CERT_URL), SignatureInvalid)
    assert network.asked == [CERT_URL]


@pytest.mark.parametrize("status", [404, 503])
def test_fifty_forgeries_with_one_address_cost_one_call(provider, network, status):
    network.answers[CERT_URL] = (status, b"", {})
    raised = {type(forge(provider, CERT_URL)) for _ in range(50)}
    assert raised == {SignatureInvalid if status == 404 else ProviderBusy}
    assert network.asked == [CERT_URL]


def test_control_a_shop_that_remembers_no_failure_calls_fifty_times(provider, network, monkeypatch):
    network.answers[CERT_URL] = (404, b"", {})
    monkeypatch.setattr("chalicelib.kernel.cache.Memory.set", lambda self, key, value: None)
    for _ in range(50):
        forge(provider, CERT_URL)
    assert network.asked == [CERT_URL] * 50


def test_a_failure_is_forgotten_in_time(provider, network):
    network.answers[CERT_URL] = (404, b"", {})
    assert not believes(provider)
    network.answers.clear()
    assert not believes(provider)
    clock.shift(signature.NONE_SECONDS)
    assert believes(provider)
    clock.shift(0)


def test_of_many_at_once_one_fetches_and_all_have_its_answer(provider, network, monkeypatch):
    slow, real = Counter(), Network.send

    def send(self, adapter, request, **more):
        slow["under way"] += 1
        slow["most"] = max(slow["most"], slow["under way"])
        try:
            return real(self, adapter, request, **more)
        finally:
            slow["under way"] -= 1

    monkeypatch.setattr(Network, "send", send)
    assert at_once([lambda: believes(provider)] * 8) == [True] * 8
    assert (network.asked, slow["most"]) == ([CERT_URL], 1)


def test_one_address_of_the_net_has_few_certificates_fetched(tables, provider, network):
    network.default = (404, b"", {})
    mallory, other = rates.address("192.0.2.7"), rates.address("192.0.2.8")
    raised = Counter(type(forge(provider, f"{CERT_URL}-{n}", mallory)) for n in range(50))
    most = signature.CERTIFICATES.most
    assert raised == {SignatureInvalid: most, TooMany: 50 - most}
    assert len(network.asked) == most
    network.default = (200, PEM, {})
    provider.verify(BODY, HEADERS, now=NOW, caller=other)


def test_a_known_certificate_costs_nobody_anything(tables, provider, network):
    for _ in range(3 * signature.CERTIFICATES.most):
        provider.verify(BODY, HEADERS, now=NOW, caller=rates.address("192.0.2.7"))
    assert network.asked == [CERT_URL]


def test_control_without_an_allowance_each_costs_a_call(tables, provider, network, monkeypatch):
    network.default = (404, b"", {})
    monkeypatch.setattr(signature.rates, "spend", lambda rate, who, now: None)
    for number in range(50):
        forge(provider, f"{CERT_URL}-{number}", rates.address("192.0.2.7"))
    assert len(network.asked) == 50
