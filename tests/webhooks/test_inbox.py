"""The log of webhooks: each is written down with what became of it, and can be played again."""

import json

import boto3
import pytest

from bench.meter import size_of
from chalicelib.config import settings
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.orders import service as orders
from chalicelib.payments.rules import WebhookStatus
from chalicelib.webhooks import dead_letters, inbox
from chalicelib.webhooks.tables import WebhookItem
from tests import stage
from tests.faults.world import check_world, scan
from tests.kernel.envelope import refused

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


@pytest.fixture
def placed(shop):
    shop.sell("mug", stock=5)
    return shop.buy({"mug": 2})


@pytest.fixture
def dead(shop):
    """The queue of what was given up."""
    queue = boto3.client("sqs")
    url = f"{settings().payment_events_queue_url}-dead"
    return lambda body: queue.send_message(QueueUrl=url, MessageBody=json.dumps(body))


def row_of(kind: str) -> dict:
    (row,) = [row for row in scan("webhooks") if row["type"] == kind]
    return row


def completed(events) -> dict:
    return next(event for event in events if event["type"] == "checkout.session.completed")


def call(shop, method: str, path: str, body=None):
    answer = shop.call(method, path, body, **KEY)
    assert answer.status_code == 200, answer.body
    return answer.json_body["data"]


def ask(shop, **query: str) -> list[dict]:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return call(shop, "GET", f"/api/admin/webhooks?{words}")["items"]


def test_what_worked_is_written_down_whole(shop, placed):
    event = completed(shop.pay(placed))
    shop.deliver(event)
    assert shop.work() == []
    row = row_of("checkout.session.completed")
    assert row["status"] == "SUCCESS"
    assert (row["attempts"], row["reference"]) == (1, placed.order.order_id)
    assert (row["payment_id"], row["event_id"]) == (placed.order.payment_id, event["id"])
    assert row["took_ms"] >= 0 and row["done_at"] >= row["received_at"]
    assert "error" not in row


def test_the_log_keeps_no_person_and_nothing_that_opens_their_order(shop, placed):
    event = completed(shop.pay(placed))
    shop.deliver(event)
    shop.work()
    (row,) = [row for row in scan("webhooks") if row["event_id"] == event["id"]]
    for secret in (placed.order.email, placed.order.access_token):
        assert secret in json.dumps(event)
        assert secret not in json.dumps(row, default=str)


def test_a_row_is_kept_for_half_a_year_and_its_body_is_small(shop, placed):
    event = completed(shop.pay(placed))
    shop.deliver(event)
    shop.work()
    row = row_of("checkout.session.completed")
    assert row["expires_at"] == row["received_at"] + settings().webhook_days * 86_400
    assert settings().webhook_days == 180
    whole = call(shop, "GET", f"/api/admin/webhooks/{row['webhook_id']}")
    assert len(row["packed"]) < len(whole["data"]) / 4
    assert json.loads(whole["data"])["id"] == event["id"]
    assert size_of(WebhookItem.get(row["webhook_id"]).serialize()) < 1024, "one unit a write"


def test_a_row_whose_time_is_over_is_not_shown_though_it_lies_there_still(shop, placed):
    shop.deliver(completed(shop.pay(placed)))
    shop.work()
    row = row_of("checkout.session.completed")
    clock.shift(settings().webhook_days * 86_400 + 60)
    answer = shop.call("GET", f"/api/admin/webhooks/{row['webhook_id']}", **KEY)
    refused(answer, 404, "WEBHOOK_NOT_FOUND")
    day = clock.iso(row["received_at"])[:10]
    assert ask(shop, day=day) == []
    clock.shift(0)
    assert len(ask(shop, day=day)) == 1


