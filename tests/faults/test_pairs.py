"""F8: a process that dies before or after any write, and the next one that dies as well.

Every operation runs once and dies at point i, once more and dies at point j, and then as it should.
Whatever i and j are, the world must add up. `--everything` runs all pairs; else each single point
and a sample of pairs that is the same each time.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds import writes as hold_writes
from chalicelib.inventory.sharding import shards
from chalicelib.inventory.tables import HoldItem
from chalicelib.kernel import clock
from tests import factory
from tests.faults import hot
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import check_world, scan

AN_HOUR = 3600
SAMPLE = 40
Work = Callable[[], object]


@dataclass(frozen=True)
class Operation:
    """How many writes it makes with a hot and a plain line, and how the mug stands in the end.

    `prepare` gets the shop and a cart, and answers the work that dies and is done again.
    """

    writes: int
    end: tuple[int, int, int]  # available, reserved, sold, of nine
    prepare: Callable[..., Work]


def reserving(shop, cart_id: str) -> Work:
    return lambda: factory.reserve(cart_id)


def checking_out(shop, cart_id: str) -> Work:
    return lambda: shop.checkout(cart_id)


def settling(shop, cart_id: str) -> Work:
    return _worked_off(shop, shop.pay(shop.checkout(cart_id)), "checkout.session.completed")


def cancelling(shop, cart_id: str) -> Work:
    placed = shop.checkout(cart_id)
    return _worked_off(shop, shop.act(placed, "expire"), "checkout.session.expired")


def expiring(shop, cart_id: str) -> Work:
    shop.checkout(cart_id)
    return lambda: shop.sweep(after=AN_HOUR)


def _worked_off(shop, events, kind: str) -> Work:
    """The event comes again as long as nobody has deleted its message."""
    (event,) = (one for one in events if one["type"] == kind)

    def work() -> None:
        shop.deliver(event)
        assert shop.work() == []

    return work


OPERATIONS = {
    "reserve": Operation(2, (7, 2, 0), reserving),
    "checkout": Operation(5, (7, 2, 0), checking_out),
    "settle": Operation(2, (7, 0, 2), settling),
    "cancel": Operation(2, (9, 0, 0), cancelling),
    "expire": Operation(2, (9, 0, 0), expiring),
}


def points(operation: Operation) -> list[Point]:
    return [Point(number, after) for number in range(operation.writes) for after in (False, True)]


def cases(everything: bool) -> Iterator[tuple[str, Point, Point | None]]:
    """Each operation with its single points, and all pairs of them or a sample."""
    pairs = []
    for name, operation in OPERATIONS.items():
        yield from ((name, point, None) for point in points(operation))
        pairs += [(name, *pair) for pair in itertools.product(points(operation), repeat=2)]
    yield from pairs if everything else pairs[:: max(1, len(pairs) // SAMPLE)]


def pytest_generate_tests(metafunc) -> None:
    if "first" in metafunc.fixturenames:
        everything = bool(metafunc.config.getoption("--everything"))
        found = list(cases(everything))
        names = [
            f"{name}-{first}" + (f"-then-{then}" if then else "") for name, first, then in found
        ]
        metafunc.parametrize(("name", "first", "then"), found, ids=names)


@pytest.fixture
def cart_id(shop) -> str:
    """Two lines: a hot variant's and a plain one's."""
    shop.sell("mug", stock=9)
    shop.sell("cup", stock=9)
    hot.heat("mug", 2)
    return factory.cart_with({"mug": 2, "cup": 2})


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_the_writes_of_each_operation_are_all_counted(shop, cart_id, name):
    work = OPERATIONS[name].prepare(shop, cart_id)
    with Shim() as shim:
        work()
    assert len(shim.writes) == OPERATIONS[name].writes, shim.writes


def test_F8_whoever_dies_where_the_world_adds_up(shop, cart_id, name, first, then):
    operation = OPERATIONS[name]
    work = operation.prepare(shop, cart_id)
    for crash in (first, then):
        with suppress(Crash), Shim(crash=crash):
            work()
        check_world(strays=True)
    work()
    # What a dead process took from a shard and never used goes back within a minute or so.
    shards.return_orphans(clock.now() + shards.NOTE_SECONDS + 1)

    for variant_id in ("mug", "cup"):
        counters = hot.totals(variant_id)
        assert tuple(counters[one] for one in hot.COUNTERS[:3]) == operation.end
    assert len(scan("orders")) == len(shop.sandbox.state()["stripe"]["sessions"]) <= 1
    check_world(shop.sandbox.state())


def test_F8_control_a_hold_that_does_not_ask_what_was_held_is_made_twice(
    shop, cart_id, monkeypatch
):
    monkeypatch.setattr(hold_writes, "_unmoved", lambda previous: HoldItem.hold_id != "")
    monkeypatch.setattr(inventory, "read_hold", lambda hold_id: None)
    with suppress(Crash), Shim(crash=Point(1, after=True)):
        factory.reserve(cart_id)
    factory.reserve(cart_id)
    with pytest.raises(AssertionError, match="reserved and holds differ"):
        check_world()
