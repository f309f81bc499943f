"""Checking a cart out over HTTP, in whatever words, and what came of it."""

from tests import factory
from tests.faults.world import scan

BODY = {
    "email": factory.EMAIL,
    "address": factory.ADDRESS,
    "shippingMethod": "standard",
}


def checkout(shop, cart_id: str, **changes):
    return shop.call("POST", f"/api/cart/{cart_id}/checkout", BODY | changes)


def placed(shop, cart_id: str, **changes) -> dict:
    answer = checkout(shop, cart_id, **changes)
    assert answer.status_code == 200, answer.body
    return answer.json_body["data"]


def order() -> dict:
    (found,) = scan("orders")
    return found


def session(shop, payment_id: str) -> dict:
    found = shop.sandbox.state()["stripe"]["sessions"]
    return next(one for one in found if one["metadata"]["payment_id"] == payment_id)
