"""How many units holds past their end still have: counted for whoever is shown a variant.

The sweeper gives such units back within a minute, and a buyer who needs them ends a few holds at
once. Until then they count as what they are: free. Counting has a bound: of each shard of the index
so many holds are read and no more, and no hold itself. So a page costs the same however many have
ended; of very many the newest count, for those are what the next sweep frees.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.inventory.holds import listing
from chalicelib.kernel import clock
from chalicelib.kernel.cache import Memory

MOST_OF_A_SHARD = 128


@dataclass(frozen=True)
class Expired:
    """Units by variant; `complete` when no hold was left uncounted."""

    units: Mapping[str, int]
    complete: bool


_counted: Memory[Expired] = Memory(seconds=2, size=1, stale_seconds=0)


def units() -> Expired:
    """What holds past their end still have, as of two seconds ago."""
    return _counted.get_or_fetch("all", _count)


def forget() -> None:
    """Count anew when asked next: some were ended in this process."""
    _counted.clear()


def _count() -> Expired:
    """The newest of each shard: a hold is not read for being shown."""
    holds, complete = listing.newest_past_their_end(clock.now(), most=MOST_OF_A_SHARD)
    totals: Counter[str] = Counter()
    for hold in holds:
        totals.update(hold.quantities)
    return Expired(totals, complete)
