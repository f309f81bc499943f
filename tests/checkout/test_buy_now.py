"""One product at once: as JSON for a page with scripts, as a plain form for one without."""

from urllib.parse import urlencode

import pytest

from chalicelib.cart import service as carts
from chalicelib.cart.tables import CartItem
from chalicelib.checkout import service as checkouts
from chalicelib.kernel import clock
from chalicelib.payments import pages
from chalicelib.payments.ports import Opened
from tests import factory
from tests.faults.world import check_world, scan
from tests.kernel.envelope import contents, fields, refused

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WEEK = 7 * 86_400
BODY = {
    "variantId": "mug",
    "quantity": 2,
    "email": factory.EMAIL,
    "address": factory.ADDRESS,
    "shippingMethod": "standard",
}


@pytest.fixture(autouse=True)
def mugs(shop):
    shop.sell("mug", stock=10)


def form(**changes: str) -> bytes:
    flat = {"variantId": "mug", "quantity": "2", "email": factory.EMAIL}
    flat |= {f"address.{name}": value for name, value in factory.ADDRESS.items()}
    return urlencode(flat | {"shippingMethod": "standard"} | changes).encode()


def post(shop, body=None, **headers: str):
    return shop.call("POST", "/api/checkout", body or BODY, **headers)


def test_json_is_answered_with_the_address_to_pay_at(shop):
    answer = post(shop)
    assert answer.status_code == 200
    (order,) = scan("orders")
    assert answer.json_body["data"]["orderId"] == order["order_id"]
    assert answer.json_body["data"]["total"] == {"amount": 4498, "currency": "USD"}
    assert answer.json_body["data"]["url"].startswith(shop.sandbox.url)
    check_world(shop.sandbox.state())


def test_a_form_is_led_to_the_payment_page(shop):
    answer = post(shop, form(), **FORM)
    assert answer.status_code == 303
    (session,) = shop.sandbox.state()["stripe"]["sessions"]
    assert answer.headers["Location"] == session["url"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert scan("orders")[0]["address"] == factory.ADDRESS


def test_form_and_json_of_one_buyer_are_one_order(shop):
    location = post(shop, form(), **FORM).headers["Location"]
    assert post(shop).json_body["data"]["url"] == location
    assert len(scan("orders")) == 1


def test_a_double_click_is_one_order(shop):
    answers = [post(shop).json_body["data"] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert factory.stock("mug")["reserved"] == 2


def test_two_clicks_at_once_are_one_order(shop, monkeypatch):
    honest, faster = carts.set_quantity, []

    def set_quantity(*args, **kwargs):
        if not faster:
            faster.append(None)
            faster[0] = post(shop).json_body["data"]
        return honest(*args, **kwargs)

    monkeypatch.setattr(carts, "set_quantity", set_quantity)
    slower = post(shop)
    assert slower.status_code == 200, slower.body
    assert slower.json_body["data"] == faster[0]
    check_world(shop.sandbox.state())


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 1},
        {"email": "b@shop.test"},
        {"address": {**factory.ADDRESS, "city": "Elsewhere"}},
    ],
    ids=str,
)
def test_of_other_things_or_for_somebody_else_it_is_another_order(shop, changes):
    post(shop)
    post(shop, BODY | changes)
    assert len(scan("orders")) == 2


@pytest.mark.parametrize("changes", [{"note": "x"}, {"paymentMethod": "paypal"}], ids=str)
def test_in_other_words_of_the_same_person_it_is_the_same_order(shop, changes):
    first = post(shop).json_body["data"]
    again = post(shop, BODY | changes).json_body["data"]
    assert again["orderId"] == first["orderId"]
    assert scan("orders")[0].get("note") == changes.get("note")
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_in_another_currency_it_is_the_same_order_at_its_price(shop):
    first = post(shop).json_body["data"]
    again = post(shop, BODY | {"currency": "JPY"}).json_body["data"]
    assert again["orderId"] == first["orderId"]
    assert again["total"] == {"amount": 2 * 3000 + 800, "currency": "JPY"}
    assert post(shop, BODY | {"currency": "JPY"}).json_body["data"] == again
    back = post(shop).json_body["data"]
    assert back["total"] == first["total"]
    check_world(shop.sandbox.state())


ELSEWHERE = factory.ADDRESS | {"city": "Elsewhere"}


@pytest.mark.parametrize("changes", [{"email": "b@shop.test"}, {"address": ELSEWHERE}], ids=str)
def test_who_holds_the_order_may_name_another_email_or_address(shop, changes):
    first = post(shop).json_body["data"]
    key = {"X-Order-Token": first["accessToken"]}
    named = BODY | changes | {"orderId": first["orderId"]}
    again = post(shop, named, **key).json_body["data"]
    assert again["orderId"] == first["orderId"]
    (order,) = scan("orders")
    assert all(order[name] == value for name, value in changes.items())
    assert post(shop, named, **key).json_body["data"] == again
    check_world(shop.sandbox.state())


def test_who_does_not_hold_it_may_not(shop):
    first = post(shop).json_body["data"]
    before = contents()
    named = BODY | {"email": "thief@shop.test", "orderId": first["orderId"]}
    refused(post(shop, named), 404, "ORDER_NOT_FOUND")
    refused(post(shop, named, **{"X-Order-Token": "x"}), 404, "ORDER_NOT_FOUND")
    assert contents() == before


def test_a_stranger_behind_the_same_gateway_has_an_order_of_their_own(shop):
    # The same address of the net and the same kind of browser, as on any campus.
    first = post(shop).json_body["data"]
    other = post(shop, BODY | {"email": "b@shop.test"}).json_body["data"]
    assert other["accessToken"] != first["accessToken"]
    assert {order["email"] for order in scan("orders")} == {factory.EMAIL, "b@shop.test"}


