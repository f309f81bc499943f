"""What watches stock: the low-stock alert, the ledger's route, the check and its repair."""

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.operations.movements import StockMovement
from chalicelib.inventory.rules import StockKey
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import Transaction
from tests import factory, stage
from tests.faults.world import check_world, scan
from tests.integrity.running import work
from tests.inventory.stream import Stream
from tests.listener import Listener

AN_INDEX_BEHIND = 60
KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


@pytest.fixture
def heard(shop):
    """The shop sells mugs, low at two; answers what a listener of the topic has heard so far."""
    shop.sell("mug", stock=5)
    return Listener().events


@pytest.fixture
def stream(shop):
    return Stream()


def restock(quantity: int, key: str) -> None:
    order = StockMovement(key=key, operator="admin", reason="delivery", now=clock.now())
    inventory.restock(StockKey("mug"), quantity, order)


def test_low_stock_is_told_once_per_crossing_and_armed_again_by_a_restock(shop, heard, stream):
    shop.buy({"mug": 2})
    stream.work()
    assert heard() == []
    shop.buy({"mug": 1})
    stream.work()
    shop.buy({"mug": 1})
    stream.work()
    assert [event["data"]["available"] for event in heard()] == [2]
    restock(10, "d-1")
    stream.work()
    shop.buy({"mug": 10})
    stream.work()
    assert [event["type"] for event in heard()] == ["stock.low", "stock.low"]
    assert len({event["id"] for event in heard()}) == 2


def test_a_batch_that_the_stream_repeats_is_told_and_written_once(shop, heard, stream):
    shop.buy({"mug": 4})
    stream.work(times=3)
    assert len({event["id"] for event in heard()}) == len(heard()) == 1
    assert sorted(row["type"] for row in scan("ledger")) == ["INBOUND", "RESERVE"]


def test_a_hold_that_comes_and_goes_does_not_tell_again(shop, heard, stream):
    for _ in range(3):
        cart = factory.cart_with({"mug": 4})
        factory.reserve(cart)
        stream.work()
        shop.call("POST", f"/api/cart/{cart}/release")
        stream.work()
    assert len(heard()) == 1


def test_the_ledger_tells_every_movement_newest_first(shop, heard, stream):
    shop.settle(shop.buy({"mug": 2}))
    restock(3, "d-1")
    stream.work()
    answer = shop.call("GET", "/api/inventory/ledger?variantId=mug&limit=3", **KEY)
    data = answer.json_body["data"]
    assert [entry["type"] for entry in data["items"]] == ["INBOUND", "OUTBOUND", "RESERVE"]
    newest = data["items"][0]
    assert (newest["before"]["available"], newest["after"]["available"]) == (3, 6)
    assert (newest["operator"], newest["reason"]) == ("admin", "delivery")
    path = f"/api/inventory/ledger?variantId=mug&cursor={data['nextCursor']}"
    rest = shop.call("GET", path, **KEY).json_body["data"]
    assert [entry["reason"] for entry in rest["items"]] == ["first stock"]


def run_check(shop, **body) -> dict:
    """A whole check, once the index of open holds has caught up."""
    clock.shift(AN_INDEX_BEHIND)
    answer = shop.call("POST", "/api/admin/inventory/check", body, **KEY)
    assert answer.status_code == 202
    work(clock.now())
    return shop.call("GET", "/api/admin/inventory/check", **KEY).json_body["data"]


def test_a_shop_in_order_has_no_drift(shop, heard, stream):
    shop.settle(shop.buy({"mug": 2}))
    shop.buy({"mug": 1})
    stream.work()
    found = run_check(shop)
    assert (found["drifts"], found["orders"], found["checked"]) == ([], [], 1)


def test_a_hand_in_the_table_is_seen_and_set_right_by_an_adjust_that_says_so(shop, heard, stream):
    shop.buy({"mug": 2})
    item = StockItem.get("mug", "main")
    item.update([StockItem.reserved.set(4), StockItem.available.set(1)])
    stream.work()
    (drift,) = [one for one in run_check(shop)["drifts"] if one["counter"] == "reserved"]
    assert (drift["stored"], drift["should"]) == (4, 2)
    assert run_check(shop, repair=True)["repaired"] == 1
    assert factory.stock("mug") == {"available": 3, "reserved": 2, "sold": 0, "stocked": 5}
    stream.work()
    assert run_check(shop)["drifts"] == []
    newest = inventory.ledger("mug", limit=1, before=None)[0]
    assert (newest.type, newest.operator) == ("ADJUST", "key:owner")
    assert "holds say 2" in newest.reason
    check_world()


def test_an_order_whose_hold_was_given_back_by_hand_is_reported(shop, heard):
    placed = shop.buy({"mug": 2})
    with Transaction() as tx:
        inventory.release(tx, inventory.read_hold(placed.order.hold_id), now=clock.now())
    assert [one["orderId"] for one in run_check(shop)["orders"]] == [placed.order.order_id]
