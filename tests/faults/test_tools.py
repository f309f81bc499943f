"""The fault tools do what they say: a tool that does nothing would let every test pass."""

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from chalicelib.inventory.tables import EXPIRY_SHARDS, HoldItem, StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from tests import live
from tests.faults import hot
from tests.faults.stale import StaleIndex
from tests.faults.throttle import Throttle


def touch(variant_id: str = "mug") -> None:
    """One plain write of a stock item."""
    dynamo.update(
        StockItem(variant_id, "main"),
        [StockItem.low_stock_at.set(1)],
        condition=StockItem.variant_id.exists(),
        on_condition_failed=AssertionError("not there"),
    )


def touch_in_transaction() -> None:
    with Transaction() as tx:
        tx.update(
            StockItem("mug", "main"),
            [StockItem.low_stock_at.set(2)],
            condition=None,
            on_condition_failed=None,
        )


@pytest.fixture
def mug(shelf):
    shelf.sell("mug", stock=5)
    shelf.sell("cup", stock=5)


def test_an_item_takes_its_units_and_no_more_until_time_goes_on(mug):
    now = [0.0]
    with Throttle(rate=10, clock=lambda: now[0]) as throttle:
        for _ in range(10):
            touch()
        with pytest.raises(ClientError, match="ThrottlingException"):
            touch()
        touch("cup")  # another item has units of its own
        now[0] += 0.5
        for _ in range(5):
            touch()
        assert isinstance(live.attempt(touch), ClientError)
    assert (throttle.admitted, throttle.throttled) == (16, 2)
    assert throttle.units.most_common(1)[0][1] == 15 == throttle.ceiling(0.5)


def test_a_transaction_costs_two_units_an_item(mug, monkeypatch):
    monkeypatch.setattr("chalicelib.kernel.db.transaction.time.sleep", lambda seconds: None)
    with Throttle(rate=4, clock=lambda: 0) as throttle:
        touch_in_transaction()
        touch_in_transaction()
        assert type(live.attempt(touch_in_transaction)).__name__ == "Unavailable"
    assert throttle.admitted == 2 and throttle.ceiling(0, cost=2) == 2


@pytest.mark.parametrize("conflicts", [True, False])
def test_a_write_that_meets_a_transaction_on_its_item_is_refused_if_asked_for(
    mug, monkeypatch, conflicts
):
    real, met = BaseClient._make_api_call, []

    def meet(client, operation, request):
        if operation == "TransactWriteItems" and not met:
            met.append(None)
            met[0] = live.attempt(touch)
            touch("cup")
        return real(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", meet)
    monkeypatch.setattr("chalicelib.kernel.db.dynamo.time.sleep", lambda seconds: None)
    with Throttle(rate=None, conflicts=conflicts) as throttle:
        touch_in_transaction()
        touch()
    assert bool(throttle.conflicted) == conflicts == isinstance(met[0], ClientError)


def test_a_stale_index_answers_as_things_were_and_only_so_often(mug):
    hot.hold("hld_1", {"mug": 1}, until=10)
    found = lambda: [  # noqa: E731
        item.hold_id
        for number in range(EXPIRY_SHARDS)
        for item in HoldItem.by_expiry.query(f"{number:02d}")
    ]
    with StaleIndex("holds", calls=EXPIRY_SHARDS) as index:
        hot.hold("hld_2", {"mug": 1}, until=10)
        assert found() == ["hld_1"]
        assert sorted(found()) == ["hld_1", "hld_2"]
    assert index.served == EXPIRY_SHARDS
