"""The nightly check goes through the whole shop though what it compares with can't be read."""

import pytest

from chalicelib.balance.tables import BalanceItem, EntryItem
from chalicelib.integrity import check
from chalicelib.inventory.ledger.check import OpenHolds
from chalicelib.inventory.tables import LedgerItem
from chalicelib.kernel import clock
from tests import factory
from tests.faults.rows import damage, unreadable
from tests.integrity.running import work
from tests.integrity.test_check import entered

PARTS = {"stock": 4, "ledger": 4, "orders": 3, "balances": 0, "entries": 0}


@pytest.fixture
def three(shop):
    """Three orders of three mugs: one paid, two that wait."""
    for number in range(4):
        shop.sell(f"mug-{number}", stock=5)
    placed = [shop.buy({f"mug-{number}": 2}) for number in range(3)]
    shop.settle(placed[0])
    entered(shop)
    clock.shift(60)
    return placed


def checked(failed: int) -> None:
    summary = work(clock.now())
    assert (summary["complete"], summary["rows"], summary["failed"]) == (True, PARTS, failed)


def test_an_open_hold_that_can_not_be_read_keeps_no_other_row_from_being_checked(three):
    unreadable("holds", {"hold_id": three[1].order.hold_id})
    summary = work(clock.now())
    assert (summary["complete"], summary["rows"]) == (True, PARTS)
    assert summary["failed"] >= 1


def test_an_ended_hold_that_can_not_be_read_keeps_no_other_row_from_being_checked(three):
    unreadable("holds", {"hold_id": three[0].order.hold_id})
    checked(failed=1)


def test_a_ledger_entry_that_can_not_be_read_keeps_no_other_row_from_being_checked(three):
    entry = next(iter(LedgerItem.query("mug-2")))
    entry.update([LedgerItem.after.set({"available": "many"})])
    summary = work(clock.now())
    assert summary["complete"]
    assert summary["failed"] >= 1


def test_control_what_an_unreadable_hold_has_would_be_told_as_drift_and_sold_twice(
    three, monkeypatch
):
    unreadable("holds", {"hold_id": three[1].order.hold_id})
    monkeypatch.setattr(OpenHolds, "__init__", blind(OpenHolds.__init__))
    check.start(repair=True, operator="me", operation="run", now=clock.now())
    work(clock.now())
    assert factory.stock("mug-1")["available"] == 5


def test_no_repair_sells_what_an_unreadable_hold_may_have(three):
    unreadable("holds", {"hold_id": three[1].order.hold_id})
    check.start(repair=True, operator="me", operation="run", now=clock.now())
    work(clock.now())
    assert factory.stock("mug-1")["available"] == 3


def blind(real):
    def made(self) -> None:
        real(self)
        self.unread = {}

    return made


def test_a_balance_that_can_not_be_read_keeps_no_other_row_from_being_checked(three):
    for name in ("ada", "bob"):
        BalanceItem(name, "USD", amount=5, version=1, updated_at=1).save()
        EntryItem(
            f"e-{name}", user_id=name, place="1", currency="USD", amount=5, reason="REFUND",
            reference="x", version=1, at=1,
        ).save()  # fmt: skip
    damage("balances", {"user_id": "ada", "currency": "USD"}, amount="much")
    summary = work(clock.now())
    assert (summary["complete"], summary["failed"], summary["balances"]) == (True, 1, 0)
    assert summary["rows"]["entries"] == 2
