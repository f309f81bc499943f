"""Asked again, twice at once, or after a payment that never came: one order, or a new one."""

import pytest

from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartNotFound
from chalicelib.cart.tables import CartItem
from chalicelib.checkout import service as checkouts
from chalicelib.checkout.schemas import PlacedAnswer
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from tests import factory
from tests.faults.world import check_world, scan

AN_HOUR = 3600


@pytest.fixture
def mugs(shop):
    """A cart of two mugs out of five."""
    shop.sell("mug", stock=5)
    return factory.cart_with({"mug": 2})


def shown_to_buyer(placed) -> PlacedAnswer:
    """What the buyer is answered: order, token, address to pay at, total."""
    return PlacedAnswer.of(placed)


def test_asked_again_it_is_the_same_order_address_and_token(shop, mugs):
    first = shop.checkout(mugs)
    again = shop.checkout(mugs)
    assert shown_to_buyer(again) == shown_to_buyer(first)
    assert len(shop.sandbox.state()["stripe"]["sessions"]) == 1
    check_world(shop.sandbox.state())


def between_reading_and_writing(monkeypatch, work) -> None:
    """Let `work` happen once, after checkout has read the cart and before it writes."""
    honest, done = checkouts._Placing._place, []

    def place(placing, cart, attempt):
        if not done:
            done.append(True)
            work()
        return honest(placing, cart, attempt)

    monkeypatch.setattr(checkouts._Placing, "_place", place)


def test_two_at_once_make_one_order(shop, mugs, monkeypatch):
    faster = []
    between_reading_and_writing(monkeypatch, lambda: faster.append(shop.checkout(mugs)))
    slower = shop.checkout(mugs)
    assert shown_to_buyer(slower) == shown_to_buyer(faster[0])
    assert len(scan("orders")) == 1
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_a_line_added_at_the_last_moment_is_in_the_order(shop, mugs, monkeypatch):
    shop.sell("cup", stock=5)
    now = clock.now()
    between_reading_and_writing(
        monkeypatch, lambda: carts.add(mugs, "cup", 1, call_id="c", now=now)
    )
    order = shop.checkout(mugs).order
    assert {line.variant_id for line in order.lines} == {"mug", "cup"}
    check_world(shop.sandbox.state())


def test_a_reservation_made_at_the_last_moment_is_taken_over(shop, mugs, monkeypatch):
    between_reading_and_writing(monkeypatch, lambda: factory.reserve(mugs, now=clock.now()))
    shop.checkout(mugs)
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_control_without_the_carts_condition_a_change_is_lost(shop, mugs, monkeypatch):
    shop.sell("cup", stock=5)
    now = clock.now()
    between_reading_and_writing(
        monkeypatch, lambda: carts.add(mugs, "cup", 1, call_id="c", now=now)
    )
    honest = dynamo.Document.get_update_kwargs_from_instance

    def careless(item, *, actions, condition, **rest):
        free = CartItem.cart_id.exists() if isinstance(item, CartItem) else condition
        return honest(item, actions=actions, condition=free, **rest)

    monkeypatch.setattr(dynamo.Document, "get_update_kwargs_from_instance", careless)
    order = shop.checkout(mugs).order
    assert [line.variant_id for line in order.lines] == ["mug"], "the cup was paid by nobody"


def test_after_a_cancelled_order_the_cart_makes_a_new_one(shop, mugs):
    first = shop.checkout(mugs)
    shop.sweep(after=AN_HOUR)
    second = shop.checkout(mugs)
    assert second.order.order_id != first.order.order_id
    assert second.order.access_token != first.order.access_token
    assert second.url != first.url
    assert shown_to_buyer(shop.checkout(mugs)) == shown_to_buyer(second)
    shop.settle(second)
    statuses = {order["order_id"]: order["status"] for order in scan("orders")}
    assert statuses == {first.order.order_id: "CANCELLED", second.order.order_id: "PAID"}
    check_world(shop.sandbox.state())


def test_a_paid_order_is_answered_with_its_own_page(shop, mugs):
    placed = shop.checkout(mugs)
    shop.settle(placed)
    again = shop.checkout(mugs)
    assert again.order.order_id == placed.order.order_id
    assert again.url == placed.order.page
    assert len(scan("orders")) == 1


def test_a_payment_in_the_middle_of_checkout_leads_to_the_orders_page(shop, mugs):
    # The buyer paid in another window before this one had learnt the address.
    shop.sandbox.fault("checkout.sessions.create", "paid_first")
    placed = shop.checkout(mugs)
    assert placed.url.startswith("http")
    for event in shop.events():
        shop.deliver(event)
    assert shop.work() == []
    assert orders.read(placed.order.order_id).status == OrderStatus.PAID
    check_world(shop.sandbox.state())


def test_a_cart_whose_week_is_over_is_not_checked_out(shop, mugs):
    clock.shift(7 * 86_400 + 1)
    with pytest.raises(CartNotFound):
        shop.checkout(mugs)
