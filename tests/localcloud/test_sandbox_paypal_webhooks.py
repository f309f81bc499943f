"""PayPal's webhooks from the sandbox: where they go, what they carry, how they are signed."""

import base64
import json
import zlib

import pytest
import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from localcloud.sandbox import Sandbox
from localcloud.sandbox.paypal.provider import SANDBOX_WEBHOOK
from localcloud.sandbox.paypal.testing import Account
from localcloud.sandbox.testing import Receiver


@pytest.fixture
def receiver():
    with Receiver() as listening:
        yield listening


@pytest.fixture
def sandbox(receiver):
    with Sandbox(webhook_url=receiver.url, retry_seconds=[0.01] * 3) as running:
        yield running


@pytest.fixture
def account(sandbox) -> Account:
    return Account(sandbox)


def events(receiver) -> list[dict]:
    return [json.loads(item["body"]) for item in receiver.received]


def upper(item: dict) -> dict[str, str]:
    """A delivery's headers, whose names come in any case."""
    return {name.upper(): value for name, value in item["headers"].items()}


def verify(item: dict, webhook_id: str = SANDBOX_WEBHOOK, body: bytes | None = None) -> None:
    """What PayPal's documentation says a shop does; raises InvalidSignature."""
    headers = upper(item)
    pem = requests.get(headers["PAYPAL-CERT-URL"], timeout=5).content
    crc = zlib.crc32(item["body"] if body is None else body) & 0xFFFFFFFF
    message = "|".join(
        [headers["PAYPAL-TRANSMISSION-ID"], headers["PAYPAL-TRANSMISSION-TIME"], webhook_id,
         str(crc)]
    )  # fmt: skip
    key = x509.load_pem_x509_certificate(pem).public_key()
    signature = base64.b64decode(headers["PAYPAL-TRANSMISSION-SIG"])
    key.verify(signature, message.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_webhook_is_signed_over_its_bytes_for_one_webhook_id(account, sandbox, receiver):
    sandbox.control("paypal", account.create().json()["id"], "approve")
    assert sandbox.quiesce()
    (item,) = receiver.received
    verify(item)
    with pytest.raises(InvalidSignature):
        verify(item, webhook_id="ANOTHER")
    with pytest.raises(InvalidSignature):
        verify(item, body=item["body"] + b" ")


def test_each_try_is_a_transmission_of_its_own(account, sandbox, receiver):
    receiver.answers += [500, 503]
    sandbox.control("paypal", account.create().json()["id"], "approve")
    assert sandbox.quiesce()
    assert len(receiver.received) == 3
    headers = [
        {name.upper(): v for name, v in item["headers"].items()} for item in receiver.received
    ]
    assert len({each["PAYPAL-TRANSMISSION-ID"] for each in headers}) == 3
    assert len({event["id"] for event in events(receiver)}) == 1


def test_the_envelope_is_paypals_and_has_nothing_of_the_sandboxs_own(account, sandbox, receiver):
    order_id, capture_id = account.paid()
    assert sandbox.quiesce()
    approved, captured = events(receiver)
    for event in (approved, captured):
        assert event.keys() == {
            "id", "event_version", "create_time", "resource_type", "resource_version",
            "event_type", "summary", "resource", "links",
        }  # fmt: skip
        assert "_own" not in json.dumps(event)
    assert approved["resource"]["id"] == order_id
    assert approved["resource"]["status"] == "APPROVED"
    assert captured["resource"]["id"] == capture_id
    related = captured["resource"]["supplementary_data"]["related_ids"]
    assert related == {"order_id": order_id}


def test_a_refund_is_told_by_the_refund_and_names_its_capture_by_a_link(account, sandbox, receiver):
    order_id, capture_id = account.paid()
    made = sandbox.control("paypal", order_id, "refund", amount=100)
    assert [event["type"] for event in made["events"]] == ["PAYMENT.CAPTURE.REFUNDED"]
    assert sandbox.quiesce()
    resource = events(receiver)[-1]["resource"]
    assert resource["amount"] == {"currency_code": "USD", "value": "1.00"}
    up = [link["href"] for link in resource["links"] if link["rel"] == "up"]
    assert up == [f"{sandbox.url}/v2/payments/captures/{capture_id}"]


def test_webhooks_can_be_doubled_and_lost_and_sent_again(account, sandbox, receiver):
    order_id = account.create().json()["id"]
    sandbox.control("paypal", order_id, "approve", deliver=3, shuffle=True)
    assert sandbox.quiesce()
    assert len(receiver.received) == 3
    sandbox.control("paypal", order_id, "expire", lose=True)
    assert sandbox.quiesce()
    assert len(receiver.received) == 3
    sandbox.deliver(reference=order_id)
    assert sandbox.quiesce()
    types = [event["event_type"] for event in events(receiver)[3:]]
    assert types == ["CHECKOUT.ORDER.APPROVED", "CHECKOUT.PAYMENT-APPROVAL.REVERSED"]
    sandbox.deliver(events(receiver)[-1]["id"])
    assert sandbox.quiesce()
    assert len(receiver.received) == 6


def test_a_certificate_of_another_process_is_not_there(sandbox):
    assert requests.get(f"{sandbox.url}/paypal/certs/CERT-1", timeout=5).status_code == 404
