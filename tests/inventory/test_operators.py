"""What the shop's owner does to stock, over HTTP: once per key, never below zero, always told."""

import json
from typing import Any

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.operations.warehouses import Warehouse
from tests import factory, stage
from tests.faults.world import check_world, scan

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}


@pytest.fixture
def stocked(shop):
    shop.sell("mug", stock=5)
    inventory.set_warehouses([Warehouse("main", "Main", 0), Warehouse("east", "East", 1)])
    return shop


def post(shop, path: str, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
    answer = shop.call("POST", f"/api/admin/inventory/mug/{path}", body, **{**KEY, **headers})
    return answer.status_code, json.loads(answer.body)


def test_a_restock_adds_units_and_says_how_many_there_are(stocked):
    status, body = post(stocked, "restock", {"quantity": 3})
    assert (status, body["data"]["available"], body["data"]["stocked"]) == (200, 8, 8)
    check_world()


def test_the_same_key_moves_stock_once(stocked):
    for _ in range(3):
        status, body = post(stocked, "restock", {"quantity": 3}, **{"Idempotency-Key": "d-1"})
        assert (status, body["data"]["available"]) == (200, 8)
    assert len(scan("operations")) == 1


def test_another_key_is_another_delivery(stocked):
    for key in ("d-1", "d-2"):
        post(stocked, "restock", {"quantity": 3}, **{"Idempotency-Key": key})
    assert factory.stock("mug")["available"] == 11


def test_units_counted_missing_are_taken_out_but_never_below_zero(stocked):
    assert post(stocked, "adjust", {"quantity": -2, "reason": "broken"})[0] == 200
    assert factory.stock("mug")["available"] == 3
    status, body = post(stocked, "adjust", {"quantity": -4, "reason": "broken"})
    assert (status, body["code"], body["errors"][0]["available"]) == (409, "NOT_ENOUGH_STOCK", 3)
    assert factory.stock("mug") == {"available": 3, "reserved": 0, "sold": 0, "stocked": 3}


def test_returned_units_are_for_sale_again_and_no_more_than_were_sold(stocked):
    stocked.settle(stocked.buy({"mug": 2}))
    assert post(stocked, "return", {"quantity": 1})[0] == 200
    assert factory.stock("mug") == {"available": 4, "reserved": 0, "sold": 1, "stocked": 5}
    assert post(stocked, "return", {"quantity": 2})[1]["code"] == "NOT_ENOUGH_STOCK"


def test_a_transfer_moves_units_to_a_warehouse_that_serves_second(stocked):
    status, body = post(stocked, "transfer", {"quantity": 4, "toWarehouseId": "east"})
    assert (status, body["data"]["available"]) == (200, 5)
    assert factory.stock("mug")["available"] == 1
    placed = stocked.buy({"mug": 3})
    places = {key.place for key in inventory.read_hold(placed.order.hold_id).units}
    assert places == {"east"}, "one warehouse alone where one has enough"
    check_world()


def test_a_hold_takes_from_two_warehouses_when_none_has_enough(stocked):
    post(stocked, "transfer", {"quantity": 3, "toWarehouseId": "east"})
    placed = stocked.buy({"mug": 5})
    units = inventory.read_hold(placed.order.hold_id).units
    assert {key.place: count for key, count in units.items()} == {"main": 2, "east": 3}
    stocked.settle(placed)
    check_world(stocked.sandbox.state())


@pytest.mark.parametrize("shards", [4, 16])
def test_a_hot_variant_can_be_adjusted_returned_and_moved_like_any_other(stocked, shards):
    post(stocked, "restock", {"quantity": 95})
    assert post(stocked, "hot", {"shards": shards})[1]["data"]["available"] == 100
    stocked.settle(stocked.buy({"mug": 3}))
    post(stocked, "adjust", {"quantity": -7, "reason": "counted"})
    post(stocked, "return", {"quantity": 2})
    status, body = post(stocked, "transfer", {"quantity": 30, "toWarehouseId": "east"})
    assert (status, body["data"]["available"], body["data"]["sold"]) == (200, 92, 1)
    assert post(stocked, "hot", {"shards": 0})[1]["data"]["available"] == 92
    assert factory.stock("mug")["available"] == 62
    for item in scan("stock"):
        assert item["stocked"] == item["available"] + item["reserved"] + item["sold"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("restock", {"quantity": 0}, "quantity"),
        ("restock", {"quantity": "3"}, "quantity"),
        ("restock", {"quantity": True}, "quantity"),
        ("restock", {"quantity": 1, "warehouseId": "moon"}, "warehouseId"),
        ("transfer", {"quantity": 1, "toWarehouseId": "main"}, "toWarehouseId"),
        ("transfer", {"quantity": 1, "toWarehouseId": "moon"}, "warehouseId"),
        ("adjust", {"quantity": 1}, "reason"),
        ("hot", {"shards": 33}, "shards"),
        ("hot", {"shards": -1}, "shards"),
        ("threshold", {"quantity": -1}, "quantity"),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_moves_nothing(stocked, path, body, field):
    before = scan("stock")
    status, answer = post(stocked, path, body)
    assert (status, answer["errors"][0]["field"]) == (422, field)
    assert scan("stock") == before


@pytest.mark.parametrize("path", ["restock", "adjust", "transfer", "threshold", "hot", "return"])
def test_a_variant_the_shop_never_stocked_is_not_there(stocked, path):
    body = {
        "transfer": {"quantity": 1, "toWarehouseId": "east"},
        "adjust": {"quantity": 1, "reason": "x"},
        "hot": {"shards": 4},
    }.get(path, {"quantity": 1})
    answer = stocked.call("POST", f"/api/admin/inventory/ghost/{path}", body, **KEY)
    assert (answer.status_code, answer.json_body["code"]) == (404, "VARIANT_NOT_FOUND")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({}, 401, "UNAUTHORIZED"), ({"X-Api-Key": "guess"}, 401, "UNAUTHORIZED")],
)
def test_nobody_moves_stock_without_the_owners_key(stocked, headers, status, code):
    for path in ("restock", "adjust", "transfer", "threshold", "hot", "return"):
        answer = stocked.call("POST", f"/api/admin/inventory/mug/{path}", {}, **headers)
        assert (answer.status_code, answer.json_body["code"]) == (status, code)
    assert stocked.call("GET", "/api/inventory/ledger?variantId=mug", **headers).status_code == 401


