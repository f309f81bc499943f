"""The stock benchmark in small: what it asserts of ten thousand buyers holds for six hundred."""

from collections.abc import Iterator

import pytest

from bench.stock import baskets, sale
from bench.stock.buying import Buyers
from bench.stock.crowd import Crowd
from bench.stock.place import Place, opened
from chalicelib.inventory.holds import writes
from chalicelib.inventory.tables import StockItem

CROWD = Crowd(processes=2, threads=16)
BUYERS, UNITS = 600, 40


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with opened() as made:
        yield made


@pytest.mark.parametrize("shards", [0, 16], ids=["plain", "hot"])
def test_six_hundred_buyers_of_forty_units_hold_exactly_forty(place, shards):
    row, wrong = sale.calm(place, buyers=BUYERS, units=UNITS, shards=shards, seed=1, crowd=CROWD)
    assert wrong == []
    assert (row["held"], row["sold_out"], row["errors"]) == (UNITS, BUYERS - UNITS, 0)


@pytest.mark.parametrize("shards", [0, 4], ids=["plain", "hot"])
def test_baskets_in_opposite_orders_are_held_whole_or_told_sold_out(place, shards):
    row, wrong = baskets.contend(place, buyers=50, units=15, shards=shards, seed=1, crowd=CROWD)
    assert wrong == []
    assert row["most_tries"] <= baskets.TRIES


class Careless(Buyers):
    """Buyers in a shop that takes units without looking whether there are any."""

    def prepare(self, seed: int) -> None:
        super().prepare(seed)
        writes._enough = lambda change: StockItem.variant_id.exists()


def test_control_units_sold_twice_are_told(place, monkeypatch):
    monkeypatch.setattr(sale, "Buyers", Careless)
    monkeypatch.setattr(sale, "check_world", lambda: None)
    _, wrong = sale.calm(place, buyers=60, units=20, shards=0, seed=1, crowd=CROWD)
    assert "oversold: 60 of 20" in wrong
