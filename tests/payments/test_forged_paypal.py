"""Forged PayPal webhooks at the route: who posts them is counted by their address of the net."""

import base64
from collections import Counter

import pytest

from chalicelib.kernel import clock
from chalicelib.payments.providers.paypal.signature import CERTIFICATES
from tests.faults.world import scan


def forged(shop, number: int, body: object = None):
    """It could be PayPal's, but for its signature and an address without certificate."""
    headers = {
        "PayPal-Transmission-Id": f"forged-{number}",
        "PayPal-Transmission-Time": clock.iso(clock.now()),
        "PayPal-Transmission-Sig": base64.b64encode(b"x" * 256).decode(),
        "PayPal-Cert-Url": f"{shop.sandbox.url}/paypal/certs/CERT-{number}",
        "PayPal-Auth-Algo": "SHA256withRSA",
    }
    event = {"id": f"WH-{number}", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": {}}
    return shop.call("POST", "/api/payment/webhook", body or event, **headers)


def test_who_has_made_the_shop_call_out_often_enough_is_told_to_come_back_later(shop):
    answers = Counter(forged(shop, n).status_code for n in range(CERTIFICATES.most + 3))
    assert answers == {400: CERTIFICATES.most, 429: 3}
    assert int(forged(shop, 99).headers["Retry-After"]) <= CERTIFICATES.seconds
    assert shop.waiting() == 0


def test_control_one_address_again_and_again_spends_one_of_them(shop):
    assert {forged(shop, 1).status_code for _ in range(CERTIFICATES.most + 3)} == {400}
    (spent,) = [row for row in scan("rates") if row["bucket"].startswith(CERTIFICATES.name)]
    assert spent["used"] == 1


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b"{}", b'{"id": 7}', b"\xff\xfe"])
def test_what_is_no_event_is_refused_without_a_call(shop, body):
    assert forged(shop, 1, body).status_code == 400
    assert [row for row in scan("rates") if row["bucket"].startswith(CERTIFICATES.name)] == []