def test_the_report_tells_counters_and_worth_page_by_page(stocked):
    for name in ("cup", "jar"):
        stocked.sell(name, stock=2)
    stocked.buy({"mug": 2})
    first = stocked.call("GET", "/api/inventory/report?limit=2", **KEY).json_body["data"]
    assert [row["variantId"] for row in first["items"]] == ["cup", "jar"]
    path = f"/api/inventory/report?limit=2&cursor={first['nextCursor']}"
    rest = stocked.call("GET", path, **KEY).json_body["data"]
    (row,) = rest["items"]
    assert (row["available"], row["reserved"], row["value"]["amount"]) == (3, 2, 5 * 1999)
    assert rest["nextCursor"] is None


def test_anybody_is_told_totals_of_the_shelf_and_no_counter(stocked):
    stocked.sell("cup", stock=1)
    stocked.sell("jar", stock=0)
    answer = stocked.call("GET", "/api/inventory/report?limit=1&cursor=cup")
    totals = {"variants": 3, "inStock": 2, "low": 1, "soldOut": 1}
    assert answer.json_body["data"] == {"totals": totals, "items": None, "nextCursor": None}
    all_of_it = stocked.call("GET", "/api/inventory/report", **KEY).json_body["data"]
    assert all_of_it["totals"] == totals and len(all_of_it["items"]) == 3
    wrong = stocked.call("GET", "/api/inventory/report", **{"X-Api-Key": "guess"})
    assert (wrong.status_code, wrong.json_body["code"]) == (401, "UNAUTHORIZED")


def test_a_variant_is_told_with_price_and_stock(stocked):
    data = stocked.call("GET", "/api/inventory/variant/mug").json_body["data"]
    assert (data["id"], data["price"]["amount"], data["stock"]["available"]) == ("mug", 1999, 5)
    assert stocked.call("GET", "/api/inventory/variant/ghost").status_code == 404