def test_what_fails_is_written_down_with_its_reason_and_later_with_its_success(shop, placed):
    event = completed(shop.pay(placed))
    early = {**event, "data": {"object": {**event["data"]["object"]}}}
    early["data"]["object"]["client_reference_id"] = "ord_unknown"
    shop.deliver(early)
    assert len(shop.work()) == 1
    row = row_of("checkout.session.completed")
    assert (row["status"], row["error"]) == ("FAILED", "OrderNotThereYet")
    shop.deliver(event)
    assert shop.work() == []
    row = row_of("checkout.session.completed")
    assert (row["status"], row["attempts"]) == ("SUCCESS", 2)
    assert "error" not in row


def test_a_late_failure_does_not_hide_a_success(shop, placed):
    event = completed(shop.pay(placed))
    shop.deliver(event)
    shop.work()
    message = {"provider": "stripe", "receivedAt": 1, "body": json.dumps(event)}
    handling = inbox.WebhookAttempt(message, _event(event))
    handling.failed(RuntimeError("slow"))
    assert row_of("checkout.session.completed")["status"] == "SUCCESS"


def _event(event: dict):
    from chalicelib.payments.ports import Event

    return Event(event["id"], event["type"])


def test_administrators_see_a_days_webhooks_and_filter_them(shop, placed):
    for event in shop.pay(placed):
        shop.deliver(event)
    shop.work()
    everything = ask(shop)
    assert [each["receivedAt"] for each in everything] == sorted(
        (each["receivedAt"] for each in everything), reverse=True
    )
    (done,) = ask(shop, status="SUCCESS")
    assert done["type"] == "checkout.session.completed"
    assert ask(shop, orderId=placed.order.order_id) == [done]
    assert ask(shop, provider="oxapay") == ask(shop, day="2020-01-01") == []
    whole = call(shop, "GET", f"/api/admin/webhooks/{done['id']}")
    assert json.loads(whole["data"])["type"] == "checkout.session.completed"


def test_the_list_goes_on_page_by_page_without_losing_one(shop, placed):
    for event in shop.pay(placed):
        shop.deliver(event)
    shop.work()
    seen, cursor = [], ""
    while cursor is not None:
        answer = call(shop, "GET", f"/api/admin/webhooks?pageSize=1{cursor}")
        seen += [each["id"] for each in answer["items"]]
        cursor = f"&cursor={answer['nextCursor']}" if answer["nextCursor"] else None
    assert sorted(seen) == sorted(row["webhook_id"] for row in scan("webhooks"))


def test_a_cursor_of_another_list_is_refused(shop, placed):
    for event in shop.pay(placed):
        shop.deliver(event)
    shop.work()
    cursor = call(shop, "GET", "/api/admin/webhooks?pageSize=1")["nextCursor"]
    answer = shop.call("GET", f"/api/admin/webhooks?status=SUCCESS&cursor={cursor}", **KEY)
    refused(answer, 400, "CURSOR_INVALID")


def test_a_webhook_is_played_again_and_does_nothing_twice(shop, placed):
    shop.deliver(completed(shop.pay(placed)))
    shop.work()
    row = row_of("checkout.session.completed")
    call(shop, "POST", f"/api/admin/webhooks/{row['webhook_id']}/replay", {})
    assert row_of("checkout.session.completed")["status"] == WebhookStatus.RECEIVED
    assert shop.work() == []
    row = row_of("checkout.session.completed")
    assert (row["status"], row["attempts"]) == ("SUCCESS", 2)
    order = orders.read(placed.order.order_id)
    assert [step["to"] for step in order.history] == ["PENDING", "PAID"]
    check_world(shop.sandbox.state())


def test_one_from_before_bodies_were_packed_is_shown_and_played_again(shop, placed):
    shop.deliver(completed(shop.pay(placed)))
    shop.work()
    key = row_of("checkout.session.completed")["webhook_id"]
    item = dynamo.get(WebhookItem, key)
    item.update([WebhookItem.body.set(item.packed), WebhookItem.packed.remove()])
    shown = call(shop, "GET", f"/api/admin/webhooks/{key}")["data"]
    assert json.loads(shown)["type"] == "checkout.session.completed"
    call(shop, "POST", f"/api/admin/webhooks/{key}/replay", {})
    assert shop.work() == []
    assert row_of("checkout.session.completed")["status"] == "SUCCESS"


