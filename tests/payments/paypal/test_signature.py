"""PayPal's webhook signature: a fixed vector, and everything that must not pass for it.

Every refusal has its control: with the one guard taken away, the same webhook is believed.
"""

import zlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from chalicelib.payments.providers.paypal import signature
from chalicelib.payments.providers.paypal.provider import HOSTS, PayPal
from tests.payments.paypal.signed import (
    BODY,
    CERT_URL,
    CRC,
    HEADERS,
    NOW,
    SIGNATURE,
    WEBHOOK_ID,
    believes,
)


@pytest.fixture
def provider(network):
    return PayPal("client", "secret", WEBHOOK_ID, HOSTS["live"], None)


def test_the_vector_is_believed(provider, network):
    assert zlib.crc32(BODY) & 0xFFFFFFFF == CRC
    assert believes(provider)
    assert network.asked == [CERT_URL]


def test_one_changed_byte_is_not_believed(provider, monkeypatch):
    changed = BODY.replace(b"12.50", b"12.51")
    assert not believes(provider, changed)
    monkeypatch.setattr(signature.zlib, "crc32", lambda body: CRC)
    assert believes(provider, changed)


def test_what_was_sent_to_another_webhook_is_not_believed(network):
    other = PayPal("client", "secret", "9ZZ23456CD789012E", HOSTS["live"], None)
    assert not believes(other)
    other._webhook_id = WEBHOOK_ID
    assert believes(other)


def test_a_crc_written_in_hex_is_not_believed(provider, network, own):
    network.default = (200, own.pem, {})
    assert not believes(provider, paypal_transmission_sig=own.sign(f"{CRC:x}"))
    assert believes(provider, paypal_transmission_sig=own.sign(str(CRC)))


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_a_webhook_without_one_of_the_headers_is_not_believed(provider, name):
    assert not believes(provider, **{name: None})
    assert not believes(provider, **{name: ""})
    assert believes(provider)


@pytest.mark.parametrize("algorithm", ["SHA1withRSA", "sha256withrsa", "none"])
def test_another_algorithm_is_not_believed(provider, monkeypatch, algorithm):
    assert not believes(provider, paypal_auth_algo=algorithm)
    monkeypatch.setattr(signature, "ALGORITHM", algorithm)
    assert believes(provider, paypal_auth_algo=algorithm)


def test_only_pkcs1_with_sha256_counts(provider, network, own):
    network.default = (200, own.pem, {})
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
    for made in (own.sign(str(CRC), how=pss), own.sign(str(CRC), digest=hashes.SHA512())):
        assert not believes(provider, paypal_transmission_sig=made)
    assert believes(provider, paypal_transmission_sig=own.sign(str(CRC)))


@pytest.mark.parametrize("garbage", ["=", "not base64!", "ÄÖÜ", "AAAA", SIGNATURE[:-8]])
def test_what_is_no_signature_is_not_believed(provider, garbage):
    assert not believes(provider, paypal_transmission_sig=garbage)


def test_a_webhook_of_the_last_three_days_is_believed_and_no_older_one(provider, monkeypatch):
    oldest = NOW + signature.OLDEST_SECONDS
    assert believes(provider, now=oldest)
    assert not believes(provider, now=oldest + 1)
    assert not believes(provider, now=NOW - signature.FUTURE_SECONDS - 1)
    monkeypatch.setattr(signature, "OLDEST_SECONDS", signature.OLDEST_SECONDS + 1)
    assert believes(provider, now=oldest + 1)


@pytest.mark.parametrize(
    "time", ["2026-01-01T00:00:01", "2026-01-01", "1767225601", "2026-13-01T00:00:00Z", "now"]
)
def test_a_time_that_is_none_is_not_believed(provider, network, own, time):
    network.default = (200, own.pem, {})
    made = own.sign(str(CRC), time=time)
    assert not believes(provider, paypal_transmission_time=time, paypal_transmission_sig=made)


def test_a_body_that_is_signed_and_no_event_is_not_believed(provider, network, own):
    network.default = (200, own.pem, {})
    for body in (b"[]", b"{}", b"{", b'{"id": 7}', b"\xff"):
        made = own.sign(str(zlib.crc32(body)))
        assert not believes(provider, body, paypal_transmission_sig=made)
    made = own.sign(str(zlib.crc32(b'{"id": "WH-1"}')))
    assert believes(provider, b'{"id": "WH-1"}', paypal_transmission_sig=made)
