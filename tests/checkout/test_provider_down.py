"""Stripe down, slow, limiting, refusing: a clear answer, nothing half done; a repeat ends it."""

import pytest
import stripe

from chalicelib.kernel import clock
from chalicelib.payments.providers.stripe import sdk
from chalicelib.settlement import attempts
from tests import factory
from tests.faults.world import check_world, scan
from tests.kernel.envelope import refused

CREATE = "checkout.sessions.create"
BODY = {
    "email": factory.EMAIL,
    "address": factory.ADDRESS,
    "shippingMethod": "standard",
}
BUSY = ["503", "429", "lock", "reset", "garbage", "hang"]
DONE_BUT_UNTOLD = ["reset_after", "timeout_after"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The SDK waits neither for an answer nor between its tries."""
    monkeypatch.setattr(sdk, "TIMEOUT_SECONDS", (1, 0.3))
    monkeypatch.setattr(stripe.RequestsClient, "_sleep_time_seconds", lambda *_: 0)


@pytest.fixture
def cart_id(shop):
    shop.sell("mug", stock=5)
    return factory.cart_with({"mug": 2})


def checkout(shop, cart_id: str, **headers: str):
    return shop.call("POST", f"/api/cart/{cart_id}/checkout", BODY, **headers)


def trouble(shop, fault: str, times: int = 2) -> None:
    """As many calls go wrong as one checkout makes with the SDK's own repeat."""
    shop.sandbox.fault(CREATE, fault, times=times, seconds=0.6)


@pytest.mark.parametrize("fault", BUSY)
def test_busy_is_told_as_busy_and_the_repeat_is_the_same_order(shop, cart_id, fault):
    trouble(shop, fault)
    answer = checkout(shop, cart_id)
    refused(answer, 503, "PROVIDER_BUSY")
    assert answer.headers["Retry-After"] == "5"
    (order,) = scan("orders")
    check_world(shop.sandbox.state())

    shop.sandbox.no_faults()
    again = checkout(shop, cart_id)
    assert again.status_code == 200
    assert again.json_body["data"]["orderId"] == order["order_id"]
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("fault", DONE_BUT_UNTOLD)
def test_a_session_that_was_made_but_not_told_is_found_again(shop, cart_id, fault):
    trouble(shop, fault, times=1)
    answer = checkout(shop, cart_id)
    if answer.status_code != 200:  # its key was still in use when the SDK asked again
        refused(answer, 503, "PROVIDER_BUSY")
        answer = checkout(shop, cart_id)
    (session,) = shop.sandbox.state()["stripe"]["sessions"]
    assert answer.json_body["data"]["url"] == session["url"]
    assert len(scan("orders")) == 1
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("fault", BUSY)
def test_an_order_whose_provider_stayed_busy_gives_its_units_back(shop, cart_id, fault):
    trouble(shop, fault)
    checkout(shop, cart_id)
    shop.sandbox.no_faults()
    shop.sweep(after=3600)
    assert factory.stock("mug") == {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("fault", ["500", "500_after"])
def test_a_500_that_is_kept_for_a_day_is_got_round_with_another_key(shop, cart_id, fault):
    # Stripe answers a key that got a 500 with that 500 for a day: this attempt can't be paid.
    trouble(shop, fault, times=1)
    answer = checkout(shop, cart_id)
    assert answer.status_code == 200
    (order,) = scan("orders")
    assert (order["attempts"], order["payment_id"]) == (2, answer.json_body["data"]["paymentId"])
    assert {each["status"] for each in scan("payments")} == {"FAILED", "PENDING"}
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_500s_without_end_end_the_order_and_the_repeat_is_a_new_one(shop, cart_id):
    trouble(shop, "500", times=100)
    codes = [checkout(shop, cart_id).json_body["code"] for _ in range(attempts.MOST_ATTEMPTS)]
    assert codes[0] == "PROVIDER_BUSY", "asking again may help"
    shop.sandbox.no_faults()
    again = checkout(shop, cart_id)
    assert again.status_code == 200
    assert {order["status"] for order in scan("orders")} == {"CANCELLED", "PENDING"}
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_control_without_another_key_the_order_can_never_be_paid(shop, cart_id, monkeypatch):
    monkeypatch.setattr(attempts, "_renew", lambda order, spent, now: (order, spent))
    trouble(shop, "500", times=1)
    for _ in range(3):
        refused(checkout(shop, cart_id), 503, "PROVIDER_BUSY")


def test_a_500_after_the_buyer_left_does_not_keep_the_units(shop, cart_id):
    # The first try hangs, the second gets the 500, and nobody asks again but the sweeper.
    trouble(shop, "hang", times=1)
    trouble(shop, "500", times=1)
    refused(checkout(shop, cart_id), 503, "PROVIDER_BUSY")
    assert shop.sweep(after=3600).ended == 1
    assert factory.stock("mug")["available"] == 5
    check_world(shop.sandbox.state())


def refuse_everything(monkeypatch, error: stripe.StripeError) -> None:
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(stripe.RequestsClient, "request", fail)


def test_a_refusal_is_told_as_failed_and_nothing_is_kept(shop, cart_id, monkeypatch):
    with monkeypatch.context() as patch:
        refuse_everything(patch, stripe.InvalidRequestError("No such currency.", param="x"))
        refusal = refused(checkout(shop, cart_id), 502, "PROVIDER_FAILED")
    assert "currency" not in refusal["message"], "the provider's words stay inside"
    assert factory.stock("mug")["available"] == 5
    check_world(shop.sandbox.state())
    assert checkout(shop, cart_id).status_code == 200
    check_world(shop.sandbox.state())


def test_a_key_that_stripe_does_not_know_is_told_as_failed_and_can_be_mended(
    shop, cart_id, monkeypatch
):
    with monkeypatch.context() as patch:
        refuse_everything(patch, stripe.AuthenticationError("Invalid API Key: sk_test_****"))
        refused(checkout(shop, cart_id), 502, "PROVIDER_FAILED")
    (order,) = scan("orders")
    again = checkout(shop, cart_id)
    assert again.json_body["data"]["orderId"] == order["order_id"]
    check_world(shop.sandbox.state())


def test_the_answer_is_in_the_language_asked_for(shop, cart_id):
    trouble(shop, "503")
    answer = checkout(shop, cart_id, **{"Accept-Language": "zh-CN"})
    refused(answer, 503, "PROVIDER_BUSY", language="zh-CN")


def test_a_repeat_that_comes_too_late_for_its_session_is_a_new_order(shop, cart_id):
    # A session lasts 30 minutes at least; ten minutes on, the order's end is too near for one.
    trouble(shop, "503")
    checkout(shop, cart_id)
    (first,) = scan("orders")
    _age_order(first, minutes=10)
    again = checkout(shop, cart_id)
    assert again.status_code == 200
    assert again.json_body["data"]["orderId"] != first["order_id"]
    check_world(shop.sandbox.state())


def _age_order(order: dict, *, minutes: int) -> None:
    """The order as it would be, had it been placed that much earlier."""
    from chalicelib.orders.tables import OrderItem
    from chalicelib.payments.tables import PaymentItem

    for item in (OrderItem.get(order["order_id"]), PaymentItem.get(order["payment_id"])):
        item.expires_at -= minutes * 60
        item.save()


def test_a_buyer_at_once_is_told_the_same(shop, cart_id):
    trouble(shop, "503")
    body = BODY | {"variantId": "mug", "quantity": 1}
    answer = shop.call("POST", "/api/checkout", body)
    refused(answer, 503, "PROVIDER_BUSY")
    again = shop.call("POST", "/api/checkout", body)
    assert again.status_code == 200
    assert len(scan("orders")) == 1
    assert clock.now() < scan("orders")[0]["expires_at"]
    check_world(shop.sandbox.state())
