"""Where an order may go: what its country's post needs, whoever typed it and whenever."""

import json
from typing import Any

import pytest

from chalicelib.accounts import addresses
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel import cache, clock
from chalicelib.orders import service as orders
from chalicelib.orders.rules import Order
from chalicelib.orders.tables import OrderItem
from tests import factory
from tests.accounts import people

CHINA = {
    "name": "张伟",
    "line1": "天河路1号",
    "district": "天河区",
    "city": "广州市",
    "region": "广东省",
    "postalCode": "510000",
    "country": "CN",
}


@pytest.fixture(autouse=True)
def _mugs(shop):
    shop.sell("mug", stock=50)
    configure(countries=["US", "CN", "HK", "AE", "IE"])


def configure(**settings: Any) -> None:
    SettingItem(SHOP, value={**factory.SETTINGS, **settings}).save()
    cache.forget_all()


def check_out(
    shop, address: dict[str, str] | None = None, *, status: int = 200, **more: Any
) -> Any:
    headers = more.pop("headers", {})
    body = {"email": "ada@shop.test", "shippingMethod": "standard", **more}
    body |= {"address": address} if address else {}
    cart_id = factory.cart_with({"mug": 1})
    answer = shop.call("POST", f"/api/cart/{cart_id}/checkout", body, **headers)
    assert answer.status_code == status, answer.body
    return json.loads(answer.body)


def order_to(shop, address: dict[str, str], **more: Any) -> Order:
    order = orders.read(check_out(shop, address, **more)["data"]["orderId"])
    assert order is not None
    return order


def refused(shop, address: dict[str, str] | None = None, **more: Any) -> list[str]:
    return [one["field"] for one in check_out(shop, address, status=422, **more)["errors"]]


@pytest.mark.parametrize(
    "address",
    [
        {"name": "Ada", "line1": "1 Row", "region": "Kowloon", "country": "HK"},
        {"name": "Ada", "line1": "1 Row", "region": "Dubai", "country": "AE"},
        {"name": "Ada", "line1": "1 Row", "city": "Dublin", "country": "IE"},
    ],
    ids=lambda address: address["country"],
)
def test_countries_without_postal_codes_are_delivered_to(shop, address):
    assert order_to(shop, address).address == address


def test_an_order_keeps_the_address_in_the_spelling_of_the_post(shop):
    typed = {**factory.ADDRESS, "region": "new york", "phone": "(415) 555-0123", "line2": ""}
    kept = {**factory.ADDRESS, "phone": "+14155550123"}
    assert order_to(shop, typed, note="").address == kept


def test_a_state_and_a_zip_code_that_fit_each_other_are_needed_in_the_us(shop):
    assert refused(shop, {**factory.ADDRESS, "region": ""}) == ["address.region"]
    assert refused(shop, {**factory.ADDRESS, "region": "CA"}) == ["address.postalCode"]
    assert refused(shop, {**factory.ADDRESS, "postalCode": "1"}) == ["address.postalCode"]


def test_a_phone_is_needed_where_the_carriers_need_one(shop):
    assert refused(shop, CHINA) == ["address.phone"]
    assert refused(shop, {**CHINA, "phone": "12"}) == ["address.phone"]
    order = order_to(shop, {**CHINA, "phone": "138 0013 8000"})
    assert order.address == {**CHINA, "phone": "+8613800138000"}


def test_which_carriers_need_one_is_a_setting(shop):
    configure(phoneRequiredIn=["US"])
    assert order_to(shop, CHINA).address == CHINA
    assert refused(shop, factory.ADDRESS) == ["address.phone"]


def test_an_address_of_the_book_is_looked_at_again(shop):
    user_id = people.register().user_id
    old = {**factory.ADDRESS, "postalCode": "?", "phone": "call me"}
    _, entry = addresses.add(user_id, old, make_default=True, operation="op", now=clock.now())
    signed_in = {"Authorization": f"Bearer {people.sign_in().access_token}"}
    assert refused(shop, addressId=entry.address_id, headers=signed_in) == [
        "address.postalCode",
        "address.phone",
    ]


def test_what_is_not_shipped_needs_none(shop):
    shop.sell("code", stock=5, requires_shipping=False)
    cart_id = factory.cart_with({"code": 1})
    answer = shop.call("POST", f"/api/cart/{cart_id}/checkout", {"email": " ada@shop.test "})
    assert answer.status_code == 200, answer.body
    assert orders.read(json.loads(answer.body)["data"]["orderId"]).email == "ada@shop.test"


@pytest.mark.parametrize("email", ["a..b@shop.test", "x" * 65 + "@shop.test", "a@127.0.0.1"])
def test_an_order_s_link_goes_to_an_address_that_can_be_mailed(shop, email):
    assert refused(shop, factory.ADDRESS, email=email) == ["email"]
    wish = {"number": "20260101ABCDEFGH", "email": email}
    path = f"/api/orders/lookup?number={wish['number']}&email={email}"
    assert shop.call("GET", path).status_code == 422


def test_an_order_from_before_keeps_the_address_that_it_has(shop):
    order = order_to(shop, factory.ADDRESS)
    item = OrderItem.get(order.order_id)
    item.address = {"name": "Ada", "line1": "1", "city": "X", "postalCode": "1", "country": "US"}
    item.save()
    path = f"/api/orders/{order.order_id}?token={order.access_token}"
    answer = shop.call("GET", path)
    assert answer.status_code == 200, answer.body
    assert json.loads(answer.body)["data"]["address"] == item.address
