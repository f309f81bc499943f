"""The certificate behind a webhook: where it may come from, and what it must be.

Every refusal has its control: with the one guard taken away, the same webhook is believed.
"""

import re
from datetime import UTC, datetime

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import dsa, ec

from chalicelib.kernel import cache, clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments.providers.paypal import signature
from chalicelib.payments.providers.paypal.provider import HOSTS, PayPal
from tests.payments.paypal.signed import (
    BODY,
    CERT_URL,
    CRC,
    HEADERS,
    NOW,
    PEM,
    WEBHOOK_ID,
    Key,
    believes,
)


@pytest.fixture
def provider(network):
    yield PayPal("client", "secret", WEBHOOK_ID, HOSTS["live"], None)
    clock.shift(0)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/iam",
        "https://169.254.169.254/cert",
        "https://evilpaypal.com/cert",
        "https://api.paypal.com.evil.test/cert",
        "https://evil.test/api.paypal.com",
        "http://api.paypal.com/cert",
        "https://api.paypal.com:8443/cert",
        "https://api.paypal.com@evil.test/cert",
        "https://evil.test#@api.paypal.com/cert",
        "https://www.paypal.com/cert",
        "https://api.paypal.com/cert?next=https://evil.test",
        "https://api.paypal.com/../cert",
        "https://API.paypal.com/cert",
        "https://apiXpaypal.com/cert",
        "https://api.paypal.com/cert\n",
        "http://127.0.0.1:4610/paypal/certs/CERT-1",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_asked_for(provider, network, url):
    assert not believes(provider, paypal_cert_url=url)
    assert network.asked == []


def test_without_the_list_of_hosts_any_server_could_sign(provider, network, own, monkeypatch):
    network.default = (200, own.pem, {})
    forged = {
        "paypal_cert_url": "https://evilpaypal.com/cert",
        "paypal_transmission_sig": own.sign(str(CRC)),
    }
    assert not believes(provider, **forged)
    monkeypatch.setattr(provider._certificates, "_allowed", re.compile(".*"))
    assert believes(provider, **forged)


@pytest.mark.parametrize(
    "host", ["api.paypal.com", "api-m.paypal.com", "api.sandbox.paypal.com",
             "api-m.sandbox.paypal.com"],
)  # fmt: skip
def test_each_host_of_paypals_may_have_the_certificate(provider, host):
    assert believes(provider, paypal_cert_url=f"https://{host}/v1/notifications/certs/CERT-1")


def test_a_redirect_to_a_certificate_is_not_followed(provider, network, monkeypatch):
    elsewhere = "https://evil.test/cert"
    network.answers[CERT_URL] = (302, b"", {"Location": elsewhere})
    assert not believes(provider)
    assert network.asked == [CERT_URL]
    following = requests.Session.get
    monkeypatch.setattr(
        requests.Session,
        "get",
        lambda self, url, **more: following(self, url, **{**more, "allow_redirects": True}),
    )
    cache.forget_all()
    assert believes(provider)
    assert elsewhere in network.asked


@pytest.mark.parametrize("days", [(1, 2), (-2, -1)])
def test_a_certificate_that_is_not_valid_yet_or_any_more_is_not_believed(provider, network, days):
    key = Key(days=days)
    network.default = (200, key.pem, {})
    middle = NOW + (days[0] + days[1]) * 43_200
    there = datetime.fromtimestamp(middle, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = key.sign(str(CRC))
    assert not believes(provider, paypal_transmission_sig=made)
    assert believes(
        provider,
        now=middle,
        paypal_transmission_time=there,
        paypal_transmission_sig=key.sign(str(CRC), time=there),
    )


def test_a_short_key_is_not_believed(provider, network, monkeypatch):
    key = Key(bits=1024)
    network.default = (200, key.pem, {})
    assert not believes(provider, paypal_transmission_sig=key.sign(str(CRC)))
    monkeypatch.setattr(signature, "LEAST_KEY_BITS", 1024)
    assert believes(provider, paypal_transmission_sig=key.sign(str(CRC)))


def test_a_key_that_is_not_rsa_is_not_believed(provider, network):
    for key in (ec.generate_private_key(ec.SECP256R1()), dsa.generate_private_key(2048)):
        network.default = (200, Key(key=key).pem, {})
        cache.forget_all()
        assert not believes(provider)


def test_no_proxy_of_the_host_hands_out_certificates(provider, network, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://evil.test:1")
    assert believes(provider)
    assert network.proxies == [{}]


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_a_certificate_that_can_not_be_had_now_lets_paypal_send_again(provider, network, status):
    network.answers[CERT_URL] = (status, b"", {})
    with pytest.raises(ProviderBusy):
        provider.verify(BODY, HEADERS, now=NOW)
    network.answers.clear()
    clock.shift(signature.BUSY_SECONDS)
    assert believes(provider)


@pytest.mark.parametrize(("status", "body"), [(404, b""), (200, b"<html>"), (200, b"")])
def test_an_address_without_a_certificate_is_not_believed(provider, network, status, body):
    network.answers[CERT_URL] = (status, body, {})
    assert not believes(provider)


def test_an_endless_certificate_is_given_up(provider, network):
    network.answers[CERT_URL] = (200, PEM * 100, {})
    with pytest.raises(ProviderBusy):
        provider.verify(BODY, HEADERS, now=NOW)


def test_a_certificate_is_fetched_once_and_few_are_kept(provider, network):
    for _ in range(3):
        assert believes(provider)
    assert network.asked == [CERT_URL]
    for number in range(100):
        assert believes(provider, paypal_cert_url=f"{CERT_URL}-{number}")
    asked = len(network.asked)
    for number in range(100 - signature.MOST_CERTIFICATES, 100):
        assert believes(provider, paypal_cert_url=f"{CERT_URL}-{number}")
    assert len(network.asked) == asked, "the last ones are kept"
    assert believes(provider)
    assert len(network.asked) == asked + 1, "the first is not"


def test_nothing_is_fetched_for_what_can_not_be_a_webhook(provider, network):
    assert not believes(provider, now=NOW + 10**7)
    assert not believes(provider, paypal_auth_algo="none")
    assert not believes(provider, paypal_transmission_id="a|b")
    assert network.asked == []
