"""Holding units, giving them back, selling them: each moves whole, once, or not at all."""

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds.writes import StockDrift
from chalicelib.inventory.rules import Hold, HoldStatus, OutOfStock, VariantNotStocked
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from tests import factory
from tests.faults.shim import Shim
from tests.faults.world import check_world, scan

NOW, END = 1_000, 2_000
FAR = 4_000_000_000  # not past its end whenever this runs


@pytest.fixture(autouse=True)
def stocked(shelf):
    shelf.sell("mug", stock=5)
    shelf.sell("cup", stock=3)


def hold(quantities: dict[str, int], previous=None, *, hold_id="hld_1", end=END, now=NOW):
    """Make a hold, or make it anew as `previous` was read."""
    made = Hold(hold_id, HoldStatus.HELD, {}, end, version=0)

    def write(taken):
        with Transaction() as tx:
            return inventory.write_hold(tx, taken, previous, now=now)

    return inventory.allocate(
        made, quantities, previous, write, end=inventory.end_reservation, now=now
    )


def end(how, held) -> None:
    with Transaction() as tx:
        how(tx, held, now=NOW)


def counters(variant_id: str) -> tuple[int, int, int]:
    """Available, reserved and sold."""
    item = factory.stock(variant_id)
    return item["available"], item["reserved"], item["sold"]


def test_held_units_are_neither_available_nor_sold():
    made = hold({"mug": 2, "cup": 3})
    assert (counters("mug"), counters("cup")) == ((3, 2, 0), (0, 3, 0))
    assert inventory.read_hold("hld_1") == made
    check_world()


def test_a_hold_is_one_item_however_many_lines_it_has():
    with Shim() as shim:
        hold({"mug": 2, "cup": 3})
    assert shim.writes == ["TransactWriteItems"]
    assert len(scan("holds")) == 1


def test_all_lines_are_held_or_none_and_each_that_fails_is_named():
    with pytest.raises(OutOfStock) as caught:
        hold({"mug": 6, "cup": 4})
    assert {field.field: dict(field.facts) for field in caught.value.fields} == {
        "lines.mug": {"available": 5, "requested": 6},
        "lines.cup": {"available": 3, "requested": 4},
    }
    with pytest.raises(OutOfStock) as caught:
        hold({"mug": 5, "cup": 4})
    assert [field.field for field in caught.value.fields] == ["lines.cup"]
    assert (counters("mug"), counters("cup")) == ((5, 0, 0), (3, 0, 0))
    assert scan("holds") == []


def test_what_has_no_stock_item_is_sold_out_and_makes_none():
    with pytest.raises(OutOfStock) as caught:
        hold({"ghost": 1})
    assert caught.value.fields[0].text == "field.sold_out"
    assert {item["variant_id"] for item in scan("stock")} == {"mug", "cup"}


def test_the_last_unit_is_held_once():
    hold({"mug": 5})
    with pytest.raises(OutOfStock):
        hold({"mug": 1}, hold_id="hld_2")
    assert counters("mug") == (0, 5, 0)


@pytest.mark.parametrize(
    "wanted", [{"mug": 4, "cup": 1}, {"mug": 1}, {"cup": 3}, {"mug": 5, "cup": 3}], ids=str
)
def test_a_hold_made_again_moves_the_difference(wanted):
    first = hold({"mug": 2, "cup": 2})
    again = hold(wanted, first)
    assert again.quantities == wanted and again.version == 2
    assert counters("mug")[1] == wanted.get("mug", 0)
    assert counters("cup")[1] == wanted.get("cup", 0)
    check_world()


def test_a_hold_made_again_unchanged_touches_no_stock():
    first, before = hold({"mug": 2}), scan("stock")
    hold({"mug": 2}, first, end=END + 60)
    assert scan("stock") == before
    assert inventory.read_hold("hld_1").expires_at == END + 60


def test_a_hold_that_grows_too_much_keeps_what_it_had():
    first = hold({"mug": 2})
    with pytest.raises(OutOfStock) as caught:
        hold({"mug": 6}, first)
    assert caught.value.fields[0].facts == {"available": 5, "requested": 6}
    assert counters("mug") == (3, 2, 0)
    check_world()


def test_a_hold_that_ended_is_made_again_from_nothing():
    first = hold({"mug": 2})
    end(inventory.release, first)
    again = hold({"mug": 3}, inventory.read_hold("hld_1"))
    assert counters("mug") == (2, 3, 0) and again.version == 3
    check_world()


@pytest.mark.parametrize("again", [True, False], ids=["made again", "made new"])
def test_a_hold_that_moved_since_it_was_read_is_a_lost_race(again):
    first = hold({"mug": 2})
    hold({"mug": 1}, first)
    with pytest.raises(StaleState):
        hold({"mug": 3}, first if again else None)
    assert counters("mug") == (4, 1, 0)


def test_released_units_are_available_again():
    end(inventory.release, hold({"mug": 2, "cup": 1}))
    assert (counters("mug"), counters("cup")) == ((5, 0, 0), (3, 0, 0))
    assert inventory.read_hold("hld_1").status == HoldStatus.RELEASED
    check_world()


def test_committed_units_are_sold():
    end(inventory.commit, hold({"mug": 2, "cup": 1}))
    assert (counters("mug"), counters("cup")) == ((3, 0, 2), (2, 0, 1))
    assert inventory.read_hold("hld_1").status == HoldStatus.COMMITTED
    check_world()


