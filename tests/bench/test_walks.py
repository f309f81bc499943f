"""The five walks stay as short as they are."""

import pytest

from bench import walks
from chalicelib.orders import service as orders
from chalicelib.settlement import outcomes

# Calls to DynamoDB at most. Shorter? Lower the figure, here and in docs/benchmarks.md.
CALLS = {
    "add to cart": 7,
    "checkout": 12,
    "worker until PAID": 3,
    "sweep of one unpaid order": 9,
    "refund": 8,
}


@pytest.fixture(scope="module")
def measured() -> dict[str, walks.Walked]:
    return walks.measured()


def test_no_walk_makes_more_calls_than_it_did(measured):
    assert {name: sum(found.calls.values()) for name, found in measured.items()} == CALLS


def test_no_walk_of_settlement_enters_what_only_shows_or_edits(measured):
    for name in ("worker until PAID", "sweep of one unpaid order", "refund"):
        assert measured[name].contexts & {"cart", "catalog", "checkout"} == set()


def test_control_a_read_more_is_seen(monkeypatch):
    def situation(found, payment):
        orders.read(payment.reference)
        return honest(found, payment)

    honest = outcomes.situation
    monkeypatch.setattr(outcomes, "situation", situation)
    found = walks.measured()["worker until PAID"]
    assert sum(found.calls.values()) > CALLS["worker until PAID"]
