"""PayPal's webhooks: signed by the sandbox, believed and read by the shop."""

import json

import pytest

from chalicelib.kernel import clock
from chalicelib.payments.ports import Event, SignatureInvalid, State
from chalicelib.payments.redaction import without_people
from localcloud.sandbox.testing import Receiver
from tests.payments.paypal.world import charge, provider_of, world

PAYMENT = "pay_0123456789abcdef"
REFUND_LINK = "https://api.sandbox.paypal.com/v2/payments/captures/3C679366HH908993F"


@pytest.fixture(scope="module")
def receiver():
    with Receiver() as listening:
        yield listening


@pytest.fixture(scope="module")
def running(receiver):
    with world(webhook_url=receiver.url) as made:
        yield made


@pytest.fixture
def sandbox(running, receiver):
    assert running[0].quiesce()
    running[0].reset()
    receiver.received.clear()
    return running[0]


@pytest.fixture
def provider(sandbox):
    return provider_of(sandbox.url)


def delivered(provider, sandbox, receiver) -> list[Event]:
    """What arrived, each verified over its bytes and read as it comes from the queue."""
    assert sandbox.quiesce()
    events = []
    for item in receiver.received:
        headers = {name.lower(): value for name, value in item["headers"].items()}
        provider.verify(item["body"], headers, now=clock.now())
        events.append(provider.read(json.dumps(without_people(json.loads(item["body"])))))
    return events


def read(provider, kind: str, resource: object) -> Event:
    return provider.read(json.dumps({"id": "WH-1", "event_type": kind, "resource": resource}))


def test_all_webhooks_of_a_payments_life_are_believed_and_name_it(provider, sandbox, receiver):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve")
    capture_id = provider.status(session_id).capture_id
    sandbox.control("paypal", session_id, "refund", amount=100)
    sandbox.control("paypal", session_id, "dispute")
    sandbox.control("paypal", session_id, "reverse")
    events = delivered(provider, sandbox, receiver)
    assert [(event.type, event.capture_id) for event in events] == [
        ("CHECKOUT.ORDER.APPROVED", None),
        ("PAYMENT.CAPTURE.COMPLETED", capture_id),
        ("PAYMENT.CAPTURE.REFUNDED", capture_id),
        ("CUSTOMER.DISPUTE.CREATED", capture_id),
        ("PAYMENT.CAPTURE.REVERSED", capture_id),
    ]
    assert all(event.payment_id == PAYMENT and event.ask for event in events)
    assert len({event.event_id for event in events}) == 5
    assert [bool(event.facts.get("disputed")) for event in events] == [False] * 3 + [True] * 2


@pytest.mark.parametrize(
    ("decision", "kind", "state"),
    [("capture-complete", "COMPLETED", State.PAID), ("capture-deny", "DENIED", State.FAILED)],
)
def test_held_money_is_told_twice(provider, sandbox, receiver, decision, kind, state):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "capture-pending")
    assert provider.status(session_id).state == State.PROCESSING
    sandbox.control("paypal", session_id, decision)
    types = [event.type for event in delivered(provider, sandbox, receiver)]
    assert types[1:] == ["PAYMENT.CAPTURE.PENDING", f"PAYMENT.CAPTURE.{kind}"]
    assert provider.status(session_id).state == state


def test_an_approval_that_was_not_used_in_time_is_told(provider, sandbox, receiver):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve")
    sandbox.control("paypal", session_id, "expire")
    event = delivered(provider, sandbox, receiver)[-1]
    assert (event.type, event.payment_id) == ("CHECKOUT.PAYMENT-APPROVAL.REVERSED", PAYMENT)


def test_what_is_sent_to_another_webhook_is_not_believed(provider, sandbox, receiver):
    provider._webhook_id = "2OTHERWEBHOOK0001"
    sandbox.control("paypal", provider.open(charge()).session_id, "approve")
    with pytest.raises(SignatureInvalid):
        delivered(provider, sandbox, receiver)


def test_a_certificate_of_another_port_of_this_machine_is_not_asked_for(provider, receiver):
    headers = {
        "paypal-transmission-id": "1",
        "paypal-transmission-time": clock.iso(clock.now()),
        "paypal-transmission-sig": "AAAA",
        "paypal-auth-algo": "SHA256withRSA",
        "paypal-cert-url": "http://127.0.0.1:1/paypal/certs/CERT-1",
    }
    with pytest.raises(SignatureInvalid):
        provider.verify(b'{"id":"WH-1"}', headers, now=clock.now())


def test_an_event_the_shop_does_not_follow_names_nothing(provider):
    assert read(provider, "BILLING.PLAN.CREATED", {"id": "P-1", "custom_id": PAYMENT}) == Event(
        "WH-1", "BILLING.PLAN.CREATED"
    )


@pytest.mark.parametrize("word", ["DENIED", "DECLINED", "PENDING", "COMPLETED"])
def test_a_capture_names_its_payment_and_itself(provider, word):
    event = read(provider, f"PAYMENT.CAPTURE.{word}", {"id": "3C6", "custom_id": PAYMENT})
    assert (event.payment_id, event.capture_id, event.ask) == (PAYMENT, "3C6", True)


@pytest.mark.parametrize("word", ["REFUNDED", "REVERSED"])
def test_a_refund_names_its_capture_by_a_link(provider, word):
    links = [{"rel": "self", "href": f"{REFUND_LINK[:-1]}X"}, {"rel": "up", "href": REFUND_LINK}]
    event = read(provider, f"PAYMENT.CAPTURE.{word}", {"id": "1JU", "links": links})
    assert (event.payment_id, event.capture_id) == (None, "3C679366HH908993F")
    assert event.ask


@pytest.mark.parametrize(
    "resource",
    [None, 7, "x", [], {}, {"id": 7, "custom_id": 7}, {"purchase_units": {}, "links": {}},
     {"purchase_units": [7], "links": [7], "disputed_transactions": [7]},
     {"links": [{"rel": "up", "href": "https://evil.test/v9/x"}]}, {"links": [{"rel": "up"}]}],
)  # fmt: skip
@pytest.mark.parametrize(
    "kind",
    ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.REFUNDED", "CUSTOMER.DISPUTE.CREATED",
     "PAYMENT.CAPTURE.COMPLETED"],
)  # fmt: skip
def test_an_event_with_an_odd_resource_is_read_and_names_nothing(provider, kind, resource):
    event = read(provider, kind, resource)
    assert (event.payment_id, event.capture_id, event.ask) == (None, None, False)
