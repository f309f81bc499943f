"""F30 to F32, F41: lines added up, carts bounded, all or nothing, one buyer who takes all."""

import pytest
from botocore.exceptions import ClientError

from chalicelib.cart import service as carts
from chalicelib.cart.rules import CartFull
from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import allocate, allowances, writes
from chalicelib.inventory.rules import OutOfStock, TooManyHolds, total_by_variant
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock, ids
from chalicelib.kernel.db import transaction
from chalicelib.kernel.db.transaction import MAX_ACTIONS, TooManyItems, Transaction
from chalicelib.kernel.limits import MAX_CART_LINES
from tests import factory
from tests.faults import hot
from tests.faults.shim import Crash, Shim
from tests.faults.world import check_world, scan

FIVE = ("mug", "cup", "pot", "jug", "pan")


def test_F30_lines_of_one_variant_are_added_up_before_anything_is_asked(shelf):
    shelf.sell("mug", stock=5)
    with pytest.raises(OutOfStock) as caught:
        hot.hold("hld_1", total_by_variant([("mug", 3), ("mug", 3)]))
    assert caught.value.fields[0].facts == {"available": 5, "requested": 6}
    hot.hold("hld_2", total_by_variant([("mug", 2), ("mug", 3)]))
    assert factory.stock("mug") == {"available": 0, "reserved": 5, "sold": 0, "stocked": 5}
    check_world()


def test_F30_the_same_variant_twice_in_a_cart_is_one_line(shelf):
    shelf.sell("mug", stock=5)
    cart_id = factory.cart_with({"mug": 3})
    with pytest.raises(OutOfStock):
        carts.add(cart_id, "mug", 3, call_id=ids.token(), now=clock.now())
    assert carts.read(cart_id, now=clock.now()).quantities == {"mug": 3}


def test_F30_control_lines_taken_one_by_one_each_pass_a_check_of_their_own(shelf, monkeypatch):
    shelf.sell("mug", stock=5)
    seen = inventory.availability(["mug"])["mug"].available
    monkeypatch.setattr(writes, "_enough", lambda change: StockItem.variant_id.exists())
    for line, quantity in enumerate((3, 3)):
        assert quantity <= seen
        hot.hold(f"hld_{line}", {"mug": quantity})
    with pytest.raises(AssertionError, match="below zero"):
        check_world()


@pytest.fixture
def wide(shelf):
    """A product more than a cart has lines."""
    for number in range(MAX_CART_LINES + 1):
        shelf.sell(f"v-{number}", stock=5)


def test_F31_the_line_beyond_the_last_one_is_refused_and_the_full_cart_is_held_whole(wide):
    cart_id = factory.cart_with({f"v-{number}": 1 for number in range(MAX_CART_LINES)})
    with pytest.raises(CartFull):
        carts.add(cart_id, f"v-{MAX_CART_LINES}", 1, call_id=ids.token(), now=clock.now())
    with Shim() as shim:
        factory.reserve(cart_id)
    assert shim.writes == ["TransactWriteItems"]
    assert sum(item["reserved"] for item in scan("stock")) == MAX_CART_LINES
    check_world()


def test_F31_a_hold_of_more_items_than_a_transaction_takes_is_refused_whole(shelf, monkeypatch):
    monkeypatch.setattr(transaction, "MAX_ACTIONS", 3)
    for number in range(3):
        shelf.sell(f"v-{number}", stock=5)
    with pytest.raises(TooManyItems):
        hot.hold("hld_1", {f"v-{number}": 1 for number in range(3)})
    assert scan("holds") == []
    check_world()


def test_F31_control_without_the_bound_it_is_left_to_dynamodb_to_refuse(shelf, monkeypatch):
    # Its refusal is a bug's: an internal error to the buyer, not "too many".
    monkeypatch.setattr(transaction, "MAX_ACTIONS", 1_000)
    with pytest.raises(ClientError, match="100"), Transaction() as tx:
        for number in range(MAX_ACTIONS + 1):
            tx.put(StockItem(f"w-{number}", "main"))


@pytest.fixture
def five(shelf):
    """Five variants, every other one hot; of the third there are too few."""
    for number, variant_id in enumerate(FIVE):
        shelf.sell(variant_id, stock=1 if variant_id == "pot" else 9)
        hot.heat(variant_id, 4 if number % 2 == 0 else 0)
    return dict.fromkeys(FIVE, 2)


def untouched() -> bool:
    return all(hot.totals(variant_id)["reserved"] == 0 for variant_id in FIVE)


def test_F32_when_the_third_of_five_lines_fails_nothing_is_held(five):
    with pytest.raises(OutOfStock) as caught:
        hot.hold("hld_1", five)
    assert [field.field for field in caught.value.fields] == ["lines.pot"]
    assert untouched()
    check_world()


def test_F32_a_crash_at_any_write_of_the_giving_back_leaves_only_what_the_sweeper_returns(five):
    with Shim() as counted, pytest.raises(OutOfStock):
        hot.hold("hld_0", five)
    for number, point in enumerate(counted.points()):
        try:
            with Shim(crash=point):
                hot.hold(f"hld_{number + 1}", five)
        except (Crash, OutOfStock):
            check_world(strays=True)
        allocate.shards.return_orphans(clock.now() + 61)
        assert untouched(), point
        check_world()


def test_F32_control_without_giving_back_a_refused_hold_keeps_units_of_shards(five, monkeypatch):
    monkeypatch.setattr(allocate.shards, "give_back", lambda *_: None)
    monkeypatch.setattr(allocate.shards, "seems_sold_out", lambda variant_id: False)
    with pytest.raises(OutOfStock):
        hot.hold("hld_1", five)
    assert not untouched()
    with pytest.raises(AssertionError, match="reserved and holds differ"):
        check_world()


@pytest.fixture
def carts_of_one(everything, monkeypatch) -> int:
    """How many carts one client comes with; the limits are scaled with them."""
    if not everything:
        monkeypatch.setattr(allowances, "LIMITS", {"email": 5, "ip": 20})
    return 200 if everything else 30


def hoard(count: int, holders: list[str]) -> int:
    """One client reserves with cart after cart; how many got their unit."""
    held = 0
    for number in range(count):
        try:
            hot.hold(f"hld_{number}", {"mug": 1}, until=clock.now() + 900, holders=holders)
            held += 1
        except TooManyHolds:
            continue
    return held


@pytest.mark.parametrize("kind", ["email", "ip"])
def test_F41_one_client_with_cart_after_cart_holds_its_allowance_and_no_more(
    shelf, carts_of_one, kind
):
    # So many that the number of holds is reached before the share of the stock.
    shelf.sell("mug", stock=allowances.SHARE * carts_of_one)
    mine = [ids.identity(kind, "somebody")]
    assert hoard(carts_of_one, mine) == allowances.LIMITS[kind] == factory.stock("mug")["reserved"]
    check_world()
    hot.hold("hld_other", {"mug": 1}, holders=[ids.identity(kind, "somebody else")])
    clock.shift(901)
    # What has ended counts no longer, though nobody has swept.
    hot.hold("hld_again", {"mug": 1}, until=clock.now() + 900, holders=mine)
    check_world()


def test_F41_control_without_the_allowance_one_client_holds_everything(
    shelf, carts_of_one, monkeypatch
):
    shelf.sell("mug", stock=carts_of_one)
    monkeypatch.setattr(allowances.Claim, "enter", lambda claim: None)
    assert hoard(carts_of_one, [ids.identity("email", "somebody")]) == carts_of_one
    assert factory.stock("mug")["available"] == 0