def test_an_order_named_that_waits_no_more_is_followed_by_a_new_one(shop):
    first = post(shop).json_body["data"]
    shop.sweep(after=3600)
    named = BODY | {"orderId": first["orderId"], "note": "x"}
    again = post(shop, named, **{"X-Order-Token": first["accessToken"]}).json_body["data"]
    assert again["orderId"] != first["orderId"]


def test_another_buyer_is_another_order(shop):
    post(shop, **{"User-Agent": "one"})
    post(shop, **{"User-Agent": "two"})
    assert len(scan("orders")) == 2


def buy(now: int):
    return checkouts.buy_now("mug", 2, None, factory.wish(), buyer="ada", now=now)


def test_after_it_is_paid_the_same_words_buy_again(shop):
    first = buy(clock.now())
    shop.settle(first)
    second = buy(clock.now())
    assert second.order.order_id != first.order.order_id
    assert buy(clock.now()).order.order_id == second.order.order_id
    shop.settle(second)
    assert factory.stock("mug")["sold"] == 4
    check_world(shop.sandbox.state())


def test_after_it_was_cancelled_the_same_words_try_again(shop):
    first = buy(clock.now())
    shop.sweep(after=3600)
    second = buy(clock.now())
    assert second.order.order_id != first.order.order_id
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("swept_up", [False, True], ids=["its cart is there", "it is swept up"])
@pytest.mark.parametrize("paid", [True, False], ids=["paid", "never paid"])
def test_weeks_later_the_same_words_buy_again(shop, monkeypatch, paid, swept_up):
    first = buy(clock.now())
    if paid:
        shop.settle(first)
    else:
        shop.sweep(after=3600)
    if swept_up:  # as the table's own expiry does, days after the cart's end
        CartItem(first.order.cart_id).delete()
    # The sandbox lives today and opens no session that far ahead.
    monkeypatch.setattr(pages, "open_page", lambda *_, now: Opened("s", "https://pay.test"))
    second = buy(clock.now() + 2 * WEEK)
    assert second.order.order_id != first.order.order_id
    assert second.order.status == "PENDING"


BAD = {
    "no variant": ({"variantId": None}, 422, "VALIDATION_FAILED", "variantId"),
    "unknown variant": ({"variantId": "no-such"}, 404, "VARIANT_NOT_FOUND", None),
    "none of it": ({"quantity": 0}, 422, "VALIDATION_FAILED", "quantity"),
    "a part": ({"quantity": 1.5}, 422, "VALIDATION_FAILED", "quantity"),
    "text": ({"quantity": "2"}, 422, "VALIDATION_FAILED", "quantity"),
    "true": ({"quantity": True}, 422, "VALIDATION_FAILED", "quantity"),
    "a billion": ({"quantity": 10**9}, 422, "VALIDATION_FAILED", "quantity"),
    "above the limit": ({"quantity": 21}, 422, "QUANTITY_LIMIT", "quantity"),
    "above the stock": ({"quantity": 11}, 409, "OUT_OF_STOCK", "lines.mug"),
    "a price": ({"price": 1}, 422, "VALIDATION_FAILED", "price"),
    "a total": ({"total": 1}, 422, "VALIDATION_FAILED", "total"),
    "no e-mail": ({"email": None}, 422, "VALIDATION_FAILED", "email"),
    "no address": ({"address": None}, 422, "VALIDATION_FAILED", "address"),
    "another currency": ({"currency": "EUR"}, 422, "VALIDATION_FAILED", "currency"),
    "another provider": ({"paymentMethod": "cash"}, 422, "PAYMENT_METHOD_UNAVAILABLE", None),
}


@pytest.mark.parametrize(("changes", "status", "code", "field"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named_and_sells_nothing(shop, changes, status, code, field):
    refusal = refused(post(shop, BODY | changes), status, code)
    assert fields(refusal) == ([field] if field else [])
    world = contents()
    assert not world["orders"] and not world["holds"] and not world["payments"]
    assert shop.sandbox.state()["stripe"]["sessions"] == []


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "two", "1e9", "9" * 30])
def test_a_form_with_a_wrong_quantity_is_refused(shop, quantity):
    answer = post(shop, form(quantity=quantity), **FORM)
    assert fields(refused(answer, 422, "VALIDATION_FAILED")) == ["quantity"]


@pytest.mark.parametrize("body", [b"&".join([b"a=1"] * 101), b"address=x&address.city=y"])
def test_a_form_that_makes_no_sense_is_malformed(shop, body):
    refused(post(shop, body, **FORM), 400, "MALFORMED_REQUEST")


def test_a_form_that_is_too_large_is_refused(shop):
    refused(post(shop, b"note=" + b"x" * 70_000, **FORM), 413, "BODY_TOO_LARGE")


def test_another_content_type_is_refused(shop):
    answer = post(shop, form(), **{"Content-Type": "text/plain"})
    refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "INACTIVE"}, "VARIANT_WITHDRAWN"),
        ({"prices": {"JPY": 5}}, "PRICE_UNAVAILABLE"),
        ({"max_per_order": 1}, "QUANTITY_LIMIT"),
    ],
    ids=["withdrawn", "without a price", "too many"],
)
def test_a_refused_line_is_named(shop, change, code):
    shop.sell("pen", stock=9, **change)
    answer = shop.call("POST", "/api/checkout", BODY | {"variantId": "pen", "quantity": 2})
    body = answer.json_body
    assert body["code"] == code
    assert body["errors"]
    assert all(error["message"] for error in body["errors"])
