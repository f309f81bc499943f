"""One balance and many who want of it at the same moment."""

import pytest

from chalicelib.balance import check, service
from chalicelib.balance.rules import BalanceTooLow, Movement, Reason
from chalicelib.balance.tables import BalanceItem
from chalicelib.kernel import clock
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import token
from chalicelib.kernel.money import Money
from tests import factory, live
from tests.faults.balances import check_balances
from tests.faults.world import scan

pytestmark = pytest.mark.usefixtures("busy_tables")
MANY, EACH = 8, 300


def take(user_id: str, name: str) -> str:
    """What came of taking: `made`, `low` or `busy`."""
    wanted = Movement(name, user_id, Money(-EACH, "USD"), Reason.PAYMENT, "ord_1")
    try:
        service.make(wanted, now=clock.now())
    except BalanceTooLow:
        return "low"
    except Unavailable:
        return "busy"
    return "made"


def at_once(monkeypatch, user_id: str, names: list[str]) -> list[str]:
    """All have read the balance as it was before the first of them writes."""
    with monkeypatch.context() as patched:
        patched.setattr(service, "read", live.Meeting(MANY).after(service.read))
        return live.at_once([lambda name=name: take(user_id, name) for name in names])


def taken_from(user_id: str) -> list[int]:
    rows = [row for row in scan("balance-entries") if row.get("user_id") == user_id]
    return [row["amount"] for row in rows if row["amount"] < 0]


def test_many_at_once_take_no_more_than_there_is(monkeypatch):
    user_id = factory.user_with(1000)
    outcomes = at_once(monkeypatch, user_id, [token("bal") for _ in range(MANY)])
    made = outcomes.count("made")
    assert 1 <= made <= 3
    assert taken_from(user_id) == [-EACH] * made
    assert factory.balance_of(user_id) == 1000 - EACH * made
    assert not [one for one in check.compare() if one.user_id == user_id]


def test_the_same_movement_by_many_at_once_is_made_once(monkeypatch):
    user_id = factory.user_with(EACH)
    outcomes = at_once(monkeypatch, user_id, [token("bal")] * MANY)
    assert set(outcomes) == {"made"}
    assert taken_from(user_id) == [-EACH]
    assert factory.balance_of(user_id) == 0


def test_control_without_the_turns_condition_they_take_more_than_there_is(monkeypatch):
    user_id = factory.user_with(1000)
    monkeypatch.setattr(service, "_unmoved", lambda balance: BalanceItem.user_id.exists())
    at_once(monkeypatch, user_id, [token("bal") for _ in range(MANY)])
    assert sum(taken_from(user_id)) < -1000
    balances = [row for row in scan("balances") if row["user_id"] == user_id]
    entries = [row for row in scan("balance-entries") if row.get("user_id") == user_id]
    with pytest.raises(AssertionError):
        check_balances(balances, entries, [], [])
