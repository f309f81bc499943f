"""An order goes to an address of one's own book, and to nobody else's."""

import json

import pytest

from chalicelib.accounts import addresses
from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from tests import factory
from tests.accounts import people


@pytest.fixture
def ada(shop):
    """A signed-in buyer: the header that says so, and the id of an address in their book."""
    shop.sell("mug", stock=10)
    user_id = people.register().user_id
    _, entry = addresses.add(
        user_id, factory.ADDRESS, make_default=True, operation="op", now=clock.now()
    )
    return {"Authorization": f"Bearer {people.sign_in().access_token}"}, entry.address_id


def check_out(shop, address_id: str, **headers: str):
    cart_id = factory.cart_with({"mug": 1})
    body = {"email": "ada@shop.test", "addressId": address_id, "shippingMethod": "standard"}
    return shop.call("POST", f"/api/cart/{cart_id}/checkout", body, **headers)


def test_an_order_goes_where_the_book_says_and_is_its_buyers(shop, ada):
    signed_in, address_id = ada
    answer = check_out(shop, address_id, **signed_in)
    assert answer.status_code == 200, answer.body
    order = orders.read(json.loads(answer.body)["data"]["orderId"])
    assert order is not None and order.address == factory.ADDRESS
    assert order.user_id is not None


def test_a_guest_reaches_into_nobodys_book(shop, ada):
    assert check_out(shop, ada[1]).status_code == 404


def test_another_user_reaches_into_nobodys_book(shop, ada):
    people.register("bob@shop.test")
    bob = people.sign_in("bob@shop.test").access_token
    assert check_out(shop, ada[1], Authorization=f"Bearer {bob}").status_code == 404


def test_an_address_and_one_of_the_book_are_one_too_many(shop, ada):
    signed_in, address_id = ada
    body = {"email": "a@shop.test", "addressId": address_id, "address": factory.ADDRESS}
    cart_id = factory.cart_with({"mug": 1})
    answer = shop.call("POST", f"/api/cart/{cart_id}/checkout", body, **signed_in)
    assert answer.status_code == 422
