"""The recorder sees what functions do, and says when that is more or less than they may."""

import pytest

from chalicelib.inventory.tables import StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState
from chalicelib.orders.tables import OrderItem
from tests.permissions import recorder
from tests.stage import ROOT
from tools import permissions


@pytest.fixture(autouse=True)
def own_record(monkeypatch):
    """What is done here on purpose counts for nobody's policy."""
    monkeypatch.setattr(recorder, "used", {})
    yield
    recorder.refused.clear()


def test_a_call_belongs_to_the_function_whose_handler_runs(shop):
    shop.call("GET", "/api/products")
    assert ("products/index", "dynamodb:Query") in recorder.used["shop"]
    assert set(recorder.used) == {"shop"}


def test_a_jobs_service_called_by_a_test_counts_as_the_job(shop):
    shop.sweep()
    assert ("holds/index", "dynamodb:Query") in recorder.used["sweep"]


def test_a_workers_handler_counts_as_its_function(shop):
    shop.sell("mug", stock=3)
    shop.settle(shop.buy({"mug": 1}))
    assert ("orders", "dynamodb:UpdateItem") in recorder.used["settle"]


def test_each_write_of_a_transaction_is_seen_with_its_own_table(tables):
    with recorder.running("ledger"), Transaction() as tx:
        tx.delete(StockItem("mug", "main"))
        tx.delete(OrderItem("ord_1"))
    done = {("stock", "dynamodb:DeleteItem"), ("orders", "dynamodb:DeleteItem")}
    assert recorder.used["ledger"] == done
    recorder.refused.clear()


def test_control_what_a_function_may_not_do_is_told(tables):
    with recorder.running("ledger"):
        assert dynamo.get(OrderItem, "ord_1") is None
    assert recorder.refused == ["ledger may not dynamodb:GetItem on orders"]
    recorder.refused.clear()


def test_control_a_grant_that_nothing_uses_is_told():
    granted = permissions.granted("sweep")
    (one, *others) = sorted(granted)
    assert permissions.unused("sweep", set(others)) == {one}
    assert permissions.unused("sweep", granted) == set()


def test_a_refused_write_counts_as_well(tables):
    with recorder.running("sweep"), pytest.raises(StaleState):
        dynamo.delete(
            StockItem("mug", "main"),
            condition=StockItem.variant_id.exists(),
            on_condition_failed=StaleState(),
        )
    assert recorder.refused == ["sweep may not dynamodb:DeleteItem on stock"]
    recorder.refused.clear()


def test_no_policy_names_a_wildcard_of_actions_or_an_unknown_resource():
    for function in permissions.functions():
        for resource, action in permissions.granted(function):
            assert "*" not in action
            assert "$" not in resource, f"{function}: {resource}"


def test_the_table_in_the_docs_is_what_the_policies_say():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert permissions.page(page) == page, "run python -m tools.permissions"


def test_what_another_worker_does_meanwhile_is_not_counted_as_the_functions(tables):
    with recorder.running("ledger"), recorder.elsewhere():
        assert dynamo.get(OrderItem, "ord_1") is None
    assert recorder.used == {}
