"""One call sent twenty times at once under one key: done once, by whoever claims it."""

import json
from types import SimpleNamespace

import pytest

from chalicelib.cart import service as carts
from chalicelib.cart.routes import routes
from chalicelib.kernel import clock
from chalicelib.kernel.ids import token
from chalicelib.kernel.web import idempotency
from chalicelib.kernel.web.http import respond
from tests import factory, live

CALLS = 20
(ROUTE,) = [each for each in routes.declared if each.path == "/api/cart/{cart_id}/add"]


@pytest.fixture
def sending(busy_shop):
    """What sends the same call twenty times at once; answers the responses, and how many mugs they
    put in."""
    busy_shop.sell("mug", stock=900, max_per_order=900)
    cart = factory.cart_with({"mug": 1})

    def count() -> int:
        return sum(carts.read(cart, now=clock.now()).quantities.values())

    def job():
        # Not through the app: it has one current request, as a function has.
        raw = SimpleNamespace(
            method="POST",
            path=f"/api/cart/{cart}/add",
            headers={"idempotency-key": "k"},
            query_params=None,
            uri_params=None,
            raw_body=json.dumps({"variantId": "mug", "quantity": 1}).encode(),
            context={"requestId": token(), "identity": {"sourceIp": "203.0.113.7"}},
        )
        return respond(ROUTE, raw, {"cart_id": cart})

    def send() -> tuple[list, int]:
        before = count()
        return live.at_once([job] * CALLS), count() - before

    return send


def body_of(response):
    return response.body if isinstance(response.body, dict) else json.loads(response.body)


def was_replayed(response) -> bool:
    return "Idempotency-Replayed" in response.headers


def test_of_twenty_at_once_one_is_done(sending):
    answers, added = sending()
    assert added == 1
    (done,) = [one for one in answers if one.status_code == 200 and not was_replayed(one)]
    for each in answers:
        if each.status_code == 200:
            assert body_of(each)["data"] == body_of(done)["data"]
        else:
            assert body_of(each)["code"] == "IDEMPOTENCY_IN_PROGRESS"
            assert int(each.headers["Retry-After"]) > 0
    again, more = sending()
    assert all(was_replayed(each) for each in again) and more == 0


def test_control_without_the_claim_all_run_and_the_carts_own_condition_counts_once(
    sending, monkeypatch
):
    monkeypatch.setattr(idempotency, "answered", lambda request, caller, run, *, now: run()[0])
    answers, added = sending()
    assert not any(was_replayed(each) for each in answers)
    assert len([each for each in answers if each.status_code == 200]) > 1
    assert added == 1


def test_control_without_claim_and_name_each_of_them_adds(sending, monkeypatch):
    monkeypatch.setattr(idempotency, "answered", lambda request, caller, run, *, now: run()[0])
    monkeypatch.setattr(idempotency, "operation_of", lambda request, caller: token("op"))
    answers, added = sending()
    assert added == len([each for each in answers if each.status_code == 200]) > 1