def replayed_by_a_fast_worker(shop, placed, monkeypatch) -> str:
    """The worker is done before the replay's own note is written; what the log says then."""
    shop.deliver(completed(shop.pay(placed)))
    shop.work()
    row = row_of("checkout.session.completed")
    real = inbox.queues.send

    def at_once(url, message):
        real(url, message)
        assert shop.work() == []

    monkeypatch.setattr(inbox.queues, "send", at_once)
    inbox.replay(row["webhook_id"])
    return str(row_of("checkout.session.completed")["status"])


def test_a_replay_worked_off_at_once_is_not_shown_as_waiting(shop, placed, monkeypatch):
    assert replayed_by_a_fast_worker(shop, placed, monkeypatch) == "SUCCESS"


def test_control_without_the_tries_in_the_condition_it_waits_for_ever(shop, placed, monkeypatch):
    real = inbox.dynamo.update

    def careless(item, actions, *, condition, on_condition_failed):
        return real(item, actions, condition=None, on_condition_failed=on_condition_failed)

    with monkeypatch.context() as patch:
        patch.setattr(inbox.dynamo, "update", careless)
        assert replayed_by_a_fast_worker(shop, placed, patch) == "RECEIVED"


def test_all_that_failed_on_a_day_is_played_again_at_once(shop, placed):
    event = completed(shop.pay(placed))
    from chalicelib.payments.tables import PaymentItem

    item = PaymentItem.get(placed.order.payment_id)
    item.delete()  # as it is before the checkout's transaction can be read
    shop.deliver(event)
    assert len(shop.work()) == 1
    item.save()
    today = clock.iso(clock.now())[:10]
    assert call(shop, "POST", "/api/admin/webhooks/replay", {"day": today}) == {
        "replayed": 1,
        "more": False,
    }
    assert call(shop, "POST", "/api/admin/webhooks/replay", {})["replayed"] == 0
    assert shop.work() == []
    assert orders.read(placed.order.order_id).status == "PAID"


def test_what_was_given_up_is_shown_and_put_back(shop, placed, dead, monkeypatch):
    # A look hides what it saw for a moment; here the moment is over at once.
    monkeypatch.setattr(dead_letters, "LOOK_SECONDS", 0)
    event = completed(shop.pay(placed))
    dead({"provider": "stripe", "receivedAt": 1, "body": json.dumps(event)})
    dead({"not": "a webhook"})
    shown = call(shop, "GET", "/api/admin/dead-letters")["items"]
    assert {each["eventId"] for each in shown} == {event["id"], None}
    assert {each["paymentId"] for each in shown} == {placed.order.payment_id, None}
    assert call(shop, "POST", "/api/admin/dead-letters/replay", {})["replayed"] == 2
    assert len(shop.work()) == 1, "what nobody can read fails again"
    assert orders.read(placed.order.order_id).status == "PAID"
    assert call(shop, "GET", "/api/admin/dead-letters")["items"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/admin/webhooks"),
        ("GET", "/api/admin/webhooks/whk_x"),
        ("POST", "/api/admin/webhooks/whk_x/replay"),
        ("POST", "/api/admin/webhooks/replay"),
        ("GET", "/api/admin/dead-letters"),
        ("POST", "/api/admin/dead-letters/replay"),
    ],
)
def test_nobody_else_sees_or_plays_webhooks(shop, method, path):
    refused(shop.call(method, path, {}), 401, "UNAUTHORIZED")


def test_a_webhook_that_there_is_not_is_told_as_such(shop):
    answer = shop.call("POST", "/api/admin/webhooks/whk_none/replay", {}, **KEY)
    refused(answer, 404, "WEBHOOK_NOT_FOUND")


@pytest.mark.parametrize("query", ["day=2026-13-01", "day=x", "status=DONE", "pageSize=0"])
def test_filters_that_mean_nothing_are_refused(shop, query):
    assert shop.call("GET", f"/api/admin/webhooks?{query}", **KEY).status_code == 422
