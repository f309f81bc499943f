"""Webhook signatures: fixed vectors that the sandbox makes and Stripe's SDK verifies."""

import json
import time

import pytest
import stripe

from localcloud.sandbox.stripe.events import signature

SECRET = "whsec_test_secret_do_not_use"
OLD_SECRET = "whsec_old_secret"
T = 1767225600
FIRST = (
    b'{"id":"evt_test_1","object":"event","type":"checkout.session.completed","data":{"object":'
    b'{"id":"cs_test_1","object":"checkout.session","payment_status":"paid"}}}'
)
SECOND = (
    '{"id":"evt_test_2","object":"event","type":"charge.refunded","data":{"object":'
    '{"id":"ch_test_1","object":"charge","description":"Größe 42 – 红"}}}'
).encode()
FIRST_V1 = "a5ecb31b3f0ef919104e6406efcc83b46f3598d1c56a8f8505f374d2aa3389c1"
SECOND_V1 = "5f8ecb558fea316668da9428051f037c46e54efcc5c4b514ac242717b7a1cdf0"
OLD_V1 = "17b450c0bcfaf5bf1fc0c25ab98d23b13fddf21a01dbab2919c214b85234505c"
HEADER = f"t={T},v1={FIRST_V1}"
ROTATION = f"t={T},v1={OLD_V1},v1={FIRST_V1}"


@pytest.fixture
def at(monkeypatch):
    """Sets the clock that the SDK looks at."""
    return lambda now: monkeypatch.setattr(time, "time", lambda: float(now))


@pytest.mark.parametrize(("body", "v1"), [(FIRST, FIRST_V1), (SECOND, SECOND_V1)])
def test_the_sandbox_signs_as_stripe_does(body, v1):
    assert signature([SECRET], body, T) == f"t={T},v1={v1}"


def test_while_a_secret_is_replaced_both_sign():
    assert signature([OLD_SECRET, SECRET], FIRST, T) == ROTATION


@pytest.mark.parametrize(("body", "v1"), [(FIRST, FIRST_V1), (SECOND, SECOND_V1)])
def test_the_sdk_takes_the_vectors(at, body, v1):
    at(T + 300)
    event = stripe.Webhook.construct_event(body, f"t={T},v1={v1}", SECRET)
    assert event.id == json.loads(body)["id"]


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_the_sdk_takes_either_secret_during_a_rotation(at, secret):
    at(T)
    assert stripe.Webhook.construct_event(FIRST, ROTATION, secret).id == "evt_test_1"


@pytest.mark.parametrize(
    ("what", "body", "header", "now"),
    [
        ("five minutes and a second old", FIRST, HEADER, T + 301),
        ("one changed byte", FIRST.replace(b"paid", b"pald"), HEADER, T),
        ("another scheme", FIRST, HEADER.replace("v1=", "v0="), T),
        ("no header", FIRST, "", T),
        ("another time", FIRST, HEADER.replace(str(T), str(T + 1)), T),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_the_sdk_refuses(at, what, body, header, now):
    at(now)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, header, SECRET)
