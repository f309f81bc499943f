"""What one hold costs in write units, as DynamoDB itself counts them (ReturnConsumedCapacity)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from bench.stock import goods
from bench.stock.buying import HELD, Buyers
from bench.stock.faults import WRITES
from bench.stock.place import Place
from chalicelib.config import settings
from chalicelib.inventory import tables
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    Hold,
    HoldStatus,
    StockKey,
    Taken,
    shard_place,
)
from chalicelib.inventory.sharding import shards
from chalicelib.kernel import cache, clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.ids import derived

LINES = (1, 5, 50)
NOTES = (10, 30, 60)  # open holds that a shard lists already when the next one comes
Row = dict[str, Any]


def one_hold(place: Place, *, lines: int, split: int, notes: int = 0) -> tuple[Row, list[str]]:
    """Write units of one cart's first reservation, by table, and how many calls it took.

    With `notes` open holds on each shard: they are part of the item, and writing it costs by size.
    """
    place.clear()
    names = [f"line-{number}" for number in range(lines)]
    goods.sell(names, units=100, shards=split)
    goods.fill_carts([dict.fromkeys(names, 1)])
    now = clock.now()
    for number in range(notes * split):
        hold = Hold(derived("hld", number), HoldStatus.HELD, {}, now + 900, version=1)
        key = StockKey(names[0], shard_place(DEFAULT_PLACE, number % split))
        shards.take(Taken(hold), key, 1, now)
    cache.forget_all()
    for name in names:
        # As a function that has served before: it knows which variants are hot.
        shards.learn(name, tables.stock_of(name))
    buyers, meter = Buyers(), Meter()
    buyers.prepare(seed=1)
    dynamo.connection().client.meta.events.register("after-call.dynamodb", meter)
    answer = buyers(0)
    row = {
        "form": f"hot({split})" if split else "plain",
        "lines": lines,
        "notes": notes,
        "units": sum(meter.units.values()),
        **{f"units_{name}": units for name, units in sorted(meter.units.items())},
        "writes": sum(meter.calls[name] for name in WRITES),
        "calls": sum(meter.calls.values()),
    }
    return row, [] if answer == HELD else [f"{lines} lines: {answer}"]


class Meter:
    """Adds up the consumed write units that answers tell of."""

    def __init__(self) -> None:
        self.units: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()

    def __call__(self, parsed: dict[str, Any], event_name: str, **_: Any) -> None:
        operation = event_name.rpartition(".")[2]
        self.calls[operation] += 1
        consumed = parsed.get("ConsumedCapacity", [])
        if operation in WRITES:
            for entry in consumed if isinstance(consumed, list) else [consumed]:
                table = entry["TableName"].removeprefix(settings().table(""))
                self.units[table] += entry["CapacityUnits"]
