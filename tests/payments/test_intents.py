"""Paying in a form that the storefront embeds: Stripe's PaymentIntents."""

import boto3
import pytest
import stripe

from chalicelib.config import Misconfigured
from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from chalicelib.payments import registry
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.stripe import intents
from chalicelib.payments.rules import PaymentStatus
from chalicelib.settlement import refunding
from tests import factory
from tests.faults.world import check_world

CREATE = "payment_intents.create"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The SDK's second try comes at once."""
    monkeypatch.setattr(stripe.RequestsClient, "_sleep_time_seconds", lambda *_: 0)


@pytest.fixture
def placed(shop):
    shop.sell("mug", stock=5)
    return shop.checkout(factory.cart_with({"mug": 2}), payment_method="stripe-intents")


def payment(placed):
    return orders.payment_of(order(placed))


def order(placed):
    return orders.read(placed.order.order_id)


def happens(shop, placed, *actions: str) -> None:
    """Each action at Stripe, its webhooks delivered and worked off."""
    for action in actions:
        happened = shop.sandbox.control("stripe", payment(placed).session_id, action, lose=True)
        for event in happened["events"]:
            deliver(shop, event["id"])
    shop.drain()


def deliver(shop, event_id: str) -> None:
    for event in shop.events():
        if event["id"] == event_id and event["type"].startswith(("payment_intent.", "charge.ref")):
            assert shop.deliver(event).status_code == 200


def call(shop, placed, method: str, path: str, body=None):
    token = {"X-Order-Token": placed.order.access_token}
    return shop.call(method, f"/api/payment/{path}", body, **token)


def test_the_buyer_is_told_the_secret_of_the_form_and_nothing_of_the_shops(shop, placed):
    answer = call(shop, placed, "GET", placed.order.payment_id).json_body["data"]
    facts = answer["instructions"]["facts"]
    assert answer["instructions"]["kind"] == "FORM"
    assert facts["clientSecret"].startswith(f"{payment(placed).session_id}_secret_")
    assert facts["publishableKey"] == "pk_test_cartwright"
    assert set(facts) == {"clientSecret", "publishableKey"}
    assert answer["url"] == placed.order.page == placed.url


def test_the_intent_asks_for_the_order_and_opens_once(shop, placed):
    charge = orders.charge_of(order(placed), payment(placed))
    provider = registry.provider("stripe-intents")
    assert {provider.open(charge).session_id for _ in range(2)} == {payment(placed).session_id}
    (intent,) = shop.sandbox.state()["stripe"]["paymentIntents"]
    assert (intent["amount"], intent["currency"]) == (4498, "usd")
    assert intent["metadata"]["payment_id"] == placed.order.payment_id


def test_what_is_paid_in_the_form_pays_the_order_once(shop, placed):
    happens(shop, placed, "pay")
    assert order(placed).status == OrderStatus.PAID
    assert (
        call(shop, placed, "GET", placed.order.payment_id).json_body["data"]["instructions"] is None
    )
    check_world(shop.sandbox.state())


def test_a_declined_card_leaves_the_form_open_for_another(shop, placed):
    happens(shop, placed, "fail")
    assert payment(placed).status == PaymentStatus.PENDING
    happens(shop, placed, "pay")
    assert order(placed).status == OrderStatus.PAID


def test_a_slow_method_is_under_way_until_it_has_paid(shop, placed):
    happens(shop, placed, "pay-async")
    assert payment(placed).status == PaymentStatus.PROCESSING
    happens(shop, placed, "async-succeed")
    assert order(placed).status == OrderStatus.PAID
    check_world(shop.sandbox.state())


def test_a_slow_method_that_fails_lets_the_buyer_try_again(shop, placed):
    happens(shop, placed, "pay-async", "async-fail")
    assert payment(placed).status == PaymentStatus.PENDING
    answer = call(shop, placed, "GET", placed.order.payment_id).json_body["data"]
    assert answer["instructions"]["facts"]["clientSecret"]
    happens(shop, placed, "pay")
    assert order(placed).status == OrderStatus.PAID
    check_world(shop.sandbox.state())


def test_control_where_an_open_page_says_nothing_the_buyer_waits_for_nothing(
    shop, placed, monkeypatch
):
    from chalicelib.settlement import decide

    monkeypatch.setattr(decide, "_open", lambda payment, outcome: decide.NOTHING)
    happens(shop, placed, "pay-async", "async-fail")
    assert payment(placed).status == PaymentStatus.PROCESSING


def test_the_event_of_a_sessions_own_intent_moves_nothing(shop):
    shop.sell("mug", stock=5)
    hosted = shop.buy({"mug": 1})
    events = shop.pay(hosted)
    (about_intent,) = [each for each in events if each["type"] == "payment_intent.succeeded"]
    event = next(each for each in shop.events() if each["id"] == about_intent["id"])
    shop.deliver(event)
    shop.drain()
    assert orders.payment_of(orders.read(hosted.order.order_id)).status == PaymentStatus.PENDING


