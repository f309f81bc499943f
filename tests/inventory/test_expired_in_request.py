"""Expired holds are ended in the request of whoever would be told 'sold out' otherwise."""

import pytest

from chalicelib.inventory import looks
from chalicelib.inventory.rules import HoldStatus, OutOfStock
from chalicelib.kernel import clock
from chalicelib.kernel.errors import Unavailable
from tests import factory
from tests.faults import hot
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


def test_what_takes_too_long_to_end_is_never_called_sold_out(all_expired, monkeypatch):
    monkeypatch.setattr(looks, "MOST_ENDED", 5)
    with pytest.raises(Unavailable):
        hot.hold("hld_new", {"mug": EXPIRED})
    assert ended() == 5 * looks.MOST_ROUNDS
    for _ in range(3):
        try:
            hot.hold("hld_new", {"mug": EXPIRED})
        except Unavailable:
            continue
    assert factory.stock("mug")["reserved"] == EXPIRED, "coming back got there"
    check_world()


def test_a_provider_that_does_not_answer_is_asked_a_few_times_only(all_expired):
    asked = []

    def unreachable(hold, now):
        asked.append(hold)
        raise ConnectionError

    with pytest.raises(OutOfStock):
        looks.look({"mug": 2}, kept={}, end=unreachable, now=clock.now())
    assert len(asked) == looks.MOST_FAILED


def test_control_without_ending_expired_holds_a_full_shelf_is_sold_out(all_expired, monkeypatch):
    monkeypatch.setattr(looks, "end_expired", lambda short, end, now: 0)
    with pytest.raises(OutOfStock):
        hot.hold("hld_new", {"mug": 1})
