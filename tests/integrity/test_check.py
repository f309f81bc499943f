"""The nightly check: slice after slice, going on where it stopped, each row alone."""

import pytest

from chalicelib.integrity import check
from chalicelib.inventory.tables import LedgerItem, StockItem
from chalicelib.jobs.rules import BUSY_SECONDS
from chalicelib.jobs.tables import WALK, ChunkItem
from chalicelib.kernel import clock, deadline
from chalicelib.orders.tables import OrderItem
from tests import stage
from tests.faults.shim import Crash, Point, Shim
from tests.integrity.running import work

PATH = "/api/admin/inventory/check"
KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
DAY = 86_400
WAREHOUSES = 7


@pytest.fixture
def wrong(shop):
    """Seven mugs, each at a place of its own, of which two are not what they say; three orders, one
    of them with a hold that is somebody else's."""
    for number in range(WAREHOUSES):
        shop.sell(f"mug-{number}", stock=5)
    orders = [shop.buy({f"mug-{number}": 2}).order for number in range(3)]
    for number in (1, 6):
        StockItem.get(f"mug-{number}", "main").update([StockItem.stocked.set(9)])
    OrderItem.get(orders[0].order_id).update([OrderItem.status.set("PAID")])
    entered(shop)
    clock.shift(60)
    return orders


def entered(shop) -> None:
    """The ledger as the stream would have written it."""
    for at, item in enumerate(StockItem.scan()):
        movement = item.last_movement
        counters = {n: int(getattr(item, n)) for n in ("available", "reserved", "sold", "stocked")}
        LedgerItem(
            item.variant_id,
            str(at).rjust(40, "0"),
            place=item.place,
            type=movement["type"],
            quantity=1,
            before={},
            after=counters,
            movement=movement["id"],
            at=movement["at"],
        ).save()


def found() -> tuple[list[str], list[str]]:
    """What the newest run found: variants whose stock drifted, and orders."""
    run = check.progress()
    drifts = [one["variant_id"] for one in run.findings["drifts"]]
    return sorted(drifts), [one["order_id"] for one in run.findings["orders"]]


def test_a_run_that_stops_after_each_slice_finds_what_one_at_a_go_finds(wrong, monkeypatch):
    work(clock.now())
    whole = found()
    assert whole == (["mug-1", "mug-6"], [wrong[0].order_id])
    monkeypatch.setattr(check, "SLICE", 2)
    clock.shift(DAY + 120)
    runs = [work(clock.now(), most_slices=1) for _ in range(30)]
    assert found() == whole
    assert [one["complete"] for one in runs].index(True) > 8
    rows = {"stock": 7, "ledger": 7, "orders": 3, "balances": 0, "entries": 0}
    assert runs[-1]["rows"] == rows


def test_a_worker_whose_time_is_short_begins_nothing_and_says_so(wrong):
    with deadline.within(check.SHORTEST_SLICE_SECONDS - 1):
        summary = work(clock.now())
    assert (summary["complete"], summary["rows"]) == (False, {})
    assert work(clock.now())["complete"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(4))
def test_a_worker_that_dies_costs_a_slice_and_its_run_is_finished(wrong, monkeypatch, write, after):
    monkeypatch.setattr(check, "SLICE", 4)
    with Shim(crash=Point(write, after=after)), pytest.raises(Crash):
        work(clock.now())
    work(clock.now())
    clock.shift(BUSY_SECONDS + 120)
    assert work(clock.now())["complete"]
    assert found() == (["mug-1", "mug-6"], [wrong[0].order_id])


def test_a_run_that_another_worker_has_is_left_to_it(wrong, monkeypatch):
    monkeypatch.setattr(check, "SLICE", 2)
    work(clock.now(), most_slices=1)
    before = check.progress()
    walk = ChunkItem.get(before.run_id, WALK)
    walk.update([ChunkItem.busy_until.set(clock.now() + 500)])
    work(clock.now())
    assert check.progress().version == before.version


