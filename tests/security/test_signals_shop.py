"""Where the facts come from: what a shopper is refused, and what banks say of payments."""

import json

import pytest

from chalicelib.kernel import cache, limits, rates
from chalicelib.kernel.ids import identity_at
from chalicelib.kernel.messaging import events
from chalicelib.security import blocks
from tests import factory

HERE = rates.address("127.0.0.1")  # where the test client calls from


@pytest.fixture
def published(shop, monkeypatch):
    """What is published, in order."""
    published: list[events.Event] = []
    monkeypatch.setattr(events, "publish", published.append)
    return published


def signals(published) -> list[tuple[str, str]]:
    return [(event.data["signal"], event.data["identity"]) for event in published]


def declined(shop, placed, number: int) -> None:
    """A bank refuses a card for the order's payment: Stripe's event, verified and worked off."""
    intent = {"id": f"pi_{number}", "metadata": {"payment_id": placed.order.payment_id}}
    event = {
        "id": f"evt_declined_{number}",
        "object": "event",
        "type": "payment_intent.payment_failed",
        "livemode": False,
        "data": {"object": intent},
    }
    assert shop.deliver(event).status_code == 200
    assert shop.work() == []


def buy_over_http(shop, email: str):
    cart_id = factory.cart_with({"mug": 1})
    body = {"email": email, "address": factory.ADDRESS, "shippingMethod": "standard"}
    answer = shop.call("POST", f"/api/cart/{cart_id}/checkout", body)
    assert answer.status_code == 200, answer.body
    return json.loads(answer.body)["data"]["orderId"]


def test_cards_that_are_refused_one_after_the_other_pause_whoever_tries_them(shop, published):
    shop.sell("mug", stock=50)
    placed = shop.buy({"mug": 1})
    for number in range(limits.DECLINED_PAYMENTS.most + 3):
        declined(shop, placed, number)
    (whose,) = {who for _, who in signals(published)}
    assert whose == identity_at("email", placed.order.email, "")
    assert len(published) == 1


def test_the_address_that_tries_cards_is_kept_out_for_a_while(shop, published):
    shop.sell("mug", stock=50)
    buy_over_http(shop, "ann@shop.test")
    (session,) = shop.sandbox.state()["stripe"]["sessions"]
    metadata = session["metadata"]
    for number in range(limits.DECLINED_PAYMENTS.most):
        intent = {"id": f"pi_{number}", "metadata": metadata}
        event = {
            "id": f"evt_{number}",
            "object": "event",
            "type": "payment_intent.payment_failed",
            "livemode": False,
            "data": {"object": intent},
        }
        shop.deliver(event)
        shop.work()
    assert ("declined-payments", HERE) in signals(published)
    answer = shop.call("POST", "/api/cart/create", {})
    assert answer.status_code == 403
    assert json.loads(answer.body)["code"] == "BLOCKED"
    # A page of the shop is still shown, and the provider is still heard.
    assert shop.call("GET", "/api/products").status_code == 200


def test_a_webhook_that_comes_again_and_again_is_one_refused_card(shop, published):
    shop.sell("mug", stock=50)
    placed = shop.buy({"mug": 1})
    for _ in range(limits.DECLINED_PAYMENTS.most + 3):
        declined(shop, placed, 1)
    assert published == []


def test_a_refused_card_of_nobodys_payment_is_only_logged(shop, published):
    shop.sell("mug", stock=50)
    placed = shop.buy({"mug": 1})
    event_of = {"id": "pi_x", "metadata": {}}
    shop.deliver(
        {
            "id": "evt_x",
            "object": "event",
            "type": "payment_intent.payment_failed",
            "livemode": False,
            "data": {"object": event_of},
        }
    )
    assert shop.work() == []
    assert published == []
    assert placed.order.status == "PENDING"


def test_one_address_that_buys_under_many_names_is_told_of(shop, published, monkeypatch):
    few = limits.Signal("many-emails", most=3, seconds=3_600)
    monkeypatch.setattr(limits, "MANY_EMAILS", few)
    shop.sell("mug", stock=50)
    for number in range(4):
        buy_over_http(shop, f"buyer{number}@shop.test")
    assert signals(published) == [("many-emails", HERE)]


def test_the_same_name_however_often_is_one(shop, published, monkeypatch):
    monkeypatch.setattr(limits, "MANY_EMAILS", limits.Signal("many-emails", 3, 3_600))
    shop.sell("mug", stock=50)
    for _ in range(4):
        buy_over_http(shop, "ann@shop.test")
    assert published == []


def test_who_guesses_orders_is_told_of(shop, published):
    for number in range(limits.GUESSED_TOKENS.most):
        answer = shop.call("GET", f"/api/order-status/ord_{number}", None, **{"X-Order-Token": "x"})
        assert answer.status_code == 404
    assert signals(published) == [("guessed-tokens", HERE)]


def test_a_blocked_address_may_look_but_not_act(shop):
    blocks.pause(HERE, "test", until=2_000_000_000, now=1_790_000_000)
    cache.forget_all()
    assert shop.call("GET", "/api/products").status_code == 200
    assert shop.call("GET", "/health").status_code == 200
    for method, path in (("POST", "/api/cart/create"), ("GET", "/api/cart/crt_1")):
        answer = shop.call(method, path, {} if method == "POST" else None)
        assert (answer.status_code, json.loads(answer.body)["code"]) == (403, "BLOCKED")
