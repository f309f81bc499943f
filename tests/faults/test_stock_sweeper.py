"""F20 to F29: the sweeper twice, late, early, with an old index, and against a payment."""

import json

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory import tables
from chalicelib.inventory.holds import listing, writes
from chalicelib.inventory.rules import HoldStatus, OutOfStock
from chalicelib.inventory.tables import HoldItem
from chalicelib.kernel import cache, clock
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import snapshot, steps
from chalicelib.orders.rules import OrderStatus
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import service as payments
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import expire
from tests import factory
from tests.faults import hot
from tests.faults.placed import status
from tests.faults.shim import Shim
from tests.faults.stale import StaleIndex
from tests.faults.world import check_world, scan

AN_HOUR = 3600


def test_F20_a_sweep_that_runs_again_or_missed_ten_ticks_gives_back_once(shop, placed):
    assert shop.sweep(after=-60).ended == 0, "a clock that is behind ends nothing"
    assert shop.sweep(after=AN_HOUR).ended == 1
    assert shop.sweep(after=AN_HOUR).ended == 0
    assert factory.stock("mug") == {"available": 3, "reserved": 2, "sold": 0, "stocked": 5}
    check_world(shop.sandbox.state())


def end_twice(shop, placed) -> None:
    """Two sweepers that both have read the hold as HELD."""
    held = inventory.read_hold(placed.order.hold_id)
    shop.sweep(after=AN_HOUR)
    with pytest.raises(StaleState):
        inventory.end_reservation(writes.replace(held, reference=None), clock.now())


def test_F20_of_two_sweepers_that_read_the_same_hold_the_second_gives_nothing_back(shop, placed):
    end_twice(shop, placed)
    assert factory.stock("mug")["reserved"] == 2
    check_world(shop.sandbox.state())


def test_F20_control_without_the_holds_condition_both_give_back(shop, placed, monkeypatch):
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id.exists())
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        end_twice(shop, placed)
    assert factory.stock("mug")["reserved"] == 0
    with pytest.raises(AssertionError, match="reserved and holds differ"):
        check_world()


def test_F21_without_any_ttl_what_is_over_counts_for_nothing(shop, placed):
    # Nothing is ever deleted here, as DynamoDB may not for days: rows past their end stay.
    clock.shift(AN_HOUR)
    assert inventory.available("mug").available == 3, "the order's units, not the other hold's"
    other = shop.buy({"mug": 3})
    assert status(placed) == OrderStatus.CANCELLED
    assert status(other) == OrderStatus.PENDING
    check_world(shop.sandbox.state())


def test_F21_control_waiting_for_rows_to_vanish_refuses_what_is_there(shop, placed, monkeypatch):
    monkeypatch.setattr(listing, "newest_past_their_end", lambda now, most: ([], True))
    clock.shift(AN_HOUR)
    with pytest.raises(OutOfStock):
        hot.hold("hld_new", {"mug": 3})


@pytest.mark.parametrize("first", ["release", "commit"])
def test_F22_release_and_commit_of_one_hold_end_it_once_in_both_orders(shop, placed, first):
    held = inventory.read_hold(placed.order.hold_id)
    events = shop.pay(placed) if first == "commit" else shop.act(placed, "expire")
    for event in events:
        shop.deliver(event)
    assert shop.work() == []
    loser = inventory.release if first == "commit" else inventory.commit
    with pytest.raises(StaleState), writes.Transaction() as tx:
        loser(tx, held, now=clock.now())
    sold = 2 if first == "commit" else 0
    assert factory.stock("mug") == {
        "available": 3 - sold, "reserved": 2, "sold": sold, "stocked": 5
    }  # fmt: skip
    check_world(shop.sandbox.state())


def test_F22_control_without_the_holds_condition_one_hold_is_sold_and_given_back(
    shop, placed, monkeypatch
):
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id.exists())
    held = inventory.read_hold(placed.order.hold_id)
    shop.settle(placed)
    with writes.Transaction() as tx:
        inventory.release(tx, held, now=clock.now())
    assert factory.stock("mug")["reserved"] == 0, "the other buyer's units went with it"
    with pytest.raises(AssertionError):
        check_world()


