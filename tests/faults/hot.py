"""Hot variants for tests: how their stock lies, and where a hold's units fall."""

from collections.abc import Sequence

from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold, HoldStatus, Taken
from chalicelib.inventory.sharding import shards
from chalicelib.inventory.tables import stock_of
from chalicelib.kernel import clock
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict

COUNTERS = ("available", "reserved", "sold", "stocked")
FAR = 4_000_000_000  # not past its end whenever this runs


def heat(variant_id: str, count: int) -> None:
    """Split the variant's stock over so many shards; 0 makes it plain."""
    inventory.set_shards(variant_id, count, now=clock.now())


def totals(variant_id: str) -> dict[str, int]:
    """A variant's counters over all its places."""
    items = stock_of(variant_id)
    return {name: sum(int(getattr(item, name)) for item in items) for name in COUNTERS}


def by_place(variant_id: str, counter: str = "available") -> dict[str, int]:
    """One counter of each place that has some."""
    found = {item.place: int(getattr(item, counter)) for item in stock_of(variant_id)}
    return {place: count for place, count in found.items() if count}


def always_first_shard(monkeypatch) -> None:
    """Let every hold begin at the first shard."""
    monkeypatch.setattr(shards, "first_shard", lambda hold_id, variant_id, count: 0)


def hold(
    hold_id: str,
    quantities: dict[str, int],
    *,
    until: int = FAR,
    now: int | None = None,
    holders: Sequence[str] = (),
) -> Hold:
    """Make a hold without a cart, as a reservation does it: read, find units, write; made again it
    follows the quantities."""
    moment = now or clock.now()

    def attempt() -> Hold:
        previous = inventory.read_hold(hold_id)
        wish = Hold(hold_id, HoldStatus.HELD, {}, until, version=0, holders=holders)

        def write(taken: Taken) -> Hold:
            with Transaction() as tx:
                return inventory.write_hold(tx, taken, previous, now=moment)

        return inventory.allocate(
            wish, quantities, previous, write, end=inventory.end_reservation, now=moment
        )

    return retry_on_conflict(attempt)


def end(how, hold_id: str) -> None:
    """Release or commit a hold as it is now."""
    held = inventory.read_hold(hold_id)
    assert held is not None
    with Transaction() as tx:
        how(tx, held, now=clock.now())
