"""Reserving a cart: all its lines or none, renewed and changed by the difference only."""

import pytest

from chalicelib.cart import service as carts
from chalicelib.cart.rules import Notice
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import OutOfStock
from chalicelib.kernel import clock
from chalicelib.kernel.ids import token
from chalicelib.settlement import expire
from tests import factory
from tests.faults.shim import Shim
from tests.faults.world import check_world, scan
from tests.kernel.envelope import refused

QUARTER = 15 * 60


@pytest.fixture
def cart_id(shelf):
    """Two mugs of five and one cup of three."""
    shelf.sell("mug", stock=5)
    shelf.sell("cup", stock=3)
    return factory.cart_with({"mug": 2, "cup": 1})


def reserve(cart_id: str, later: int = 0):
    return factory.reserve(cart_id, now=clock.now() + later)


def put(cart_id: str, variant_id: str, quantity: int):
    return carts.set_quantity(cart_id, variant_id, quantity, call_id=token(), now=clock.now())


def reserved() -> dict[str, int]:
    return {name: factory.stock(name)["reserved"] for name in ("mug", "cup")}


def test_every_line_is_set_aside_for_a_quarter_of_an_hour(cart_id):
    now = clock.now()
    view = factory.reserve(cart_id, now=now)
    assert reserved() == {"mug": 2, "cup": 1}
    assert view.cart.reserved_until(now) == now + QUARTER
    check_world()


def test_one_line_that_can_not_be_had_leaves_all_of_them_untouched(cart_id):
    other = factory.cart_with({"cup": 3})
    reserve(other)
    with pytest.raises(OutOfStock) as caught:
        reserve(cart_id)
    (field,) = caught.value.fields
    assert (field.field, field.facts) == ("lines.cup", {"available": 0, "requested": 1})
    assert reserved() == {"mug": 0, "cup": 3}
    check_world()


def test_every_line_that_fails_is_named(cart_id):
    other = factory.cart_with({"cup": 3, "mug": 4})
    reserve(other)
    with pytest.raises(OutOfStock) as caught:
        reserve(cart_id)
    available = {field.field: field.facts["available"] for field in caught.value.fields}
    assert available == {"lines.mug": 1, "lines.cup": 0}


def test_the_lines_that_fail_are_told_over_http(shop):
    shop.sell("mug", stock=5)
    first, second = factory.cart_with({"mug": 3}), factory.cart_with({"mug": 3})
    reserve(first)
    body = refused(shop.call("POST", f"/api/cart/{second}/reserve"), 409, "OUT_OF_STOCK")
    assert body["errors"] == [
        {
            "field": "lines.mug",
            "message": "Only 2 left; 3 asked for.",
            "available": 2,
            "requested": 3,
        }
    ]


def test_reserving_again_renews_and_moves_nothing(cart_id):
    reserve(cart_id)
    with Shim() as shim:
        view = reserve(cart_id, later=60)
    assert shim.writes == ["TransactWriteItems"]
    assert view.cart.reserved_until(clock.now()) >= clock.now() + QUARTER + 59
    assert reserved() == {"mug": 2, "cup": 1}
    assert [hold["version"] for hold in scan("holds")] == [2]


@pytest.mark.parametrize(("mugs", "cups"), [(3, 1), (1, 1), (5, 3), (2, 0), (1, 3)], ids=str)
def test_reserving_after_a_change_moves_the_difference(cart_id, mugs, cups):
    reserve(cart_id)
    put(cart_id, "mug", mugs)
    put(cart_id, "cup", cups)
    reserve(cart_id)
    assert reserved() == {"mug": mugs, "cup": cups}
    check_world()


def test_units_given_back_are_had_by_others_at_once(cart_id):
    reserve(cart_id)
    carts.remove(cart_id, "cup", now=clock.now())
    reserve(cart_id)
    reserve(factory.cart_with({"cup": 3}))
    assert reserved() == {"mug": 2, "cup": 3}


def test_what_a_cart_holds_is_available_to_that_cart_alone(shelf):
    shelf.sell("mug", stock=5)
    mine = factory.cart_with({"mug": 4})
    view = factory.reserve(mine, now=clock.now())
    assert view.lines[0].available == 5 and not view.lines[0].notices
    other = factory.cart_with({"mug": 1})
    shown = carts.view(carts.read(other, now=clock.now()), now=clock.now())
    assert shown.lines[0].available == 1
    assert put(mine, "mug", 5).lines[0].available == 5
    with pytest.raises(OutOfStock) as caught:
        put(mine, "mug", 6)
    assert caught.value.fields[0].facts == {"available": 5, "requested": 6}
    with pytest.raises(OutOfStock):
        put(other, "mug", 2)


def test_a_reservation_that_is_over_counts_for_nobody(shelf):
    shelf.sell("mug", stock=5)
    mine = factory.cart_with({"mug": 5})
    reserve(mine)
    later = clock.now() + QUARTER + 1
    view = carts.view(carts.read(mine, now=later), now=later)
    assert view.cart.reserved_until(later) is None
    assert view.lines[0].notices == [Notice.SOLD_OUT], "until it is swept it is nobody's"
    assert expire.sweep(later).ended == 1
    view = factory.reserve(mine, now=later)
    assert view.cart.reserved_until(later) == later + QUARTER
    check_world()


def test_a_reservation_swept_and_made_again_is_the_same_hold(shelf):
    shelf.sell("mug", stock=5)
    mine = factory.cart_with({"mug": 5})
    for round_ in range(3):
        now = clock.now() + round_ * 2 * QUARTER
        factory.reserve(mine, now=now)
        expire.sweep(now + QUARTER)
    assert len(scan("holds")) == 1
    assert factory.stock("mug")["available"] == 5


def test_checkout_takes_the_reserved_units_over(shop):
    shop.sell("mug", stock=2)
    cart_id = factory.cart_with({"mug": 2})
    reserve(cart_id)
    shop.checkout(cart_id)
    assert factory.stock("mug") == {"available": 0, "reserved": 2, "sold": 0, "stocked": 2}
    check_world(shop.sandbox.state())


def test_a_line_added_while_it_is_reserved_is_reserved_too(cart_id, monkeypatch):
    honest, tries = inventory.read_hold, []

    def read_hold(hold_id):
        tries.append(hold_id)
        if len(tries) == 1:  # another window, between reading the cart and writing the hold
            put(cart_id, "mug", 3)
        return honest(hold_id)

    monkeypatch.setattr(inventory, "read_hold", read_hold)
    reserve(cart_id)
    assert len(tries) == 2
    assert reserved() == {"mug": 3, "cup": 1}
    check_world()
