"""Where a hold on a hot variant begins to look: evenly spread, and the same place each time."""

from collections import Counter

import pytest

from chalicelib.inventory.sharding import shards
from chalicelib.kernel.errors import Unavailable
from tests.faults import hot
from tests.faults.replies import answering, refused
from tests.faults.world import check_world


@pytest.fixture(autouse=True)
def heated(shelf):
    shelf.sell("mug", stock=64)
    hot.heat("mug", 16)


def told_to_come_back_once() -> None:
    """The units are taken from a shard, the hold itself can't be written; the buyer asks again."""
    busy = refused("ThrottlingException")
    with answering("TransactWriteItems", busy), pytest.raises(Unavailable):
        hot.hold("hld_1", {"mug": 2})
    hot.hold("hld_1", {"mug": 2})


def test_whoever_is_told_to_come_back_takes_nothing_twice():
    told_to_come_back_once()
    assert hot.totals("mug")["reserved"] == 2
    check_world()


def test_control_another_shard_each_time_takes_twice_until_the_sweeper_comes(monkeypatch):
    starts = iter(range(9))
    monkeypatch.setattr(shards, "first_shard", lambda *_: next(starts))
    told_to_come_back_once()
    assert hot.totals("mug")["reserved"] == 4


def test_holds_are_spread_evenly():
    found = Counter(shards.first_shard(f"hld_{number}", "mug", 16) for number in range(1600))
    assert len(found) == 16
    assert min(found.values()) > 60 and max(found.values()) < 140
