"""A cart checked out again in other words: the order that waits follows them, or says why not."""

import pytest

from chalicelib.catalog.tables import VariantItem
from chalicelib.inventory.rules import TooManyHolds
from chalicelib.kernel import cache, clock
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from chalicelib.payments import service as payments
from chalicelib.settlement import attempts, outcomes
from chalicelib.settlement.amend import MOST_CHANGES
from tests import factory
from tests.checkout.test_repeats import shown_to_buyer
from tests.checkout.words import checkout, order, placed, session
from tests.faults.world import check_world
from tests.kernel.envelope import contents, refused

PARIS = factory.ADDRESS | {"city": "Elsewhere", "line1": "2 Other Street"}


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"address": PARIS}, "address", PARIS),
        ({"note": "ring twice"}, "note", "ring twice"),
    ],
    ids=["address", "note"],
)
def test_what_the_payment_page_does_not_show_changes_and_the_page_stays(
    shop, mugs, changes, field, value
):
    first = placed(shop, mugs)
    again = placed(shop, mugs, **changes)
    assert again == first, "the same order, number, token, page and sum"
    assert order()[field] == value
    assert [line["reason"] for line in order()["history"]] == ["placed", "changed"]
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_another_email_is_the_orders_and_the_new_pages(shop, mugs):
    first = placed(shop, mugs)
    again = placed(shop, mugs, email="other@shop.test")
    assert again["orderId"] == first["orderId"] and again["url"] != first["url"]
    assert order()["email"] == "other@shop.test"
    assert session(shop, first["paymentId"])["status"] == "expired"
    assert session(shop, again["paymentId"])["customer_email"] == "other@shop.test"
    (by_email,) = orders.OrderItem.by_email.query(order()["email_key"])
    assert by_email.order_id == first["orderId"]
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("way", ["dearer", "cheaper"])
def test_another_total_has_a_page_of_its_own_and_the_old_one_is_closed(shop, mugs, way):
    before, after = ("standard", "express") if way == "dearer" else ("express", "standard")
    first = placed(shop, mugs, shippingMethod=before)
    again = placed(shop, mugs, shippingMethod=after)
    total = 2 * 1999 + (1500 if way == "dearer" else 500)
    assert again["total"]["amount"] == order()["total"] == total != first["total"]["amount"]
    assert session(shop, first["paymentId"])["status"] == "expired"
    assert session(shop, again["paymentId"])["amount_total"] == total
    assert [payments.read(one["paymentId"]).status for one in (first, again)] == [
        "EXPIRED",
        "PENDING",
    ]
    for event in shop.events():
        shop.deliver(event)
    shop.drain()
    assert order()["status"] == "PENDING", "the end of the old page does not end the order"
    check_world(shop.sandbox.state())


def test_the_changed_order_is_paid_at_its_new_page(shop, mugs):
    placed(shop, mugs)
    again = placed(shop, mugs, shippingMethod="express")
    shop.sandbox.control("stripe", session(shop, again["paymentId"])["id"], "pay", lose=True)
    for event in shop.events():
        shop.deliver(event)
    shop.drain()
    assert (order()["status"], order()["payment_id"]) == ("PAID", again["paymentId"])
    assert factory.stock("mug")["sold"] == 2
    check_world(shop.sandbox.state())


def test_another_method_leads_to_its_page(shop, mugs):
    first = placed(shop, mugs)
    again = placed(shop, mugs, paymentMethod="paypal")
    assert again["orderId"] == first["orderId"] and "/paypal/" in again["url"]
    assert session(shop, first["paymentId"])["status"] == "expired"
    back = placed(shop, mugs)
    assert session(shop, back["paymentId"])["url"] == back["url"] != first["url"]
    check_world(shop.sandbox.state())


def test_the_same_words_again_are_the_order_as_it_is_now(shop, mugs):
    placed(shop, mugs)
    changed = placed(shop, mugs, shippingMethod="express")
    before = contents()
    assert placed(shop, mugs, shippingMethod="express") == changed
    assert contents() == before
    assert len(shop.sandbox.state()["stripe"]["sessions"]) == 2


def test_naming_the_carts_own_currency_is_no_other_word(shop, mugs):
    first = placed(shop, mugs)
    before = contents()
    assert placed(shop, mugs, currency="USD") == first
    assert contents() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "JPY"},
        {"address": factory.ADDRESS | {"country": "FR"}},
        {"shippingMethod": "drone"},
        {"email": "nonsense"},
        {"paymentMethod": "cash"},
        {"useBalance": True},
        {"addressId": "adr_1", "address": None},
    ],
    ids=str,
)
def test_other_words_are_checked_like_the_first_and_a_refusal_changes_nothing(shop, mugs, changes):
    unknown = factory.cart_with({"mug": 1})
    refusal = checkout(shop, unknown, **changes)
    first = placed(shop, mugs)
    before = contents()
    answer = checkout(shop, mugs, **changes)
    assert answer.status_code == refusal.status_code >= 400
    for part in ("code", "message", "errors"):
        assert answer.json_body[part] == refusal.json_body[part]
    assert contents() == before
    assert session(shop, first["paymentId"])["status"] == "open"


def test_a_change_is_made_at_the_prices_of_now_and_the_same_words_are_not(shop, mugs):
    first = placed(shop, mugs)
    item = VariantItem.get("mug")
    item.prices = {"USD": 2500}
    item.save()
    cache.forget_all()
    assert placed(shop, mugs) == first
    again = placed(shop, mugs, note="x")
    assert again["total"]["amount"] == 2 * 2500 + 500
    assert again["url"] != first["url"]
    check_world(shop.sandbox.state())


