"""F42 and what else hot variants are made against: no unit is stranded, doubled or lost."""

from contextlib import suppress

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.ledger import check
from chalicelib.inventory.operations.movements import StockMovement
from chalicelib.inventory.rules import OutOfStock, StockKey
from chalicelib.inventory.sharding import resharding, shards
from chalicelib.inventory.tables import stock_of
from chalicelib.kernel import clock
from chalicelib.kernel.errors import StaleState, Unavailable
from tests.faults import hot
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world

A_MINUTE_AND_MORE = shards.NOTE_SECONDS + 1


def test_F42_a_hold_that_grows_gets_the_last_units_of_the_shard_it_is_in(shelf):
    shelf.sell("mug", stock=6)
    hot.heat("mug", 4)
    hot.hold("hld_1", {"mug": 1})
    hot.hold("hld_1", {"mug": 3})
    assert inventory.read_hold("hld_1").quantities == {"mug": 3}
    assert hot.totals("mug") == {"available": 3, "reserved": 3, "sold": 0, "stocked": 6}
    check_world()


def died_before_its_hold(monkeypatch) -> None:
    """Six units on two shards; three are another's, two are noted for a hold whose process died,
    and the last one lies beside them."""
    hot.heat("mug", 2)
    hot.always_first_shard(monkeypatch)
    hot.hold("hld_other", {"mug": 3})
    with Shim(crash=Point(1, after=True)), pytest.raises(Crash):
        hot.hold("hld_1", {"mug": 2})
    assert hot.by_place("mug") == {"main#01": 1}


def test_who_comes_back_for_less_is_served_from_where_their_first_try_died(shelf, monkeypatch):
    shelf.sell("mug", stock=6)
    died_before_its_hold(monkeypatch)
    hot.hold("hld_1", {"mug": 1})
    assert inventory.read_hold("hld_1").quantities == {"mug": 1}
    assert hot.totals("mug") == {"available": 2, "reserved": 4, "sold": 0, "stocked": 6}
    check_world()


def test_control_without_clearing_ones_own_note_the_buyer_is_sent_away(shelf, monkeypatch):
    shelf.sell("mug", stock=6)
    died_before_its_hold(monkeypatch)
    monkeypatch.setattr(shards, "_clear_own", lambda *_: None)
    with pytest.raises(Unavailable):
        hot.hold("hld_1", {"mug": 1})


def test_a_run_that_was_only_slow_takes_nothing_that_its_repeat_has_cleared(shelf, monkeypatch):
    # The first click's units are noted and its hold not yet written when the second one, for less,
    # clears the note. The first one's transaction then fails, and it looks again.
    shelf.sell("mug", stock=3)
    hot.heat("mug", 1)
    real, clicks = inventory.write_hold, []

    def write_hold(*args, **named):
        if not clicks:
            clicks.append(1)
            hot.hold("hld_1", {"mug": 1})
        return real(*args, **named)

    monkeypatch.setattr(inventory, "write_hold", write_hold)
    hot.hold("hld_1", {"mug": 2})
    assert inventory.read_hold("hld_1").quantities == {"mug": 2}
    assert hot.totals("mug")["reserved"] == 2
    check_world()


def test_the_loser_of_a_double_click_takes_nothing_from_the_winner(shelf, monkeypatch):
    # Both find the same note on the same shard; the second one's transaction is faster.
    shelf.sell("mug", stock=40)
    hot.heat("mug", 4)
    hot.always_first_shard(monkeypatch)
    real, clicks = inventory.write_hold, []

    def write_hold(*args, **named):
        if not clicks:
            clicks.append(1)
            hot.hold("hld_1", {"mug": 2})
        return real(*args, **named)

    monkeypatch.setattr(inventory, "write_hold", write_hold)
    hot.hold("hld_1", {"mug": 2})
    assert clicks
    assert hot.totals("mug")["reserved"] == 2
    check_world()


def test_a_sweeper_that_is_ahead_takes_no_units_from_a_hold_about_to_be_written(shelf, monkeypatch):
    shelf.sell("mug", stock=40)
    hot.heat("mug", 4)
    real, once = inventory.write_hold, []

    def write_hold(*args, **named):
        if not once:
            once.append(shards.return_orphans(clock.now() + 300))
        return real(*args, **named)

    monkeypatch.setattr(inventory, "write_hold", write_hold)
    hot.hold("hld_1", {"mug": 2})
    assert once
    assert hot.totals("mug")["reserved"] == 2
    check_world()


def test_the_check_repairs_nothing_that_a_shard_can_account_for(shelf):
    shelf.sell("mug", stock=40)
    hot.heat("mug", 4)
    with Shim(crash=Point(0, after=True)), pytest.raises(Crash):
        hot.hold("hld_1", {"mug": 2})
    clock.shift(check.INDEX_SECONDS)
    for item in stock_of("mug"):
        found = check.confirmed(StockKey("mug", item.place), check.OpenHolds())
        assert found == []
        assert check.repair(found, "check", clock.now()) == 0
    assert shards.return_orphans(clock.now() + A_MINUTE_AND_MORE) == 1
    assert hot.totals("mug") == {"available": 40, "reserved": 0, "sold": 0, "stocked": 40}
    check_world()


def test_units_never_move_into_shards_of_a_variant_that_was_made_plain_meanwhile(
    shelf, monkeypatch
):
    # Units in a shard that nobody looks into any more would be left over at the end.
    shelf.sell("mug", stock=40)
    hot.heat("mug", 4)
    inventory.restock(StockKey("mug"), 40, StockMovement("op", "me", "more", clock.now()))
    real = resharding._move

    def late(*args, **named):
        monkeypatch.setattr(resharding, "_move", real)
        hot.heat("mug", 0)
        with suppress(StaleState):
            real(*args, **named)
        raise Crash

    monkeypatch.setattr(resharding, "_move", late)
    with pytest.raises(Crash):
        resharding.rebalance("mug", now=clock.now())
    assert hot.by_place("mug") == {"main": 80}
    assert inventory.availability(["mug"])["mug"].available == 80
    check_world()


def test_F3_an_operators_repeat_of_what_took_the_last_units_is_no_error(shelf):
    shelf.sell("mug", stock=5)
    order = StockMovement("op_1", "me", "broken", clock.now())
    for _ in range(2):
        inventory.adjust(StockKey("mug"), -5, order)
    assert hot.totals("mug") == {"available": 0, "reserved": 0, "sold": 0, "stocked": 0}


def test_somebody_elses_stuck_hold_does_not_break_the_sale(shelf):
    shelf.sell("mug", stock=2)
    hot.hold("hld_1", {"mug": 2}, until=clock.now() - 10)

    def broken(hold, now):
        raise RuntimeError("a hold that can't be ended")

    with pytest.raises(OutOfStock):
        inventory.find_units({"mug": 1}, end=broken, now=clock.now())


def test_of_two_who_split_a_variant_at_once_the_larger_number_is_remembered(shelf, monkeypatch):
    shelf.sell("mug", stock=40)
    resharding = inventory.resharding
    real, others = resharding.dynamo.get, [8]

    def slow(*key):
        found = real(*key)
        if others:
            inventory.set_shards("mug", others.pop(), now=clock.now())
        return found

    monkeypatch.setattr(resharding.dynamo, "get", slow)
    inventory.set_shards("mug", 4, now=clock.now())
    monkeypatch.undo()
    main = next(item for item in inventory.tables.stock_of("mug") if item.place == "main")
    assert (main.shards, main.shards_made) == (4, 8)
    assert hot.totals("mug")["available"] == 40
    check_world()