def test_a_day_has_one_run_and_the_next_day_another(wrong):
    first = work(clock.now())["run"]
    assert work(clock.now() + DAY // 2)["run"] == first
    clock.shift(DAY + 120)
    assert work(clock.now())["run"] != first


def test_a_row_that_can_not_be_compared_fails_alone_and_is_counted(wrong, monkeypatch):
    OrderItem.get(wrong[1].order_id).update([OrderItem.status.set("NONSENSE")])
    summary = work(clock.now())
    assert (summary["complete"], summary["failed"]) == (True, 1)
    assert found()[1] == [wrong[0].order_id]


def test_a_row_that_can_not_even_be_read_fails_alone(wrong):
    from chalicelib.config import settings
    from chalicelib.kernel.db import dynamo

    dynamo.connection().client.put_item(
        TableName=settings().table("stock"),
        Item={
            "variant_id": {"S": "broken"},
            "place": {"S": "main"},
            "available": {"S": "many"},
        },
    )
    summary = work(clock.now())
    assert (summary["complete"], summary["failed"]) == (True, 1)
    assert found()[0] == ["mug-1", "mug-6"]


def test_an_order_costs_no_read_of_its_own(shop, monkeypatch):
    shop.sell("mug", stock=50)
    shop.buy({"mug": 1})
    clock.shift(60)
    few = reads(shop)
    for _ in range(4):
        shop.buy({"mug": 1})
    clock.shift(DAY + 120)
    assert reads(shop) == few


def reads(shop) -> int:
    with Shim() as shim:
        work(clock.now())
    return shim.calls.count("GetItem")


def test_a_place_that_rests_is_no_drift_however_often_another_one_moves(shop):
    shop.sell("mug", stock=5)
    StockItem(
        "mug",
        "wh-1",
        available=300,
        stocked=300,
        last_movement={"type": "ADJUST", "quantity": 1, "at": 1, "id": "m-300"},
    ).save()
    StockItem.get("mug", "main").update([StockItem.last_movement["at"].set(1)])
    entered(shop)
    with LedgerItem.batch_write() as batch:
        for number in range(301):
            counters = {"available": number, "reserved": 0, "sold": 0, "stocked": number}
            batch.save(
                LedgerItem(
                    "mug",
                    str(number + 9).rjust(40, "0"),
                    place="wh-1",
                    type="ADJUST",
                    quantity=1,
                    before={},
                    after=counters,
                    movement=f"m-{number}",
                    at=1,
                )
            )
    work(clock.now())
    assert found() == ([], [])
    # And one that is wrong there is seen all the same.
    StockItem.get("mug", "main").update([StockItem.available.set(4), StockItem.stocked.set(4)])
    clock.shift(DAY + 120)
    work(clock.now())
    assert set(found()[0]) == {"mug"}


def test_the_administrator_starts_it_and_sees_how_far_it_is(wrong, shop, monkeypatch):
    assert shop.call("GET", PATH, **KEY).status_code == 404
    begun = shop.call("POST", PATH, {}, **KEY)
    assert begun.status_code == 202
    assert begun.json_body["data"]["status"] == "RUNNING"
    # Asked for again while it is under way, it is the same one; a repair waits for its end.
    again = shop.call("POST", PATH, {}, **KEY)
    assert again.json_body["data"]["runId"] == begun.json_body["data"]["runId"]
    assert shop.call("POST", PATH, {"repair": True}, **KEY).status_code == 409
    monkeypatch.setattr(check, "SLICE", 4)
    work(clock.now(), most_slices=1)
    half = shop.call("GET", PATH, **KEY).json_body["data"]
    assert (half["status"], half["checked"], half["parts"][0]["done"]) == ("RUNNING", 4, False)
    work(clock.now())
    whole = shop.call("GET", PATH, **KEY).json_body["data"]
    assert (whole["status"], whole["complete"], whole["checked"]) == ("DONE", True, 7)
    assert whole["found"] == {"drifts": 2, "orders": 1, "balances": 0}