def test_what_was_withdrawn_meanwhile_is_not_sold_by_a_change(shop, mugs):
    placed(shop, mugs)
    item = VariantItem.get("mug")
    item.status = "INACTIVE"
    item.save()
    cache.forget_all()
    before = contents()
    assert checkout(shop, mugs, note="x").json_body["code"] == "VARIANT_WITHDRAWN"
    assert contents() == before


def test_an_email_that_holds_enough_takes_no_more_by_a_change(shop, mugs):
    shop.sell("cup", stock=90)
    for _ in range(5):
        shop.checkout(factory.cart_with({"cup": 1}), email="full@shop.test")
    first = placed(shop, mugs)
    held = order_of(first)
    with pytest.raises(TooManyHolds):
        shop.checkout(mugs, email="full@shop.test")
    assert order_of(first) == held
    assert session(shop, first["paymentId"])["status"] == "open", "nothing was closed for it"
    check_world(shop.sandbox.state())


def order_of(answer: dict):
    return orders.read(answer["orderId"])


def test_a_paid_order_is_not_changed(shop, mugs):
    first = shop.checkout(mugs)
    shop.settle(first)
    before = contents()
    refused(checkout(shop, mugs, note="x"), 409, "ORDER_PAID_ALREADY")
    assert contents() == before
    assert shown_to_buyer(shop.checkout(mugs)).url == first.order.page, (
        "the same words are no change"
    )


def test_an_order_whose_money_is_on_its_way_is_not_changed(shop, mugs):
    first = shop.checkout(mugs)
    for event in shop.act(first, "pay-async"):
        shop.deliver(event)
    shop.drain()
    assert payments.read(first.order.payment_id).status == "PROCESSING"
    before = contents()
    refused(checkout(shop, mugs, note="x"), 409, "PAYMENT_UNDER_WAY")
    refused(checkout(shop, mugs, shippingMethod="express"), 409, "PAYMENT_UNDER_WAY")
    assert contents() == before


def test_a_cancelled_orders_cart_makes_a_new_order_in_the_new_words(shop, mugs):
    first = placed(shop, mugs)
    shop.sweep(after=3600)
    again = placed(shop, mugs, note="x")
    assert again["orderId"] != first["orderId"]
    assert order_of(again).note == "x"
    check_world(shop.sandbox.state())


def test_an_order_can_be_changed_some_times_and_not_for_ever(shop, mugs):
    placed(shop, mugs)
    for number in range(MOST_CHANGES):
        placed(shop, mugs, note=f"n{number}")
    refused(checkout(shop, mugs, note="once more"), 409, "TOO_MANY_PAYMENT_ATTEMPTS")
    assert order()["note"] == f"n{MOST_CHANGES - 1}"
    assert placed(shop, mugs, note=f"n{MOST_CHANGES - 1}")["orderId"] == order()["order_id"]


def test_pages_without_end_are_not_opened(shop, mugs):
    placed(shop, mugs)
    answers = [checkout(shop, mugs, email=f"a{number}@shop.test") for number in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [409] * 4
    assert order()["status"] == OrderStatus.PENDING
    check_world(shop.sandbox.state())


def test_an_accounts_order_is_not_changed_by_who_once_had_its_cart(shop, mugs):
    first = shop.checkout(mugs, user_id="usr_ada")
    before = contents()
    refused(checkout(shop, mugs, note="x"), 404, "CART_NOT_FOUND")
    assert contents() == before
    assert orders.read(first.order.order_id).user_id == "usr_ada"


def test_who_has_signed_in_meanwhile_has_the_order_as_their_own(shop, mugs):
    first = shop.checkout(mugs)
    again = shop.checkout(mugs, user_id="usr_ada")
    assert again.order.order_id == first.order.order_id
    assert orders.read(first.order.order_id).user_id == "usr_ada"
    check_world(shop.sandbox.state())


def test_paid_another_way_since_the_first_words_lead_back_to_their_own(shop, mugs):
    first = placed(shop, mugs)
    key = {"X-Order-Token": first["accessToken"]}
    path = f"/api/orders/{first['orderId']}/pay"
    assert shop.call("POST", path, {"method": "paypal"}, **key).status_code == 200
    again = placed(shop, mugs)
    assert session(shop, again["paymentId"])["url"] == again["url"]
    check_world(shop.sandbox.state())


def test_a_page_whose_time_is_over_is_followed_by_another(shop, mugs):
    first = placed(shop, mugs)
    clock.shift(32 * 60)
    again = placed(shop, mugs)
    assert again["orderId"] == first["orderId"] and again["paymentId"] != first["paymentId"]
    assert factory.stock("mug")["reserved"] == 2


def test_a_person_counts_no_more_for_an_order_that_is_somebody_elses_now(shop, mugs):
    shop.sell("cup", stock=90)
    first = shop.checkout(mugs, email="a@shop.test")
    shop.checkout(mugs, email="b@shop.test")
    for _ in range(5):
        shop.checkout(factory.cart_with({"cup": 1}), email="a@shop.test")
    assert orders.read(first.order.order_id).email == "b@shop.test"
    with pytest.raises(TooManyHolds):
        shop.checkout(factory.cart_with({"cup": 1}), email="a@shop.test")


def test_an_order_that_can_be_begun_no_more_makes_way_for_a_new_one(shop, mugs, monkeypatch):
    first = shop.checkout(mugs)
    outcomes.end_attempt(first.order.payment_id)
    monkeypatch.setattr(attempts, "MOST_ATTEMPTS", 1)
    again = shop.checkout(mugs)
    assert again.order.order_id != first.order.order_id
    assert orders.read(first.order.order_id).status == "CANCELLED"
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())
