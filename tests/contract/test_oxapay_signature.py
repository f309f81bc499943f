"""OxaPay's webhook signatures: fixed vectors that the sandbox makes and the shop verifies."""

import hmac
import json

import pytest

from chalicelib.payments.ports import SignatureInvalid
from chalicelib.payments.providers.oxapay.provider import OxaPay
from localcloud.sandbox.oxapay.webhooks import signature

KEY = "MERCH1-TEST22-KEY333-FAKE44"
PAYOUT_KEY = "PAYOUT-TEST22-KEY333-FAKE44"
FIRST = (
    b'{"track_id":"100000001","status":"Paid","type":"invoice","amount":12.5,"value":12.5,'
    b'"currency":"USD","order_id":"ORDER-1001","email":"","note":"","fee_paid_by_payer":0,'
    b'"under_paid_coverage":0,"description":"","date":1767225600,"txs":[{"status":"confirmed",'
    b'"tx_hash":"0x1111111111111111111111111111111111111111111111111111111111111111",'
    b'"sent_amount":12.5,"received_amount":12.45,"value":12.5,"currency":"USDT",'
    b'"network":"Ethereum Network","sender_address":"0xaabbccddeeff00112233445566778899aabbccdd",'
    b'"address":"0x1122334455667788990011223344556677889900","rate":1,"confirmations":12,'
    b'"auto_convert_amount":0,"auto_convert_currency":"USDT","date":1767225590}]}'
)
FIRST_HMAC = (
    "7e274e7e706fb4d3baba2bc8e206798e114c12d102fb3ae382e2d2dc36f5260f"
    "56bddf17a9ff17872edf5ee095e175de49f5a21a1140c74cc906bcdb2fe3121a"
)
SECOND = (
    b'{"type":"invoice","status":"Paid","track_id":"100000002","order_id":"ORDER-1002"}'
)  # fmt: skip
SECOND_HMAC = (
    "3b4dda0cb0d1bad45fb1ec2a7d0f12e15d4c9840e89d2a7b3f1a1a2990585def"
    "490f61c7b4609e280e25f78a8db4f5ea333509042a33ab2a9629b6d88216fe90"
)
PAYOUT = (
    b'{"type":"payout","status":"Confirmed","track_id":"200000001","amount":5,"currency":"USDT",'
    b'"network":"Tron Network"}'
)
PAYOUT_HMAC = (
    "5a6e07573188c49869ee63a5528f239f4e3ff2de674f07ed5cec038bfc578502"
    "40bdab09f60ff8d12851483d87fd39bde4551ee95419e5ba8653769ec48185f9"
)


def shop(key: str = KEY) -> OxaPay:
    return OxaPay(key, "https://shop.test/oxapay-webhook", sandbox=False)


def verify(body: bytes, *, key: str = KEY, **headers: str) -> None:
    shop(key).verify(body, headers, now=1767225600)


VECTORS = [(FIRST, FIRST_HMAC), (SECOND, SECOND_HMAC)]


@pytest.mark.parametrize(
    ("key", "body", "signed"),
    [(KEY, *VECTORS[0]), (KEY, *VECTORS[1]), (PAYOUT_KEY, PAYOUT, PAYOUT_HMAC)],
)
def test_the_sandbox_signs_as_oxapay_does(key, body, signed):
    assert signature(key, body) == signed


@pytest.mark.parametrize(("body", "signed"), VECTORS)
def test_the_shop_takes_the_vectors(body, signed):
    verify(body, hmac=signed)


@pytest.mark.parametrize(
    ("what", "body", "header"),
    [
        ("dumped again", json.dumps(json.loads(FIRST)).encode(), {"hmac": FIRST_HMAC}),
        ("one changed byte", FIRST.replace(b"12.45", b"12.46"), {"hmac": FIRST_HMAC}),
        ("a newline at its end", FIRST + b"\n", {"hmac": FIRST_HMAC}),
        ("another body's signature", FIRST, {"hmac": SECOND_HMAC}),
        ("capital letters", FIRST, {"hmac": FIRST_HMAC.upper()}),
        ("a signature cut short", FIRST, {"hmac": FIRST_HMAC[:64]}),
        ("letters beyond ASCII", FIRST, {"hmac": "é" * 128}),
        ("no header", FIRST, {}),
        ("an empty header", FIRST, {"hmac": ""}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_shop_refuses(what, body, header):
    with pytest.raises(SignatureInvalid):
        verify(body, **header)


def test_another_key_does_not_verify():
    with pytest.raises(SignatureInvalid):
        verify(FIRST, key="OTHER1-TEST22-KEY333-FAKE44", hmac=FIRST_HMAC)


def test_a_payout_is_refused_whichever_key_signed_it():
    for key in (KEY, PAYOUT_KEY):
        with pytest.raises(SignatureInvalid):
            verify(PAYOUT, key=key, hmac=PAYOUT_HMAC)
    with pytest.raises(SignatureInvalid):
        verify(PAYOUT, hmac=signature(KEY, PAYOUT))


def test_what_is_signed_and_no_object_is_refused():
    with pytest.raises(SignatureInvalid):
        verify(b"[1]", hmac=signature(KEY, b"[1]"))


def test_control_without_the_comparison_a_forged_webhook_would_be_taken(monkeypatch):
    monkeypatch.setattr(hmac, "compare_digest", lambda given, own: True)
    verify(FIRST.replace(b"ORDER-1001", b"ORDER-1002"), hmac=FIRST_HMAC)
