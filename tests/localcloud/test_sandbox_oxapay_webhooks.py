"""OxaPay's webhooks as the sandbox sends them: when, where to, signed how, and until when."""

import json
from collections.abc import Iterator

import pytest

from localcloud.sandbox import Sandbox
from localcloud.sandbox.oxapay import webhooks
from localcloud.sandbox.oxapay.testing import HOOK, KEY, make, read, sent
from localcloud.sandbox.testing import SECRET, Receiver, client, order


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(says=b"ok") as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(
        webhook_url=receiver.url, webhook_secret=SECRET, oxapay_key=KEY, retry_seconds=[0.01] * 3
    ) as running:
        yield running


def test_paying_and_paid_are_told_in_capitals_signed_to_the_invoices_own_path(sandbox, receiver):
    track_id = make(sandbox)
    sandbox.control("oxapay", track_id, "pay")
    assert sandbox.quiesce()
    assert sent(receiver) == ["Paying", "Paid"]
    for item in receiver.received:
        assert item["path"] == HOOK
        assert item["headers"]["HMAC"] == webhooks.signature(KEY, item["body"])
    payload = json.loads(receiver.received[1]["body"])
    assert payload["txs"][0]["status"] == "confirmed"
    assert (payload["order_id"], payload["amount"], payload["value"]) == ("pay_1", 45.98, 45.98)
    assert read(sandbox, track_id)["status"] == "paid"


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["choose"], []),
        (["paying"], ["Paying"]),
        (["paying", "pay"], ["Paying", "Paid"]),
        (["overpay"], ["Paying", "Paid"]),
        (["underpay"], ["Paying"]),
        (["expire", "pay-late", "manual-accept"], []),
        (["pay", "refund"], ["Paying", "Paid"]),
    ],
    ids=lambda value: "-".join(value),
)
def test_only_paying_and_paid_are_told(sandbox, receiver, actions, expected):
    track_id = make(sandbox)
    for action in actions:
        sandbox.control("oxapay", track_id, action)
    assert sandbox.quiesce()
    assert sent(receiver) == expected


def test_an_address_on_this_machine_is_called_itself(sandbox, receiver):
    with Receiver(says=b"ok") as other:
        sandbox.control("oxapay", make(sandbox, callback_url=other.at("/mine?a=1")), "paying")
        assert sandbox.quiesce()
    assert [item["path"] for item in other.received] == ["/mine?a=1"]
    assert receiver.received == []


def test_an_address_elsewhere_is_never_called(sandbox, receiver):
    sandbox.control("oxapay", make(sandbox, callback_url="https://198.51.100.7/hook?a=1"), "paying")
    assert sandbox.quiesce()
    assert [item["path"] for item in receiver.received] == ["/hook?a=1"]
    with Sandbox(oxapay_key=KEY) as alone:
        done = alone.control("oxapay", make(alone), "pay")
        assert len(done["events"]) == 2
        assert alone.state()["deliveries"] == []


def test_control_without_the_guard_the_address_elsewhere_would_be_called(sandbox, monkeypatch):
    elsewhere = "https://198.51.100.7/hook"
    guarded = make(sandbox, callback_url=elsewhere)
    sandbox.control("oxapay", guarded, "paying", lose=True)
    monkeypatch.setattr(webhooks, "on_this_machine", lambda url: True)
    sandbox.control("oxapay", make(sandbox, callback_url=elsewhere), "paying", lose=True)
    urls = [delivery["url"] for delivery in sandbox.state()["deliveries"]]
    assert "198.51.100.7" not in urls[0]
    assert urls[1] == elsewhere


def test_two_hundred_without_ok_is_no_answer(sandbox, receiver):
    receiver.says = b'{"received": true}'
    sandbox.control("oxapay", make(sandbox), "paying")
    assert sandbox.quiesce()
    (delivery,) = sandbox.state()["deliveries"]
    assert (delivery["status"], delivery["attempts"]) == ("failed", 4)
    assert delivery["answer"].startswith("200, ")


def test_a_webhook_that_was_not_taken_comes_again_as_it_was(sandbox, receiver):
    receiver.answers = [500]
    sandbox.control("oxapay", make(sandbox), "paying")
    assert sandbox.quiesce()
    first, second = receiver.received
    assert first["body"] == second["body"]
    assert first["headers"]["HMAC"] == second["headers"]["HMAC"]


def test_stripes_webhooks_still_go_where_they_went_and_need_no_ok(sandbox, receiver):
    receiver.says = b""
    session = client(sandbox.url).v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", session.id, "expire")
    assert sandbox.quiesce()
    assert [item["path"] for item in receiver.received] == ["/api/webhooks/stripe"]
    assert sandbox.state()["deliveries"][0]["status"] == "delivered"


def test_copies_losses_and_sending_again_work_as_with_stripe(sandbox, receiver):
    track_id = make(sandbox)
    done = sandbox.control("oxapay", track_id, "pay", lose=True)
    assert sandbox.quiesce()
    assert receiver.received == []
    sandbox.deliver(done["events"][1]["id"], times=2)
    sandbox.deliver(reference=track_id)
    assert sandbox.quiesce()
    assert sorted(sent(receiver)) == ["Paid", "Paid", "Paid", "Paying"]
