"""Who may tell the shop that money came: Stripe alone, signed, fresh, and in the right mode."""

import json
import time

import boto3
import pytest

from chalicelib.config import settings
from chalicelib.payments import registry
from tests import signing, stage
from tests.kernel.envelope import contents, refused

SECRET = stage.SECRETS["stripe/webhook_secret"]
CHARGE = {"id": "ch_1", "payment_intent": "pi_1"}
EVENT = {"id": "evt_1", "type": "charge.refunded", "livemode": False, "data": {"object": CHARGE}}
BODY = json.dumps(EVENT).encode()


def post(shop, body: bytes, header: str | None, **headers: str):
    sent = headers | ({} if header is None else {"Stripe-Signature": header})
    return shop.call("POST", "/api/webhooks/stripe", body, **sent)


def queued() -> int:
    found = boto3.client("sqs").get_queue_attributes(
        QueueUrl=settings().payment_events_queue_url,
        AttributeNames=["ApproximateNumberOfMessages"],
    )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def turned_away(shop, body: bytes, header: str | None) -> None:
    before = contents()
    refused(post(shop, body, header), 400, "SIGNATURE_INVALID")
    assert queued() == 0, "a forged webhook reached the queue"
    assert contents() == before


def test_a_signed_webhook_is_on_the_queue_when_it_is_answered(shop):
    answer = post(shop, BODY, signing.header(BODY, SECRET))
    assert (answer.status_code, answer.json_body) == (200, {"received": True})
    assert answer.headers["Cache-Control"] == "no-store"
    assert queued() == 1


def test_the_bytes_are_signed_whatever_their_spacing_and_type_header(shop):
    body = json.dumps(EVENT, indent=3, sort_keys=True).encode() + b"\n"
    answer = post(shop, body, signing.header(body, SECRET), **{"Content-Type": "text/plain"})
    assert answer.status_code == 200


def stamp(age: int = 0) -> int:
    return int(time.time()) - age


FORGED = {
    "no header": None,
    "an empty header": "",
    "no signature": f"t={stamp()}",
    "an empty signature": f"t={stamp()},v1=",
    "a made-up signature": f"t={stamp()},v1={'a' * 64}",
    "another secret": signing.header(BODY, "whsec_other"),
    "the old scheme": signing.header(BODY, SECRET, scheme="v0"),
    "too old": signing.header(BODY, SECRET, age=302),
    "from the future": signing.header(BODY, SECRET, age=-86_400),
    "no time": signing.header(BODY, SECRET).partition(",")[2],
    "another time": signing.header(BODY, SECRET, age=10).replace("t=", "t=1"),
    "a time that is none": f"t=now,v1={'a' * 64}",
    "a bare t": "t",
    "a bare v1": f"t={stamp()},v1",
    "letters beyond ASCII": f"t={stamp()},v1=é",
    "noise": ",=,=,,==",
    "a huge time": f"t={'9' * 5000},v1={'a' * 64}",
}


@pytest.mark.parametrize("header", FORGED.values(), ids=FORGED)
def test_a_webhook_that_is_not_stripes_is_turned_away(shop, header):
    turned_away(shop, BODY, header)


def test_a_body_altered_by_one_byte_is_turned_away(shop):
    turned_away(shop, BODY.replace(b"evt_1", b"evt_2"), signing.header(BODY, SECRET))


@pytest.mark.parametrize("extra", ["{old},t={new}", "t={new},{old}", "{old}, t={new}"])
def test_an_old_webhook_does_not_become_fresh_by_a_second_time(shop, extra):
    old = signing.header(BODY, SECRET, age=3600)
    turned_away(shop, BODY, extra.format(old=old, new=stamp()))


def test_what_is_five_minutes_old_still_counts_whichever_way_clocks_differ(shop):
    for age in (295, -295):
        assert post(shop, BODY, signing.header(BODY, SECRET, age=age)).status_code == 200


def test_one_right_signature_among_several_is_enough(shop):
    right = signing.header(BODY, SECRET)
    header = right.replace(",v1=", f",v0={'b' * 64},v1={'a' * 64},v1=")
    assert post(shop, BODY, header).status_code == 200


@pytest.fixture
def rotating(shop):
    boto3.client("ssm").put_parameter(
        Name="/cartwright/test/stripe/webhook_secret",
        Value="whsec_new, whsec_old",
        Type="SecureString",
        Overwrite=True,
    )
    _forget_secrets()
    return shop


def _forget_secrets() -> None:
    from chalicelib.kernel import parameters

    parameters.forget()
    registry.provider.cache_clear()


def test_while_a_secret_is_rotated_both_are_believed_and_no_third(rotating):
    for secret, status in (("whsec_new", 200), ("whsec_old", 200), (SECRET, 400), ("", 400)):
        answer = post(rotating, BODY, signing.header(BODY, secret))
        assert answer.status_code == status, secret


def test_a_live_event_never_reaches_a_test_shop(shop):
    body = json.dumps(EVENT | {"livemode": True}).encode()
    turned_away(shop, body, signing.header(body, SECRET))


def test_a_test_event_never_reaches_a_live_shop(shop):
    boto3.client("ssm").put_parameter(
        Name="/cartwright/test/stripe/secret_key",
        Value="sk_live_cartwright",
        Type="SecureString",
        Overwrite=True,
    )
    _forget_secrets()
    turned_away(shop, BODY, signing.header(BODY, SECRET))
    live = json.dumps(EVENT | {"livemode": True}).encode()
    assert post(shop, live, signing.header(live, SECRET)).status_code == 200


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null"])
def test_signed_json_that_is_no_event_is_turned_away(shop, body):
    turned_away(shop, body, signing.header(body, SECRET))


@pytest.mark.parametrize("body", [b"", b"hello", b"{", b'{"a":1,"a":2}', b'{"a":NaN}'])
def test_what_is_signed_but_not_json_is_malformed(shop, body):
    refused(post(shop, body, signing.header(body, SECRET)), 400, "MALFORMED_JSON")
    assert queued() == 0


def test_a_webhook_of_the_most_bytes_is_taken_and_one_more_is_too_large(shop):
    body = json.dumps(EVENT | {"pad": ""}).encode()
    fits = body.replace(b'"pad": "', b'"pad": "' + b"x" * (200 * 1024 - len(body)))
    assert len(fits) == 200 * 1024
    assert post(shop, fits, signing.header(fits, SECRET)).status_code == 200
    over = fits.replace(b"xx", b"xxx", 1)
    refused(post(shop, over, signing.header(over, SECRET)), 413, "BODY_TOO_LARGE")


def test_a_queue_that_does_not_take_it_makes_stripe_send_it_again(shop):
    from tests.faults.replies import answering
    from tests.faults.replies import refused as error

    with answering("SendMessage", error("ThrottlingException")):
        answer = post(shop, BODY, signing.header(BODY, SECRET))
    refusal = refused(answer, 503, "UNAVAILABLE")
    assert refusal["errors"] == []
    assert answer.headers["Retry-After"] == "2"


def test_the_refusal_is_in_the_language_asked_for(shop):
    answer = post(shop, BODY, None, **{"Accept-Language": "zh"})
    refused(answer, 400, "SIGNATURE_INVALID", language="zh-CN")
