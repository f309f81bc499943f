"""A hold from before there was a bound, too large for one transaction, still ends: in steps that
each are safe to repeat, the first of which decides."""

from dataclasses import replace

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import writes
from chalicelib.inventory.rules import MOST_PLACES, Hold, HoldStatus, StockKey, shard_place
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import TooManyItems
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import service as orders
from chalicelib.orders.rules import OrderStatus
from chalicelib.payments.ports import Outcome, State
from chalicelib.settlement import outcomes
from tests.faults import hot
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world
from tests.inventory import large

LINES = {f"v{number:02d}": 20 for number in range(12)}
# Ten shards of each: 120 places, as the shards once were taken one by one.
SCATTERED = {
    StockKey(variant_id, shard_place("main", shard)): 2
    for variant_id in LINES
    for shard in range(10)
}


@pytest.fixture
def placed(shop):
    """An order whose hold has 120 places."""
    large.clear()
    large.stock({variant_id: {"main": 20} for variant_id in LINES})
    placed = shop.checkout(large.cart(LINES))
    scatter(placed.order.hold_id)
    return placed


def scatter(hold_id: str) -> Hold:
    held = inventory.read_hold(hold_id)
    large.lay({variant_id: {"main": 0} for variant_id in LINES})
    large.made_before_there_was_a_bound(replace(held, units=SCATTERED))
    return inventory.read_hold(hold_id)


def status(placed) -> OrderStatus:
    return orders.read(placed.order.order_id).status


def test_a_large_order_that_is_paid_is_settled_and_the_sweeper_moves_the_rest(shop, placed):
    shop.settle(placed)
    assert status(placed) == OrderStatus.PAID
    hold = inventory.read_hold(placed.order.hold_id)
    assert (hold.status, len(hold.unfinished)) == (HoldStatus.COMMITTED, 120 - MOST_PLACES)
    assert shop.sweep().finished == 1
    assert all(hot.totals(name)["sold"] == 20 for name in LINES)
    check_world(shop.sandbox.state())
    assert shop.sweep().finished == 0


def test_a_large_order_that_nobody_pays_is_swept_and_its_units_are_free(shop, placed):
    shop.act(placed, "expire")
    assert shop.sweep(after=7200).failed == 0
    assert status(placed) == OrderStatus.CANCELLED
    assert all(hot.totals(name)["available"] == 20 for name in LINES)
    check_world(shop.sandbox.state())


def test_a_large_order_that_is_paid_too_late_is_revived(shop, placed):
    events = shop.pay(placed)
    outcomes.apply(placed.order.order_id, Outcome(State.ENDED), now=clock.now())
    assert inventory.read_hold(placed.order.hold_id).unfinished
    for event in events:
        shop.deliver(event)
    assert shop.work() == []
    assert status(placed) == OrderStatus.PAID
    assert all(hot.totals(name)["sold"] == 20 for name in LINES)
    check_world(shop.sandbox.state())


def test_a_large_reservation_can_be_checked_out(shop):
    large.clear()
    large.stock({variant_id: {"main": 20} for variant_id in LINES})
    cart_id = large.cart(LINES)
    shop.call("POST", f"/api/cart/{cart_id}/reserve")
    hold_id = large.hold_id_of(cart_id)
    scatter(hold_id)
    placed = shop.checkout(cart_id)
    assert len(inventory.read_hold(hold_id).units) == len(LINES)
    shop.settle(placed)
    check_world(shop.sandbox.state())


def test_a_large_reservation_that_has_ended_can_be_made_again(shop):
    large.clear()
    large.stock({variant_id: {"main": 20} for variant_id in LINES})
    cart_id = large.cart(LINES)
    shop.call("POST", f"/api/cart/{cart_id}/reserve")
    scatter(large.hold_id_of(cart_id))
    assert shop.call("POST", f"/api/cart/{cart_id}/release").status_code == 200
    assert shop.call("POST", f"/api/cart/{cart_id}/reserve").status_code == 200
    check_world()


def held_large() -> Hold:
    large.clear()
    large.stock({variant_id: {"main": 20} for variant_id in LINES})
    hot.hold("hld_1", LINES)
    return scatter("hld_1")


@pytest.mark.parametrize("how", [inventory.release, inventory.commit], ids=["release", "commit"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", [0, 1])
def test_a_crash_between_the_steps_loses_no_unit_and_moves_none_twice(shelf, how, after, write):
    held_large()
    with Shim(crash=Point(write, after=after)), pytest.raises(Crash):
        hot.end(how, "hld_1")
        inventory.finish(inventory.read_hold("hld_1"), now=clock.now())
    if inventory.read_hold("hld_1").status == HoldStatus.HELD:
        hot.end(how, "hld_1")
    inventory.finish_end("hld_1", now=clock.now())
    assert not inventory.read_hold("hld_1").unfinished
    check_world()


def test_two_that_finish_at_once_move_each_unit_once(shelf):
    held_large()
    hot.end(inventory.release, "hld_1")
    seen = inventory.read_hold("hld_1")
    inventory.finish(seen, now=clock.now())
    with pytest.raises(StaleState):
        inventory.finish(seen, now=clock.now())
    check_world()


def test_control_in_one_transaction_it_never_ends(shelf, monkeypatch):
    monkeypatch.setattr(writes, "MOST_MOVES", 10_000)
    held_large()
    for how in (inventory.release, inventory.commit):
        with pytest.raises(TooManyItems):
            hot.end(how, "hld_1")
    assert inventory.read_hold("hld_1").status == HoldStatus.HELD
