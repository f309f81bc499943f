"""Side by side under a token bucket per stock item: plain, hot with 4 shards, hot with 16.

Scaled down: AWS gives one item 1,000 write units a second, which no laptop can reach for 16 items
at once. The bucket gives few enough that it, and not the machine, is what limits each form.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

from bench.stock import goods
from bench.stock.buying import HELD, SOLD_OUT, Buyers
from bench.stock.crowd import Crowd, Outcome, send
from bench.stock.faults import Buckets
from bench.stock.place import Place
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    MAX_SHARDS,
    Hold,
    HoldStatus,
    StockKey,
    Taken,
    shard_place,
)
from chalicelib.inventory.sharding import shards
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from tests.faults.world import check_world

VARIANT = "drop"
MANY = 1_000_000
MOST_TAKES = 4_000
TARGET = 0.70
FALSE_REFUSALS = 0.001
PLACES = [DEFAULT_PLACE, *(shard_place(DEFAULT_PLACE, number) for number in range(MAX_SHARDS))]
Row = dict[str, Any]


class Takers:
    """Each number is a hold of its own that takes one unit; by one write on one shard, or bare."""

    def __init__(self, buckets: Buckets, seconds: float, *, bare: bool) -> None:
        self.buckets, self.seconds, self.bare = buckets, seconds, bare

    def prepare(self, seed: int) -> None:
        self.buckets.install(dynamo.connection().client)
        self._until = time.monotonic() + self.seconds
        self._lock = threading.Lock()

    def __call__(self, number: int) -> str:
        if time.monotonic() > self._until:
            return "over"
        now = clock.now()
        key = StockKey(VARIANT, shard_place(DEFAULT_PLACE, 0))
        hold = Hold(f"hld_{number}", HoldStatus.HELD, {}, now + 900, version=1)
        try:
            if self.bare:
                self._count_down(key)
            else:
                shards.take(Taken(hold), key, 1, now)
        except Exception as error:
            if dynamo.outage(error):
                return "throttled"
            raise
        return HELD

    def _count_down(self, key: StockKey) -> None:
        """The least that a write can be: what the bucket lets through, it lets through."""
        dynamo.update(
            StockItem(key.variant_id, key.place),
            [StockItem.available.set(StockItem.available - 1)],
            condition=StockItem.available >= 1,
            on_condition_failed=RuntimeError("empty"),
        )

    def tally(self) -> Counter[str]:
        return Counter()


def one_item(
    place: Place, *, rate: float, seconds: float, bare: bool, seed: int, crowd: Crowd
) -> Row:
    """What one item lets through: single-write holds on one shard, or bare writes."""
    place.clear()
    goods.sell([VARIANT], units=5_000, shards=1)
    task = Takers(Buckets(rate, PLACES), seconds, bare=bare)
    name = "bare writes" if bare else "single-write holds"
    outcome = send(task, MOST_TAKES, crowd=crowd, seed=seed, title=f"one item: {name}")
    return {"form": f"one item, {name}", "held_per_s": _rate(outcome)}


def free(place: Place, *, units: int, seed: int, crowd: Crowd) -> float:
    """Reservations per second without any bucket: what this machine can do at all."""
    place.clear()
    goods.sell([VARIANT], units=units, shards=16)
    goods.fill_carts([{VARIANT: 1}] * units)
    task = Buyers(tries=5, pause=0.2)
    outcome = send(task, units, crowd=crowd, seed=seed, title="unthrottled, hot(16)")
    return _rate(outcome)


def sale(
    place: Place, *, rate: float, split: int, units: int, seed: int, crowd: Crowd
) -> tuple[Row, list[str]]:
    """Sell all units to a tenth more buyers than there are units, who come again when told to."""
    form = f"hot({split})" if split else "plain"
    buyers = units + max(10, units // 10)
    place.clear()
    goods.sell([VARIANT], units=units, shards=split)
    goods.fill_carts([{VARIANT: 1}] * buyers)
    buckets = Buckets(rate, PLACES)
    task = Buyers(tries=MANY, pause=0.3, buckets=buckets)
    outcome = send(task, buyers, crowd=crowd, seed=seed, title=f"throttled, {form}")
    check_world()
    totals = inventory.totals(VARIANT)
    # Told so before the write that took the last unit was even sent.
    false = sum(
        one.outcome == SOLD_OUT and one.ended < buckets.last_taken() for one in outcome.visits
    )
    row = {
        "form": form,
        "units": units,
        "buyers": buyers,
        "held": outcome.count(HELD),
        "held_per_s": _rate(outcome),
        "left": totals["available"],
        "false_sold_out": false,
        "asked_per_buyer": outcome.tally["asked"] / buyers,
        "seconds": outcome.seconds,
    }
    wrong = []
    if totals["available"] or outcome.count(HELD) != units:
        wrong.append(f"{form}: {outcome.count(HELD)} of {units} held, {totals['available']} left")
    if false > FALSE_REFUSALS * buyers:
        wrong.append(f"{form}: {false} told sold out while there was a unit")
    if outcome.traces:
        wrong.append(f"unexpected errors: {outcome.traces}")
    return row, wrong


def _rate(outcome: Outcome) -> float:
    """Holds per second between the first tenth of them and the last fifth, when all is flowing."""
    times = sorted(visit.ended for visit in outcome.visits if visit.outcome == HELD)
    first, last = len(times) // 10, len(times) * 8 // 10
    return (last - first) / (times[last] - times[first]) if last > first else 0.0
