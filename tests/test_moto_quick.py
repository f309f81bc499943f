"""What makes moto quicker takes nothing back that should stay, and keeps nothing that should go."""

import pytest

from chalicelib.inventory.tables import StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.orders.tables import CheckItem
from tests import moto_quick
from tests.stage import moto_here

GONE = CheckItem.name.does_not_exist() & CheckItem.name.exists()


@pytest.fixture
def known(tables):
    """Two items in each of two tables, with and without a range key."""
    for name in ("mug", "pen"):
        StockItem(name, "main", available=1, stocked=1, low_stock_at=0).save()
        CheckItem(name, run_id="r", operator="o", started_at=1, version=1, part="stock").save()


def contents() -> tuple[list[str], list[str], int]:
    return moto_here.contents("stock"), moto_here.contents("checks"), len(moto_here.stream("stock"))


def write(condition) -> None:
    with Transaction() as tx:
        tx.put(StockItem("cup", "main", available=9), condition=None, on_condition_failed=None)
        tx.update(
            StockItem("mug", "main"),
            [StockItem.available.set(7)],
            condition=None,
            on_condition_failed=None,
        )
        tx.delete(StockItem("pen", "main"))
        tx.update(
            CheckItem("mug"), [CheckItem.version.set(7)], condition=None, on_condition_failed=None
        )
        tx.delete(CheckItem("pen"), condition=condition, on_condition_failed=StaleState())


def test_a_refused_transaction_leaves_every_kind_of_item_as_it_was(known):
    before = contents()
    with pytest.raises(StaleState):
        write(GONE)
    assert contents() == before


def test_a_transaction_that_is_carried_out_is_seen_whole(known):
    write(CheckItem.name.exists())
    (stock, checks, streamed) = contents()
    assert (len(stock), len(checks), streamed) == (2, 1, 5)
    assert dynamo.get(StockItem, "mug", "main").available == 7
    assert dynamo.get(CheckItem, "mug").version == 7


def test_control_a_copy_without_the_items_that_are_named_would_not_come_back(known, monkeypatch):
    kept = moto_quick._kept
    monkeypatch.setattr(moto_quick, "_kept", lambda table, keys: kept(table, []))
    before = contents()
    with pytest.raises(StaleState):
        write(GONE)
    assert contents() != before


def test_an_expression_that_comes_again_is_reckoned_anew(known):
    for number in (3, 4):
        made = dynamo.update(
            StockItem("mug", "main"),
            [StockItem.available.set(StockItem.available + number)],
            condition=None,
            on_condition_failed=StaleState(),
        )
    assert made.available == 1 + 3 + 4
