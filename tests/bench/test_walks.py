"""The five walks stay as short as they are."""

import pytest

from bench import walks
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.settlement import outcomes, write

# Calls to DynamoDB at most. Shorter? Lower the figure, here and in docs/benchmarks.md.
CALLS = {
    "add to cart": 7,
    "checkout": 12,
    "worker until PAID": 3,
    "sweep of one unpaid order": 9,
    "refund": 8,
}


# Files of the shop, without the kernel's. One more is no harm where it makes things clearer: raise
# the figure with it, here and in docs/benchmarks.md.
FILES = {
    "add to cart": 13,
    "checkout": 39,
    "worker until PAID": 26,
    "sweep of one unpaid order": 24,
    "refund": 20,
}


@pytest.fixture(scope="module")
def measured() -> dict[str, walks.Walked]:
    return walks.measured()


def test_no_walk_makes_more_calls_than_it_did(measured):
    assert {name: sum(found.calls.values()) for name, found in measured.items()} == CALLS


def test_no_walk_enters_more_files_than_it_did(measured):
    assert {name: len(found.own_files) for name, found in measured.items()} == FILES


def test_no_walk_of_settlement_enters_what_only_shows_or_edits(measured):
    for name in ("worker until PAID", "sweep of one unpaid order", "refund"):
        assert measured[name].contexts & {"cart", "catalog", "checkout"} == set()


# Which contexts settlement goes into as an order is paid: one read for all of them, then a write in
# each. What came before (the webhook is verified) and the kernel's transaction are not its own.
ENTERED = ["orders", "payments", "inventory", "webhooks"]


def test_a_settled_order_enters_no_context_twice(measured):
    assert measured["worker until PAID"].entered_by("settlement") == ENTERED


def test_control_a_context_that_is_asked_once_more_is_entered_twice(monkeypatch):
    def take_step(tx, order, *facts, **named):
        payments.read(order.payment_id)
        return honest(tx, order, *facts, **named)

    honest = write.take_step
    monkeypatch.setattr(write, "take_step", take_step)
    entered = walks.measured()["worker until PAID"].entered_by("settlement")
    assert entered == ["orders", "payments", *ENTERED]


# Adding to a cart reads its stock to decide, and once it is written to show it with all lines.
@pytest.mark.parametrize("walk", [name for name in walks.WALKS if name != "add to cart"])
def test_no_item_is_read_twice(measured, walk):
    found = measured[walk].items
    assert found
    assert {item: count for item, count in found.items() if count > 1} == {}


def test_control_a_read_more_is_seen(monkeypatch):
    def situation(found, payment):
        orders.read(payment.reference)
        return honest(found, payment)

    honest = outcomes.situation
    monkeypatch.setattr(outcomes, "situation", situation)
    found = walks.measured()["worker until PAID"]
    assert sum(found.calls.values()) > CALLS["worker until PAID"]
    assert 2 in found.items.values()
