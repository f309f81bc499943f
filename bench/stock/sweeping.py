"""L11: the sweepers' work after a rush: thousands of holds past their end, several sweepers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from bench.stock import goods
from bench.stock.cost import Meter
from bench.stock.crowd import Crowd, send
from bench.stock.place import Place
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.settlement import expire
from tests.faults.world import check_world, scan

SWEEPERS, VARIANTS = 4, 20
# After this many seconds the sweeper gives back what shards note for holds never written.
NOTES_OVER = 61
Row = dict[str, Any]


class Sweeper:
    """Sweeps once, from the first expired hold to the last."""

    def __init__(self, now: int) -> None:
        self.now = now

    def prepare(self, seed: int) -> None:
        self._count: Counter[str] = Counter()
        self._meter = Meter()
        dynamo.connection().client.meta.events.register("after-call.dynamodb", self._meter)

    def __call__(self, number: int) -> str:
        swept = expire.sweep(self.now)
        # Two threads of a process may add at once, but never to the same name.
        self._count[f"ended by {number}"] = swept.ended
        self._count[f"failed for {number}"] = swept.failed
        return "swept"

    def tally(self) -> Counter[str]:
        return self._count + Counter(calls=sum(self._meter.calls.values()))


def sweep(place: Place, *, holds: int, seed: int) -> tuple[Row, list[str]]:
    """Every hold is ended by exactly one of the sweepers, and its unit comes back once."""
    place.clear()
    now = clock.now()
    goods.hold_until(now - 1, count=holds, variants=VARIANTS)
    crowd = Crowd(processes=2, threads=SWEEPERS // 2)
    outcome = send(Sweeper(now), SWEEPERS, crowd=crowd, seed=seed, title=f"L11 seed {seed}")
    check_world()
    ended = sum(n for name, n in outcome.tally.items() if name.startswith("ended"))
    versions = Counter((hold["status"], hold["version"]) for hold in scan("holds"))
    back = sum(item["available"] for item in scan("stock"))
    row = {
        "seed": seed,
        "holds": holds,
        "sweepers": SWEEPERS,
        "ended": ended,
        "units_back": back,
        "failed": sum(n for name, n in outcome.tally.items() if name.startswith("failed")),
        "calls_per_hold": outcome.tally["calls"] / holds,
        "seconds": outcome.seconds,
        "ended_per_s": ended / outcome.seconds,
    }
    wrong = []
    if not ended == back == holds or versions != {("RELEASED", 2): holds}:
        wrong.append(f"{ended} ended, {back} units back, holds {dict(versions)}")
    return row, wrong


def until_quiet(now: int) -> int:
    """Run the sweeper until it finds nothing more; how much it put in order."""
    total = 0
    for _ in range(20):
        swept = expire.sweep(now)
        total += swept.ended + swept.moved
        if not swept.ended + swept.moved + swept.failed:
            break
    return total
