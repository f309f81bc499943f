"""Expired holds are ended in the request of whoever would be told 'sold out' otherwise."""

from types import SimpleNamespace

import pytest

from chalicelib.inventory.holds import allocate
from chalicelib.inventory.rules import HoldStatus, OutOfStock
from chalicelib.kernel import clock, deadline
from chalicelib.kernel.errors import NotAsked, ProviderBusy, Unavailable
from tests import factory
from tests.faults import hot
from tests.faults.rows import unreadable
from tests.faults.world import check_world, scan

EXPIRED = 24
MINUTE = 60


@pytest.fixture
def all_expired(shelf):
    """Every unit is held by a hold of one unit whose time is over."""
    shelf.sell("mug", stock=EXPIRED)
    for number in range(EXPIRED):
        hot.hold(f"hld_{number}", {"mug": 1}, until=clock.now() + MINUTE)
    clock.shift(MINUTE + 1)


def ended() -> int:
    return sum(hold["status"] == HoldStatus.RELEASED for hold in scan("holds"))


@pytest.mark.parametrize("wanted", [1, 3, EXPIRED])
def test_as_many_are_ended_as_the_buyer_needs_and_no_more(all_expired, wanted):
    hot.hold("hld_new", {"mug": wanted})
    assert ended() == wanted
    assert factory.stock("mug")["reserved"] == EXPIRED
    check_world()


def test_more_than_there_will_ever_be_is_sold_out(all_expired):
    with pytest.raises(OutOfStock) as caught:
        hot.hold("hld_new", {"mug": EXPIRED + 1})
    assert caught.value.fields[0].facts == {"available": EXPIRED, "requested": EXPIRED + 1}
    check_world()


@pytest.fixture
def ticks(monkeypatch):
    """A clock that stands still until a test moves it."""
    made = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(clock, "monotonic", lambda: made.at)
    return made


def test_what_takes_too_long_to_end_is_never_called_sold_out(all_expired, monkeypatch, ticks):
    monkeypatch.setattr(allocate, "MOST_ENDED", 5)
    with pytest.raises(Unavailable):
        hot.hold("hld_new", {"mug": EXPIRED})
    assert ended() == 5 * allocate.MOST_ROUNDS
    for _ in range(3):
        try:
            hot.hold("hld_new", {"mug": EXPIRED})
        except Unavailable:
            continue
    assert factory.stock("mug")["reserved"] == EXPIRED, "coming back got there"
    check_world()


def test_a_buyer_waits_some_seconds_for_holds_of_others_and_no_longer(all_expired, ticks):
    asked = []

    def slow(hold, now):
        asked.append(hold)
        ticks.at += 2
        raise ProviderBusy

    with pytest.raises(OutOfStock):
        allocate.allocate_fully({"mug": 1}, kept={}, end=slow, now=clock.now())
    assert len(asked) * 2 <= allocate.ENDING_SECONDS + 2


def test_a_buyer_waits_no_longer_than_the_call_has_time(all_expired, ticks):
    asked = []

    def slow(hold, now):
        asked.append(hold)
        ticks.at += 1
        raise ProviderBusy

    with deadline.within(1), pytest.raises(OutOfStock):
        allocate.allocate_fully({"mug": 1}, kept={}, end=slow, now=clock.now())
    assert len(asked) == 1


def test_a_request_looks_at_so_many_holds_and_no_more_and_calls_nothing_sold_out_then(
    all_expired, monkeypatch
):
    monkeypatch.setattr(allocate, "MOST_LISTED", 1)
    reads = []
    real = allocate.tables.read_hold
    monkeypatch.setattr(
        allocate.tables, "read_hold", lambda hold_id: reads.append(hold_id) or real(hold_id)
    )

    def unreachable(hold, now):
        raise NotAsked

    with pytest.raises(Unavailable):
        allocate.allocate_fully({"mug": 1}, kept={}, end=unreachable, now=clock.now())
    assert len(reads) <= 16


def test_a_hold_that_can_not_be_read_is_nobody_elses_trouble(all_expired):
    unreadable("holds", {"hold_id": "hld_0"})
    hot.hold("hld_new", {"mug": EXPIRED - 1})
    assert ended() == EXPIRED - 1


def test_a_provider_that_does_not_answer_is_asked_a_few_times_only(all_expired):
    asked = []

    def unreachable(hold, now):
        asked.append(hold)
        raise ConnectionError

    with pytest.raises(OutOfStock):
        allocate.allocate_fully({"mug": 2}, kept={}, end=unreachable, now=clock.now())
    assert len(asked) == allocate.MOST_FAILED


def test_control_without_ending_expired_holds_a_full_shelf_is_sold_out(all_expired, monkeypatch):
    monkeypatch.setattr(allocate, "end_expired", lambda short, end, now: 0)
    with pytest.raises(OutOfStock):
        hot.hold("hld_new", {"mug": 1})