def test_when_its_time_is_over_nobody_can_pay_any_more(shop, placed):
    shop.sweep(after=3600)
    assert order(placed).status == OrderStatus.CANCELLED
    (intent,) = shop.sandbox.state()["stripe"]["paymentIntents"]
    assert intent["status"] == "canceled"
    check_world(shop.sandbox.state())


def test_who_paid_in_the_last_second_has_an_order(shop, placed):
    shop.sandbox.control("stripe", payment(placed).session_id, "pay", lose=True)
    shop.sweep(after=3600)
    assert order(placed).status == OrderStatus.PAID
    check_world(shop.sandbox.state())


def test_a_lost_answer_finds_the_same_form_again(shop):
    shop.sell("mug", stock=5)
    cart = factory.cart_with({"mug": 1})
    shop.sandbox.fault(CREATE, "reset_after", times=2)
    with pytest.raises(ProviderBusy):
        shop.checkout(cart, payment_method="stripe-intents")
    again = shop.checkout(cart, payment_method="stripe-intents")
    (intent,) = shop.sandbox.state()["stripe"]["paymentIntents"]
    assert payment(again).session_id == intent["id"]


def test_money_of_the_form_goes_back_like_any_other(shop, placed):
    happens(shop, placed, "pay")
    found, _ = refunding.refund(
        placed.order.order_id, None, reason="unwanted", by="ada", operation="op1", now=clock.now()
    )
    assert found.status == OrderStatus.REFUNDED
    check_world(shop.sandbox.state())


# ---- calling an attempt off ----------------------------------------------------------------------


def test_a_payment_that_is_called_off_can_not_be_made_and_the_order_waits_on(shop, placed):
    for _ in range(2):
        answer = call(shop, placed, "POST", f"{placed.order.payment_id}/cancel")
        assert answer.status_code == 200, answer.body
        assert answer.json_body["data"]["status"] == "FAILED"
    shop.drain()
    (intent,) = shop.sandbox.state()["stripe"]["paymentIntents"]
    assert intent["status"] == "canceled"
    assert order(placed).status == OrderStatus.PENDING
    token = {"X-Order-Token": placed.order.access_token}
    body = {"orderId": placed.order.order_id, "method": "stripe"}
    began = shop.call("POST", "/api/payment/create", body, **token).json_body["data"]
    assert began["url"].startswith("http") and began["instructions"] is None
    check_world(shop.sandbox.state())


def test_an_order_that_nobody_pays_another_way_ends_with_its_time(shop, placed):
    call(shop, placed, "POST", f"{placed.order.payment_id}/cancel")
    shop.sweep(after=3600)
    assert order(placed).status == OrderStatus.CANCELLED
    assert factory.stock("mug")["available"] == 5
    check_world(shop.sandbox.state())


def test_the_providers_word_on_a_page_called_off_ends_no_order(shop, placed):
    call(shop, placed, "POST", f"{placed.order.payment_id}/cancel")
    for event in shop.events():
        shop.deliver(event)
    shop.drain()
    assert order(placed).status == OrderStatus.PENDING


def test_control_ended_at_the_provider_first_the_order_ends_too(shop, placed):
    provider, found = registry.provider("stripe-intents"), payment(placed)
    provider.close(found.session_id)
    for event in shop.events():
        shop.deliver(event)
    shop.drain()
    assert order(placed).status == OrderStatus.CANCELLED


def test_who_was_faster_than_the_calling_off_has_paid(shop, placed):
    shop.sandbox.control("stripe", payment(placed).session_id, "pay", lose=True)
    answer = call(shop, placed, "POST", f"{placed.order.payment_id}/cancel")
    assert answer.json_body["data"]["status"] == "SUCCESS"
    again = call(shop, placed, "POST", f"{placed.order.payment_id}/cancel")
    assert (again.status_code, again.json_body["code"]) == (409, "ORDER_NOT_PAYABLE")
    check_world(shop.sandbox.state())


def test_money_on_its_way_is_not_called_off(shop, placed):
    happens(shop, placed, "pay-async")
    answer = call(shop, placed, "POST", f"{placed.order.payment_id}/cancel")
    assert (answer.status_code, answer.json_body["code"]) == (409, "PAYMENT_UNDER_WAY")


# ---- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["sk_test_mixed_up", "pk_live_of_another_mode", "nonsense"])
def test_a_publishable_key_that_can_not_be_one_switches_the_form_off(shop, key):
    boto3.client("ssm").put_parameter(
        Name="/cartwright/test/stripe/publishable_key",
        Value=key,
        Type="SecureString",
        Overwrite=True,
    )
    from chalicelib.kernel import parameters

    parameters.forget()
    with pytest.raises(Misconfigured) as refused:
        intents.make()
    assert key not in str(refused.value)


def test_an_intent_that_waits_for_the_buyer_is_open(shop, placed):
    provider = registry.provider("stripe-intents")
    assert provider.status(payment(placed).session_id).state == State.OPEN
    assert provider.status("pi_never") == Outcome(State.ENDED, "pi_never")