def sell_after_all(tx, released, now):
    units = inventory.find_units(released.quantities, end=inventory.end_reservation, now=now)
    inventory.sell(tx, released, units, now=now)


@pytest.mark.parametrize("second", [inventory.release, inventory.commit, sell_after_all])
@pytest.mark.parametrize("first", [inventory.release, inventory.commit])
def test_a_hold_ends_once(first, second):
    held = hold({"mug": 2})
    end(first, held)
    after = scan("stock")
    with pytest.raises(StaleState):
        end(second, held)
    assert scan("stock") == after
    check_world()


def test_units_given_back_can_be_sold_after_all_while_they_are_there():
    end(inventory.release, hold({"mug": 2, "cup": 1}))
    end(sell_after_all, inventory.read_hold("hld_1"))
    assert (counters("mug"), counters("cup")) == ((3, 0, 2), (2, 0, 1))
    check_world()


def test_units_given_back_and_gone_are_not_sold_twice():
    end(inventory.release, hold({"mug": 4, "cup": 1}))
    hold({"mug": 2}, hold_id="hld_2")
    with pytest.raises(OutOfStock) as caught:
        end(sell_after_all, inventory.read_hold("hld_1"))
    assert caught.value.fields[0].facts == {"available": 3, "requested": 4}
    assert (counters("mug"), counters("cup")) == ((3, 2, 0), (3, 0, 0))


def test_units_taken_between_looking_and_selling_are_not_sold_twice():
    end(inventory.release, hold({"mug": 4}))
    released = inventory.read_hold("hld_1")
    units = inventory.find_units({"mug": 4}, end=inventory.end_reservation, now=NOW)
    hold({"mug": 2}, hold_id="hld_2")
    with pytest.raises(OutOfStock), Transaction() as tx:
        inventory.sell(tx, released, units, now=NOW)
    assert counters("mug") == (3, 2, 0)
    check_world()


def test_an_extended_hold_lasts_longer_and_moves_nothing():
    held, before = hold({"mug": 2}), scan("stock")
    with Transaction() as tx:
        inventory.extend(tx, held, expires_at=END + 500)
    assert inventory.read_hold("hld_1").expires_at == END + 500
    assert scan("stock") == before
    with pytest.raises(StaleState), Transaction() as tx:
        inventory.extend(tx, held, expires_at=END + 900)


def test_counters_that_a_hand_has_moved_stop_everything():
    held = hold({"mug": 2})
    item = StockItem.get("mug", "main")
    item.reserved = 1
    item.save()
    for how in (inventory.release, inventory.commit):
        with pytest.raises(StockDrift, match="hld_1"):
            end(how, held)
    assert inventory.read_hold("hld_1").status == HoldStatus.HELD


def test_only_holds_past_their_end_are_found_whatever_the_page_size():
    inventory.stock_new("many", 30, low_stock_at=0, now=NOW)
    for number in range(30):
        hold({"many": 1}, hold_id=f"hld_{number}", end=END - number % 2 * 500)
    for size in (1, 7, 100):
        found = [held.hold_id for held in inventory.expired_holds(END - 1, page_size=size)]
        assert sorted(found) == sorted(f"hld_{number}" for number in range(1, 30, 2))
    assert len(list(inventory.expired_holds(END, page_size=7))) == 30
    assert list(inventory.expired_holds(END - 501, page_size=7)) == []


def test_holds_that_ended_leave_the_index():
    end(inventory.release, hold({"mug": 1}))
    end(inventory.commit, hold({"mug": 1}, hold_id="hld_2"))
    assert list(inventory.expired_holds(END + 1)) == []
    assert all("expiry_shard" not in item for item in scan("holds"))


def test_a_hold_that_was_renewed_after_the_index_was_read_is_left_alone(monkeypatch):
    held = hold({"mug": 1})
    hold({"mug": 1}, held, end=END + 500)
    monkeypatch.setattr(inventory.tables, "holds_past_their_end", lambda now, size: ["hld_1"])
    assert list(inventory.expired_holds(END)) == []


def test_first_stock_is_given_once():
    assert not inventory.stock_new("mug", 99, low_stock_at=0, now=NOW)
    assert counters("mug") == (5, 0, 0)
    assert inventory.stock_new("new", 7, low_stock_at=0, now=NOW)
    assert counters("new") == (7, 0, 0)


@pytest.mark.parametrize(
    ("held", "low", "sold_out"), [(0, False, False), (2, False, False), (3, True, False),
                                  (4, True, False), (5, True, True)]
)  # fmt: skip
def test_what_a_shopper_may_know_is_what_is_left(held, low, sold_out):
    if held:
        hold({"mug": held}, end=clock.now() + 60)
    found = inventory.available("mug")
    assert (found.available, found.low, found.sold_out) == (5 - held, low, sold_out)


def test_units_of_a_hold_past_its_end_are_told_as_available_before_they_are_swept():
    hold({"mug": 5}, end=clock.now() - 1)
    assert inventory.available("mug").available == 5
    assert hold({"mug": 5}, hold_id="hld_2", end=clock.now() + 60, now=clock.now())
    assert inventory.read_hold("hld_1").status == HoldStatus.RELEASED
    check_world()


def test_availability_of_many_counts_the_unknown_as_none():
    found = inventory.availability(["mug", "ghost", "mug"])
    assert {key: one.available for key, one in found.items()} == {"mug": 5, "ghost": 0}
    with pytest.raises(VariantNotStocked):
        inventory.available("ghost")
