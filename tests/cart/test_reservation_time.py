"""How long a reservation lasts, who ends it, and how much one may hold."""

import pytest

from chalicelib.cart import reservations
from chalicelib.cart.rules import CartClosed
from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import allowances
from chalicelib.inventory.rules import (
    OutOfStock,
    ReservationEnded,
    ReservationLimit,
    TooManyHolds,
)
from chalicelib.kernel import cache, clock
from tests import factory
from tests.faults.world import check_world

QUARTER, HOUR = 15 * 60, 60 * 60


@pytest.fixture
def cart(shop):
    shop.sell("mug", stock=3)
    return factory.cart_with({"mug": 2})


def test_a_reservation_can_be_made_longer_up_to_its_limit(cart):
    start = clock.now()
    factory.reserve(cart, now=start)
    for minutes in (10, 20, 30, 40, 50):
        now = start + minutes * 60
        view = reservations.extend(cart, now=now)
        assert view.cart.reserved_until(now) == min(now + QUARTER, start + HOUR)
    with pytest.raises(ReservationLimit):
        reservations.extend(cart, now=start + HOUR - 1)


def test_reserving_again_is_no_way_round_the_limit(cart):
    start = clock.now()
    for minutes in range(0, 60, 10):
        factory.reserve(cart, now=start + minutes * 60)
    with pytest.raises(ReservationLimit):
        factory.reserve(cart, now=start + HOUR - 1)


def test_a_reservation_that_ended_can_not_be_made_longer(cart):
    factory.reserve(cart)
    with pytest.raises(ReservationEnded):
        reservations.extend(cart, now=clock.now() + QUARTER + 1)
    reservations.release(cart, now=clock.now())
    with pytest.raises(ReservationEnded):
        reservations.extend(cart, now=clock.now())


def test_a_released_reservation_gives_its_units_back_once(cart):
    factory.reserve(cart)
    for _ in range(2):
        view = reservations.release(cart, now=clock.now())
        assert view.cart.reserved_until(clock.now()) is None
    assert factory.stock("mug") == {"available": 3, "reserved": 0, "sold": 0, "stocked": 3}
    check_world()


def test_a_checked_out_carts_units_are_the_orders_to_give_back(shop, cart):
    shop.checkout(cart)
    for change in (reservations.release, reservations.extend):
        with pytest.raises(CartClosed):
            change(cart, now=clock.now())
    assert factory.stock("mug")["reserved"] == 2


def test_an_expired_reservation_is_never_in_anybodys_way(shop, cart):
    factory.reserve(cart)
    later = clock.now() + QUARTER + 1
    other = factory.cart_with({"mug": 1})
    clock.shift(QUARTER + 1)
    cache.forget_all()
    assert inventory.available("mug").available == 3, "shown as free before any sweep"
    assert shop.call("GET", f"/api/cart/{other}").json_body["data"]["lines"][0]["available"] == 3
    reservations.service.set_quantity(other, "mug", 3, call_id="c", now=later)
    factory.reserve(other, now=later)
    assert factory.stock("mug") == {"available": 0, "reserved": 3, "sold": 0, "stocked": 3}
    check_world()


def test_an_expired_order_is_ended_through_its_provider_for_the_next_buyer(shop, cart):
    placed = shop.checkout(cart)
    other = factory.cart_with({"mug": 1})
    later = clock.now() + HOUR
    clock.shift(HOUR)
    cache.forget_all()
    reservations.service.set_quantity(other, "mug", 3, call_id="c", now=later)
    factory.reserve(other, now=later)
    assert shop.session_of(placed)["status"] == "expired"
    check_world(shop.sandbox.state())


def test_an_expired_order_that_was_paid_keeps_its_units(shop, cart):
    placed = shop.checkout(cart)
    shop.pay(placed)
    other = factory.cart_with({"mug": 1})
    later = clock.now() + HOUR
    clock.shift(HOUR)
    cache.forget_all()
    reservations.service.set_quantity(other, "mug", 3, call_id="c", now=later)
    with pytest.raises(OutOfStock):
        factory.reserve(other, now=later)
    assert factory.stock("mug") == {"available": 1, "reserved": 0, "sold": 2, "stocked": 3}
    check_world(shop.sandbox.state())


@pytest.fixture
def many(shop):
    shop.sell("mug", stock=50)
    return lambda: factory.cart_with({"mug": 1})


def test_one_identity_holds_no_more_than_it_may(many):
    holders = ["email:somebody"]
    for _ in range(allowances.LIMITS["email"]):
        factory.reserve(many(), holders=holders)
    with pytest.raises(TooManyHolds):
        factory.reserve(many(), holders=holders)
    factory.reserve(many(), holders=["email:somebody-else"])
    assert factory.stock("mug")["reserved"] == allowances.LIMITS["email"] + 1
    check_world()


def test_control_without_the_limit_one_identity_holds_everything(many, monkeypatch):
    monkeypatch.setattr(allowances.Claim, "enter", lambda claim: None)
    for _ in range(50):
        factory.reserve(many(), holders=["email:somebody"])
    assert factory.stock("mug")["available"] == 0


def test_what_has_ended_is_forgiven(many):
    holders, carts = ["email:somebody"], [many() for _ in range(5)]
    for cart in carts:
        factory.reserve(cart, holders=holders)
    reservations.release(carts[0], now=clock.now())
    factory.reserve(many(), holders=holders)
    with pytest.raises(TooManyHolds):
        factory.reserve(many(), holders=holders)


def test_reserving_the_same_cart_again_uses_the_allowance_once(many):
    cart = many()
    for _ in range(20):
        factory.reserve(cart, holders=["email:somebody"])


def test_too_many_is_told_as_429_and_what_to_do(shop, many):
    body = {"email": "Ada@shop.test", "address": factory.ADDRESS, "shippingMethod": "standard"}
    for _ in range(allowances.LIMITS["email"]):
        assert shop.call("POST", f"/api/cart/{many()}/checkout", body).status_code == 200
    answer = shop.call("POST", f"/api/cart/{many()}/checkout", body)
    assert (answer.status_code, answer.json_body["code"]) == (429, "TOO_MANY_HOLDS")
    # When the first of them ends: the session's 31 minutes and the grace.
    assert 31 * 60 - 60 < int(answer.headers["Retry-After"]) <= 32 * 60
    assert "Pay for one or cancel it" in answer.json_body["message"]
    assert "in 32 min" in answer.json_body["message"]
