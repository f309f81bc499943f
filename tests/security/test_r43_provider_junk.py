"""Row 43: what a provider answers is not believed before it is looked at."""

import json

import pytest
import requests

from chalicelib.kernel.errors import ProviderBusy, ProviderFailed, Unavailable
from chalicelib.payments import registry
from chalicelib.payments.providers.stripe import sdk
from tests import factory
from tests.kernel.envelope import INSIDE

JUNK = [
    (200, b""),
    (200, b"<html>gateway</html>"),
    (200, b"[]"),
    (200, b"null"),
    (200, b'"text"'),
    (200, b"{}"),
    (200, b'{"id": 7, "url": null}'),
    (200, b'{"id": "cs_1", "url": ["https://evil.test"]}'),
    (200, b"\xff\xfe\x00"),
    (204, b""),
    (302, b""),
    (418, b"teapot"),
    (500, b"boom"),
]


@pytest.fixture
def answering(monkeypatch):
    """Let Stripe's API answer this, whatever is asked."""

    def let(status: int, body: bytes):
        def send(self, request, **options):
            answer = requests.Response()
            answer.status_code, answer._content, answer.request = status, body, request
            answer.headers["Location"] = "http://169.254.169.254/latest/meta-data"
            sent.append((request.url, options))
            return answer

        sent: list = []
        monkeypatch.setattr(requests.Session, "send", send)
        monkeypatch.setattr("stripe._http_client.time.sleep", lambda seconds: None)
        return sent

    return let


@pytest.mark.parametrize(("status", "body"), JUNK, ids=repr)
def test_a_checkout_ends_in_an_answer_of_the_shops_own_whatever_the_provider_says(
    shop, answering, status, body
):
    shop.sell("mug", stock=5)
    cart_id = factory.cart_with({"mug": 1})
    sent = answering(status, body)
    wish = {"email": "a@shop.test", "address": factory.ADDRESS, "shippingMethod": "standard"}
    answer = shop.call("POST", f"/api/cart/{cart_id}/checkout", wish)
    assert answer.status_code in (502, 503), answer.body
    payload = json.loads(answer.body)
    assert payload["success"] is False and not INSIDE.search(answer.body.decode())
    assert not [url for url, _ in sent if "169.254" in url], "a redirect was followed"
    counters = factory.stock("mug")
    assert counters["available"] + counters["reserved"] == 5 and counters["sold"] == 0


def test_calls_to_the_provider_have_an_end():
    connect, read = sdk.TIMEOUT_SECONDS
    # Two tries and the shop's own work stay below the gateway's 29 seconds.
    assert (connect + read) * (sdk.RETRIES + 1) < 29


def test_certificates_are_checked(shop, answering, monkeypatch):
    shop.sell("mug", stock=5)
    sent = answering(500, b"")
    with pytest.raises((ProviderBusy, ProviderFailed, Unavailable)):
        shop.buy({"mug": 1})
    assert registry.provider("stripe")
    assert sent
    assert all(options.get("verify", True) is not False for _, options in sent)
