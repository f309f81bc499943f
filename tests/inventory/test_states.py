"""Lists and the public report go by states that stock's stream keeps, and read no stock item."""

from contextvars import Context

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory import states, tables
from chalicelib.inventory.operations.movements import StockMovement
from chalicelib.inventory.rules import StockKey, StockState
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import cache, clock
from tests import stage
from tests.faults import hot
from tests.faults.world import scan
from tests.inventory.stream import Stream
from tests.inventory.test_page_cost import Reads

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
MANY = 200


@pytest.fixture
def stream(shop):
    """The shop sells mugs, low at two."""
    shop.sell("mug", stock=5)
    made = Stream()
    made.work()
    return made


def state(variant_id: str = "mug") -> str | None:
    return next(
        (row["state"] for row in scan("stock-states") if row["variant_id"] == variant_id), None
    )


def move(quantity: int, key: str) -> None:
    order = StockMovement(key=key, operator="admin", reason="counted", now=clock.now())
    inventory.adjust(StockKey("mug"), quantity, order)


def test_the_first_stock_is_told_by_the_stream(shop):
    stream = Stream()
    shop.sell("mug", stock=5)
    assert state() is None
    stream.work()
    assert state() == StockState.IN_STOCK


@pytest.mark.parametrize(
    ("left", "found"), [(3, "IN_STOCK"), (2, "LOW"), (1, "LOW"), (0, "SOLD_OUT")]
)
def test_what_is_left_decides(stream, left, found):
    move(left - 5, "k-1")
    stream.work()
    assert state() == found


def test_a_new_threshold_changes_the_state_too(shop, stream):
    path = "/api/admin/inventory/mug/threshold"
    assert shop.call("POST", path, {"quantity": 5}, **KEY).status_code == 200
    stream.work()
    assert state() == StockState.LOW


def test_all_places_and_shards_count_together(stream):
    hot.heat("mug", 4)
    stream.work()
    assert state() == StockState.IN_STOCK
    hot.hold("hld_1", {"mug": 5})
    stream.work()
    assert state() == StockState.SOLD_OUT


def test_a_movement_that_changes_no_state_writes_nothing(stream, monkeypatch):
    monkeypatch.setattr(states.StockStateItem, "save", lambda item: pytest.fail("written"))
    hot.hold("hld_1", {"mug": 1})
    stream.work()
    hot.end(inventory.commit, "hld_1")
    stream.work()


def test_an_old_batch_that_comes_again_writes_what_is_true_now(stream):
    move(-5, "k-1")
    records = list(stream.records())
    stream.work()
    move(5, "k-2")
    stream.work()
    for _, write in states.of_batch(records):
        write()
    assert state() == StockState.IN_STOCK


def interrupted(monkeypatch) -> None:
    """While the worker writes that nothing is left, units come in and another worker tells so."""
    honest, moved = states.StockStateItem.save, []

    def meanwhile(shard: str) -> None:
        move(5, "k-2")
        change = states.StockStateItem.state.set(StockState.IN_STOCK)
        states.StockStateItem(shard, "mug").update(actions=[change])

    def save(item):
        if not moved:
            moved.append(True)
            # Others' doing, not this worker's.
            Context().run(meanwhile, item.shard)
        honest(item)

    monkeypatch.setattr(states.StockStateItem, "save", save)


def test_of_two_workers_at_once_the_last_word_is_the_stocks(stream, monkeypatch):
    move(-5, "k-1")
    interrupted(monkeypatch)
    stream.work()
    assert state() == StockState.IN_STOCK


def test_control_without_a_second_look_an_old_state_stays(stream, monkeypatch):
    move(-5, "k-1")
    interrupted(monkeypatch)
    seen = tables.rooms_of("mug")
    monkeypatch.setattr(tables, "rooms_of", lambda variant_id: seen)
    stream.work()
    assert state() == StockState.SOLD_OUT


def test_a_list_of_many_products_reads_their_states_and_no_stock(shop, monkeypatch):
    stream = Stream()
    for number in range(MANY):
        shop.sell(f"v-{number}", stock=number % 2)
    stream.work()
    reads = Reads(monkeypatch)
    monkeypatch.setattr(tables.StockItem, "batch_get", lambda *_, **__: pytest.fail("stock read"))

    def ask() -> None:
        answer = shop.call("GET", "/api/products?inStock=true&pageSize=100")
        assert answer.json_body["data"]["pagination"]["total"] == MANY // 2
        answer = shop.call("GET", "/api/inventory/report")
        assert answer.json_body["data"]["totals"]["soldOut"] == MANY // 2

    calls, _ = reads.of(ask)
    assert calls <= states.SHARDS + 4, "the shelf, the settings, the report's limit"


def test_lists_are_remembered_for_seconds_and_then_right(shop, stream):
    def in_stock() -> bool:
        (card,) = shop.call("GET", "/api/products").json_body["data"]["items"]
        return card["inStock"]

    assert in_stock()
    move(-5, "k-1")
    stream.work()
    clock.shift(6)
    assert not in_stock()


def test_a_variant_of_which_the_stream_has_told_nothing_is_looked_up(shop):
    # A shop that was there before its states were kept: nothing moves, and nothing is missing.
    shop.sell("mug", stock=5)
    shop.sell("cup", stock=0)
    found = inventory.shelf_states(["mug", "cup", "ghost"])
    assert found == {
        "mug": StockState.IN_STOCK,
        "cup": StockState.SOLD_OUT,
        "ghost": StockState.SOLD_OUT,
    }


def test_a_variant_whose_items_are_gone_is_sold_out(stream):
    StockItem("mug", "main").delete()
    stream.work()
    cache.forget_all()
    assert inventory.shelf_states(["mug"]) == {"mug": StockState.SOLD_OUT}
