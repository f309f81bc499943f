"""A call whose answer never came is repeated with its key, and does what it says once."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.ids import token
from chalicelib.kernel.web import idempotency
from tests.faults.shim import Crash, Point, Shim

KEY = {"Idempotency-Key": "add-1"}


@pytest.fixture
def filling(shop):
    """A shop with an empty cart, and what is called to put two mugs in."""
    mug = shop.sell("mug", stock=900, max_per_order=900)
    cart = shop.call("POST", "/api/cart/create", {}).json_body["data"]["id"]

    def add(**headers: str):
        body = {"variantId": mug, "quantity": 2}
        return shop.call("POST", f"/api/cart/{cart}/add", body, **{**KEY, **headers})

    add.count = lambda: shop.call("GET", f"/api/cart/{cart}").json_body["data"]["count"]
    return add


def crashed(add, point: Point) -> None:
    with Shim(crash=point), pytest.raises(Crash):
        add()


def test_the_same_key_on_two_carts_is_two_calls(filling, shop):
    other = shop.call("POST", "/api/cart/create", {}).json_body["data"]["id"]
    filling()
    answer = shop.call("POST", f"/api/cart/{other}/add", {"variantId": "mug", "quantity": 2}, **KEY)
    assert "Idempotency-Replayed" not in answer.headers
    assert (answer.json_body["data"]["id"], answer.json_body["data"]["count"]) == (other, 2)


def points(add) -> list[Point]:
    """Every place where the call could die."""
    with Shim() as shim:
        add()
    return list(shim.points())


def test_repeated_with_its_key_it_adds_once(filling):
    first, again = filling(), filling()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json_body == first.json_body
    assert filling.count() == 2


def test_wherever_it_died_repeated_with_its_key_it_adds_once(filling):
    places = points(filling)
    assert len(places) >= 6, "claim, cart and answer, before and after each"
    for number, point in enumerate(places):
        key, before = {"Idempotency-Key": f"died-{point}"}, filling.count()
        crashed(lambda key=key: filling(**key), point)
        clock.shift((number + 1) * (idempotency.RUN_SECONDS + 1))
        assert filling(**key).status_code == 200, point
        assert filling.count() == before + 2, point


def test_control_under_another_name_each_run_it_adds_twice(filling, monkeypatch):
    monkeypatch.setattr(idempotency, "operation_of", lambda request, caller: token("op"))
    before, places = filling.count(), points(lambda: filling(**{"Idempotency-Key": "counted"}))
    # After the cart was written, before the answer was kept.
    crashed(filling, places[-2])
    clock.shift(idempotency.RUN_SECONDS + 1)
    filling()
    assert filling.count() == before + 2 + 4


def test_without_a_key_two_calls_are_two_wishes(filling):
    for _ in range(2):
        assert filling(**{"Idempotency-Key": f"call-{token()}"}).status_code == 200
    assert filling.count() == 4
