"""One bad row keeps no other hold from ending, and no other hot variant or stray units waiting."""

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import HoldStatus
from chalicelib.kernel import clock
from chalicelib.settlement import expire
from tests import factory
from tests.faults import hot
from tests.faults.rows import damage, unreadable
from tests.faults.world import scan
from tests.metrics import metrics

AN_HOUR = 3600


@pytest.fixture
def expired(shelf):
    """Five holds past their end; the first is of a pen."""
    shelf.sell("pen", stock=5)
    shelf.sell("mug", stock=5)
    hot.hold("hld_bad", {"pen": 1}, until=clock.now() + 60)
    for number in range(4):
        hot.hold(f"hld_{number}", {"mug": 1}, until=clock.now() + 60)


def ended() -> int:
    return sum(row["status"] == HoldStatus.RELEASED for row in scan("holds"))


def test_a_hold_whose_stock_drifted_keeps_no_other_one_from_ending(expired, capsys):
    damage("stock", {"variant_id": "pen", "place": "main"}, reserved=0)
    swept = expire.sweep(clock.now() + AN_HOUR)
    assert (ended(), swept.ended, swept.failed, swept.complete) == (4, 4, 1, False)
    assert swept.counts()["complete"] == 0
    assert [each["RowsFailed"] for each in metrics(capsys) if each.get("job") == "sweep"] == [1]


def test_a_hold_that_can_not_be_read_keeps_no_other_one_from_ending(expired):
    unreadable("holds", {"hold_id": "hld_bad"})
    swept = expire.sweep(clock.now() + AN_HOUR)
    assert (ended(), swept.failed, swept.complete) == (4, 1, False)


def test_control_read_in_one_go_an_unreadable_hold_ends_the_sweep(expired):
    unreadable("holds", {"hold_id": "hld_bad"})
    with pytest.raises(ValueError, match="NONSENSE"):
        list(inventory.expired_holds(clock.now() + AN_HOUR))


def test_one_hot_variant_that_can_not_be_put_in_order_keeps_no_other_one_back(shelf, monkeypatch):
    for name in ("jam", "mug", "pen"):
        shelf.sell(name, stock=20)
        hot.heat(name, 4)
    real = inventory.rebalance

    def rebalance(variant_id: str, *, now: int) -> int:
        if variant_id == "mug":
            raise KeyError(variant_id)
        return real(variant_id, now=now)

    monkeypatch.setattr(inventory, "rebalance", rebalance)
    damage("stock", {"variant_id": "jam", "place": "main"}, available=8, stocked=8)
    damage("stock", {"variant_id": "pen", "place": "main"}, available=8, stocked=8)
    swept = expire.sweep(clock.now())
    assert (swept.failed, swept.complete) == (1, False)
    for name in ("jam", "pen"):
        assert "main" not in hot.by_place(name)


def test_one_note_that_can_not_be_read_keeps_no_other_stray_units(shelf):
    shelf.sell("mug", stock=20)
    hot.heat("mug", 2)
    later = clock.now() + AN_HOUR
    hot.hold("hld_bad", {"mug": 1}, until=later + AN_HOUR)
    hot.hold("hld_lost", {"mug": 3}, until=later + AN_HOUR)
    from chalicelib.inventory.tables import HoldItem

    HoldItem("hld_lost").delete()
    unreadable("holds", {"hold_id": "hld_bad"})
    swept = expire.sweep(later)
    assert (swept.failed, swept.complete) == (1, False)
    assert hot.totals("mug")["reserved"] == 1


def test_stock_is_as_it_was(expired):
    """The fixture itself is sound: without damage everything ends."""
    assert expire.sweep(clock.now() + AN_HOUR).complete
    assert factory.stock("pen")["available"] == 5
