"""Webhooks of the sandbox: signed, at least once, in order unless asked otherwise."""

import json
from collections.abc import Iterator

import pytest
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.testing import SECRET, Receiver, client, order, wait_for

COMPLETED = "checkout.session.completed"
SUCCEEDED = "payment_intent.succeeded"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(
        webhook_url=receiver.url, webhook_secret=SECRET, retry_seconds=[0.01] * 3
    ) as running:
        yield running


@pytest.fixture
def session(sandbox: Sandbox) -> str:
    return str(client(sandbox.url).v1.checkout.sessions.create(params=order()).id)


def test_a_webhook_is_signed_and_names_the_host_it_is_for(sandbox, receiver, session):
    sandbox.control("stripe", session, "pay")
    assert sandbox.quiesce()
    for item in receiver.received:
        event = stripe.Webhook.construct_event(
            item["body"], item["headers"]["Stripe-Signature"], SECRET
        )
        assert event.api_version == stripe.api_version
        assert item["headers"]["Host"].startswith("webhooks.shop.localhost:")
    completed = receiver.events(COMPLETED)[0]
    assert completed["data"]["object"]["payment_status"] == "paid"
    assert completed["pending_webhooks"] == 1
    assert "line_items" not in completed["data"]["object"]


def test_a_webhook_signed_with_another_secret_is_recognised(sandbox, receiver, session):
    sandbox.control("stripe", session, "pay")
    assert sandbox.quiesce()
    item = receiver.received[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(
            item["body"], item["headers"]["Stripe-Signature"], "whsec_other"
        )


def test_while_a_secret_is_replaced_both_verify(receiver):
    with Sandbox(webhook_url=receiver.url, webhook_secret=["whsec_old", "whsec_new"]) as running:
        made = client(running.url).v1.checkout.sessions.create(params=order())
        running.control("stripe", made.id, "expire")
        assert running.quiesce()
    item = receiver.received[0]
    for secret in ("whsec_old", "whsec_new"):
        stripe.Webhook.construct_event(item["body"], item["headers"]["Stripe-Signature"], secret)


def test_without_asking_each_event_comes_once_and_in_order(sandbox, receiver, session):
    sandbox.control("stripe", session, "pay")
    assert sandbox.quiesce()
    assert [event["type"] for event in receiver.events()] == [SUCCEEDED, COMPLETED]
    assert receiver.most_at_once == 1


def test_copies_have_the_same_event_id(sandbox, receiver, session):
    sandbox.control("stripe", session, "pay", deliver=5)
    assert sandbox.quiesce()
    assert len(receiver.events(COMPLETED)) == 5
    assert len({event["id"] for event in receiver.events(COMPLETED)}) == 1
    assert receiver.most_at_once == 1


def test_shuffled_copies_come_at_the_same_time(sandbox, receiver, session):
    receiver.gate.clear()
    sandbox.control("stripe", session, "pay", deliver=5, shuffle=True)
    wait_for(lambda: receiver.waiting == 10)
    receiver.gate.set()
    assert sandbox.quiesce()
    assert receiver.most_at_once == 10
    assert len(receiver.events(COMPLETED)) == len(receiver.events(SUCCEEDED)) == 5


def test_a_lost_webhook_is_not_sent_and_can_be_sent_later(sandbox, receiver, session):
    done = sandbox.control("stripe", session, "pay", lose=True)
    assert sandbox.quiesce()
    assert receiver.events() == []
    assert {item["status"] for item in sandbox.state()["deliveries"]} == {"lost"}
    completed = next(event["id"] for event in done["events"] if event["type"] == COMPLETED)
    assert len(sandbox.deliver(completed, times=3, shuffle=True)) == 3
    assert sandbox.quiesce()
    assert [event["id"] for event in receiver.events()] == [completed] * 3


def test_all_events_of_a_session_can_be_sent_again(sandbox, receiver, session):
    sandbox.control("stripe", session, "pay", lose=True)
    sandbox.deliver(reference=session)
    assert sandbox.quiesce()
    kinds = [event["type"] for event in receiver.events()]
    assert kinds == ["payment_intent.created", "charge.succeeded", SUCCEEDED, COMPLETED]


def test_a_delayed_webhook_waits_until_it_is_hurried(sandbox, receiver, session):
    sandbox.control("stripe", session, "pay", delayMs=3_600_000)
    assert not sandbox.quiesce(timeout=0)
    assert receiver.events() == []
    assert sandbox.quiesce(hurry=True)
    assert len(receiver.events()) == 2


def test_the_usual_way_holds_for_what_api_calls_cause(sandbox, receiver, session):
    sandbox.send_webhooks(deliver=3, shuffle=True)
    client(sandbox.url).v1.checkout.sessions.expire(session)
    assert sandbox.quiesce()
    assert len(receiver.events("checkout.session.expired")) == 3
    sandbox.send_webhooks()
    other = client(sandbox.url).v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", other.id, "pay")
    assert sandbox.quiesce()
    assert len(receiver.events(COMPLETED)) == 1


@pytest.mark.parametrize("answer", [500, 302, 404])
def test_a_webhook_that_was_not_taken_comes_again(sandbox, receiver, session, answer):
    receiver.answers = [answer, answer]
    sandbox.control("stripe", session, "expire")
    assert sandbox.quiesce()
    bodies = {item["body"] for item in receiver.received}
    assert (len(receiver.received), len(bodies)) == (3, 1)
    (delivery,) = sandbox.state()["deliveries"]
    assert (delivery["status"], delivery["attempts"], delivery["answer"]) == ("delivered", 3, "200")


def test_after_the_last_try_it_is_given_up(sandbox, receiver, session):
    receiver.answers = [500] * 10
    sandbox.control("stripe", session, "expire")
    assert sandbox.quiesce()
    (delivery,) = sandbox.state()["deliveries"]
    assert (delivery["status"], delivery["attempts"], delivery["answer"]) == ("failed", 4, "500")


def test_a_shop_that_is_away_gets_its_webhook_when_it_is_back(sandbox, receiver, session):
    with Receiver() as away:
        address = away.url
    sandbox.send_webhooks(url=address)
    sandbox.control("stripe", session, "expire", delayMs=10)
    sandbox.send_webhooks(url=receiver.url)
    assert sandbox.quiesce()
    assert [event["type"] for event in receiver.events()] == ["checkout.session.expired"]


def test_one_stubborn_webhook_does_not_hold_up_the_next(sandbox, receiver, session):
    receiver.answers = [500]
    sandbox.control("stripe", session, "pay")
    assert sandbox.quiesce()
    assert sorted({event["type"] for event in receiver.events()}) == [COMPLETED, SUCCEEDED]


def test_each_change_tells_what_changed(sandbox, receiver, session):
    sandbox.control("stripe", session, "fail")
    sandbox.control("stripe", session, "pay")
    sandbox.control("stripe", session, "refund", amount=500)
    sandbox.control("stripe", session, "refund-fail")
    sandbox.control("stripe", session, "dispute")
    sandbox.control("stripe", session, "dispute-lose")
    assert sandbox.quiesce()
    assert [event["type"] for event in receiver.events()] == [
        "payment_intent.payment_failed",
        SUCCEEDED,
        COMPLETED,
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]
    refunded = receiver.events("charge.refunded")[0]["data"]
    assert (refunded["object"]["amount_refunded"], refunded["object"]["refunded"]) == (500, False)
    assert refunded["previous_attributes"] == {"amount_refunded": 0, "refunded": False}


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("async-succeed", "checkout.session.async_payment_succeeded"),
        ("async-fail", "checkout.session.async_payment_failed"),
    ],
)
def test_a_slow_method_tells_of_its_end(sandbox, receiver, session, end, kind):
    sandbox.control("stripe", session, "pay-async")
    sandbox.control("stripe", session, end)
    assert sandbox.quiesce()
    completed, last = receiver.events(COMPLETED)[0], receiver.events(kind)[0]
    assert completed["data"]["object"]["payment_status"] == "unpaid"
    assert last["data"]["object"]["payment_status"] == ("paid" if "succeed" in end else "unpaid")


def test_an_event_names_the_call_that_caused_it(sandbox, receiver, session):
    client(sandbox.url).v1.checkout.sessions.expire(session, options={"idempotency_key": "e1"})
    assert sandbox.quiesce()
    (event,) = receiver.events("checkout.session.expired")
    assert event["request"]["idempotency_key"] == "e1"
    assert event["request"]["id"] == sandbox.requests()[-1]["id"]


def test_bodies_keep_their_letters(sandbox, receiver):
    made = client(sandbox.url).v1.checkout.sessions.create(
        params=order(metadata={"size": "Größe 42 – 红"})
    )
    sandbox.control("stripe", made.id, "expire")
    assert sandbox.quiesce()
    body = receiver.received[0]["body"]
    assert "Größe 42 – 红".encode() in body
    assert json.loads(body)["data"]["object"]["metadata"]["size"] == "Größe 42 – 红"