def work_off_by_two(shop, placed, monkeypatch) -> list[str]:
    """One message; a second worker gets it between the first one's reading and its writing. The
    ids of what failed."""
    (completed,) = (e for e in shop.pay(placed) if e["type"] == "checkout.session.completed")
    message = {"provider": "stripe", "receivedAt": clock.now(), "body": json.dumps(completed)}
    record = {
        "messageId": "1",
        "receiptHandle": "1",
        "body": json.dumps(message),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:payment-events",
    }
    real, failed = snapshot.read, []

    def read(order_id, **how):
        found = real(order_id, **how)
        monkeypatch.setattr(snapshot, "read", real)
        failed.extend(shop.hand_over([record]))
        assert status(placed) == OrderStatus.PAID, "the second worker was faster"
        return found

    monkeypatch.setattr(snapshot, "read", read)
    return failed + shop.hand_over([record])


def test_F23_one_message_given_to_two_workers_settles_once(shop, placed, monkeypatch):
    assert work_off_by_two(shop, placed, monkeypatch) == []
    assert factory.stock("mug") == {"available": 1, "reserved": 2, "sold": 2, "stocked": 5}
    check_world(shop.sandbox.state())


def test_F23_control_without_the_states_conditions_both_workers_sell(shop, placed, monkeypatch):
    monkeypatch.setattr(steps, "unchanged_since_read", lambda order: OrderItem.order_id.exists())
    monkeypatch.setattr(payments, "_unmoved", lambda payment: PaymentItem.payment_id.exists())
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id.exists())
    work_off_by_two(shop, placed, monkeypatch)
    assert factory.stock("mug")["sold"] == 4
    with pytest.raises(AssertionError):
        check_world()


def test_F28_an_index_that_lags_makes_the_sweeper_end_nothing_that_lives(shop, placed):
    clock.shift(AN_HOUR)
    with StaleIndex("holds") as index:
        cache.forget_all()
        assert shop.sweep().ended == 1
        # The index still lists the hold as past its end; it has been made anew since.
        shop.checkout(placed.order.cart_id)
        assert shop.sweep().ended == 0
        assert index.served >= 2 * tables.EXPIRY_SHARDS
    assert factory.stock("mug") == {"available": 1, "reserved": 4, "sold": 0, "stocked": 5}
    check_world(shop.sandbox.state())


def test_F28_control_a_sweeper_that_believes_the_index_gives_back_what_is_held(
    shop, placed, monkeypatch
):
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id.exists())
    held = inventory.read_hold(placed.order.hold_id)
    monkeypatch.setattr(inventory, "read_hold", lambda hold_id: held)
    monkeypatch.setattr(expire, "end", lambda hold, now: inventory.end_reservation(
        writes.replace(hold, reference=None), now))  # fmt: skip
    clock.shift(AN_HOUR)
    with StaleIndex("holds"):
        shop.sweep()
        shop.sweep()
    assert factory.stock("mug")["reserved"] < 2
    with pytest.raises(AssertionError):
        check_world()


def test_F29_hundreds_of_ended_holds_in_small_pages_are_each_given_back_once(shelf, everything):
    count, page = (300, 7) if everything else (80, 2)
    shelf.sell("mug", stock=count)
    for number in range(count):
        hot.hold(f"hld_{number}", {"mug": 1}, until=clock.now() - 1)
    with Shim() as shim:
        swept = expire.sweep(clock.now(), page_size=page)
    assert (swept.ended, swept.failed) == (count, 0)
    assert shim.calls.count("Query") > 2 * tables.EXPIRY_SHARDS, "more than a page to a shard"
    assert factory.stock("mug") == {
        "available": count, "reserved": 0, "sold": 0, "stocked": count
    }  # fmt: skip
    check_world()


def test_F29_control_the_first_page_alone_leaves_most_of_them_held(shelf, monkeypatch):
    shelf.sell("mug", stock=80)
    for number in range(80):
        hot.hold(f"hld_{number}", {"mug": 1}, until=clock.now() - 1)
    real = HoldItem.by_expiry.query
    monkeypatch.setattr(
        HoldItem.by_expiry,
        "query",
        lambda *keys, page_size: real(*keys, page_size=page_size, limit=page_size),
    )
    expire.sweep(clock.now(), page_size=2)
    assert len([hold for hold in scan("holds") if hold["status"] == HoldStatus.HELD]) >= 80 - 32
