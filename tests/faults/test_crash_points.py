"""A process that dies before or after any write: the next try or the sweeper ends in one world."""

from dataclasses import replace

import pytest

from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from tests import factory
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world, scan

FULL = {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}
SOLD = {"available": 3, "reserved": 0, "sold": 2, "stocked": 5}
AN_HOUR = 3600

# How many writes each of them makes; `test_the_writes_are_all_counted` holds the figures.
CHECKOUT_WRITES, SETTLE_WRITES, EXPIRE_WRITES = 4, 1, 2


def points(writes: int) -> list[Point]:
    return [Point(number, after) for number in range(writes) for after in (False, True)]


@pytest.fixture
def two_lines(shop):
    """A shop with two products and a cart with two lines."""
    shop.sell("mug", stock=5)
    shop.sell("cup", stock=5)
    return factory.cart_with({"mug": 2, "cup": 2})


def test_the_writes_are_all_counted(shop, two_lines):
    with Shim() as checkout:
        placed = shop.checkout(two_lines)
    # The allowance, the order, the session, its address.
    assert checkout.writes == ["UpdateItem", "TransactWriteItems", "stripe post", "UpdateItem"]
    with Shim() as expire:
        shop.sweep(after=AN_HOUR)
    assert expire.writes == ["stripe post", "TransactWriteItems"]
    again = shop.checkout(two_lines)
    assert again.order.order_id != placed.order.order_id
    for event in shop.pay(again):
        shop.deliver(event)
    with Shim() as settle:
        shop.work()
    # Order, payment, stock and the webhook's row; the three others that were sent have none.
    assert settle.writes == ["TransactWriteItems"]
    assert len(settle.writes) == SETTLE_WRITES
    assert len(checkout.writes) == CHECKOUT_WRITES
    assert len(expire.writes) == EXPIRE_WRITES


@pytest.mark.parametrize("point", points(CHECKOUT_WRITES), ids=str)
def test_checkout_tried_again_after_a_crash_ends_in_one_paid_order(shop, two_lines, point):
    with Shim(crash=point), pytest.raises(Crash):
        shop.checkout(two_lines)

    placed = shop.checkout(two_lines)
    shop.settle(placed)

    assert len(scan("orders")) == 1
    assert factory.stock("mug") == factory.stock("cup") == SOLD
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("point", points(CHECKOUT_WRITES), ids=str)
def test_checkout_that_crashed_and_was_given_up_leaves_nothing_held(shop, two_lines, point):
    with Shim(crash=point), pytest.raises(Crash):
        shop.checkout(two_lines)

    shop.sweep(after=AN_HOUR)

    assert factory.stock("mug") == factory.stock("cup") == FULL
    assert {order["status"] for order in scan("orders")} <= {"CANCELLED"}
    assert all(one["status"] == "expired" for one in shop.sandbox.state()["stripe"]["sessions"])
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("point", points(SETTLE_WRITES), ids=str)
def test_settling_again_after_a_crash_settles_once(shop, two_lines, point):
    placed = shop.checkout(two_lines)
    completed = next(e for e in shop.pay(placed) if e["type"] == "checkout.session.completed")
    shop.deliver(completed)
    with Shim(crash=point), pytest.raises(Crash):
        shop.work()

    # The dead worker never deleted its message, so the queue gives it out again.
    shop.deliver(completed)
    assert shop.work() == []

    assert factory.stock("mug") == factory.stock("cup") == SOLD
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("point", points(EXPIRE_WRITES), ids=str)
def test_sweeping_again_after_a_crash_gives_back_once(shop, two_lines, point):
    placed = shop.checkout(two_lines)
    with Shim(crash=point), pytest.raises(Crash):
        shop.sweep(after=AN_HOUR)

    shop.sweep(after=AN_HOUR)

    assert factory.stock("mug") == factory.stock("cup") == FULL
    order = orders.read(placed.order.order_id)
    assert order is not None and order.status == OrderStatus.CANCELLED
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("point", points(EXPIRE_WRITES), ids=str)
def test_a_payment_during_a_crashed_sweep_is_an_order_or_a_refund_never_lost(
    shop, two_lines, point
):
    placed = shop.checkout(two_lines)
    events = shop.pay(placed)
    with Shim(crash=point), pytest.raises(Crash):
        shop.sweep(after=AN_HOUR)

    for event in events:
        shop.deliver(event)
    assert shop.work() == []
    shop.sweep(after=AN_HOUR)

    order = orders.read(placed.order.order_id)
    assert order is not None and order.status == OrderStatus.PAID
    check_world(shop.sandbox.state())


def test_control_a_new_key_on_each_try_opens_a_second_session(shop, two_lines, monkeypatch):
    # What the provider's idempotency key guards, seen by taking it away.
    keys = iter(range(100))
    honest = StripeCheckout.open

    def careless(self, charge, **how):
        return honest(self, replace(charge, payment_id=f"{charge.payment_id}-{next(keys)}"), **how)

    monkeypatch.setattr(StripeCheckout, "open", careless)
    with Shim(crash=Point(2, after=True)), pytest.raises(Crash):
        shop.checkout(two_lines)
    shop.checkout(two_lines)

    with pytest.raises(AssertionError, match="opened twice"):
        check_world(shop.sandbox.state())
