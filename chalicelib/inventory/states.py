"""Whether each variant can be had: kept from stock's stream, read by lists of the whole shelf.

A list shows no number, only that something is in stock, low or sold out. That changes seldom, so it
is written when it changes, and the shelf's states are a few cheap queries instead of a consistent
read of every stock item.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from chalicelib.inventory import tables
from chalicelib.inventory.rules import StockState, state_of
from chalicelib.inventory.tables import StockItem, StockStateItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.values import image
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.ids import shard
from chalicelib.kernel.messaging.worker import Step

SHARDS = 8
MOST_TRIES = 5
DECIDING = ("available", "low_stock_at")


def every() -> Iterator[StockStateItem]:
    """All that the stream has told of."""
    for number in range(SHARDS):
        yield from StockStateItem.query(f"{number:02d}")


def of_batch(stream_records: Iterable[dict[str, Any]]) -> Iterator[Step]:
    """Write down how the variants of a batch stand now: one step for each that may have changed, by
    the last record of it. A record that can't be read is no concern of this: the ledger parks it.

    Each is looked at as it is, not as the record says: a batch that comes again, or late, writes
    nothing older over what is newer.
    """
    last: dict[str, dict[str, Any]] = {}
    for record in stream_records:
        with suppress(Exception):
            if variant_id := _concerned(record):
                last[variant_id] = record
    for variant_id, record in last.items():
        yield record, partial(_write, variant_id)


def state_in(items: Iterable[StockItem]) -> StockState:
    """How a variant with these stock items stands; without any it is sold out."""
    found = list(items)
    available = sum(int(item.available) for item in found)
    return state_of(available, sum(int(item.low_stock_at) for item in found))


def _concerned(record: Mapping[str, Any]) -> str | None:
    """The variant of a record that can have changed its state; None for any other write."""
    change = record["dynamodb"]
    before, after = image(change.get("OldImage")), image(change.get("NewImage"))
    if before and all(before.get(name, 0) == after.get(name, 0) for name in DECIDING):
        return None
    return str((after or before)["variant_id"])


def _write(variant_id: str) -> bool:
    """Write the state until it is what the stock says after the write.

    Two workers may write at once (a table's partition was split): whoever writes last has looked
    once more, so that the last word is the stock's.
    """
    key = shard(variant_id, SHARDS)
    known = dynamo.get(StockStateItem, key, variant_id)
    stored = known.state if known else None
    for tries in range(MOST_TRIES):
        state = state_in(tables.rooms_of(variant_id))
        if stored == state:
            return tries > 0
        # Unconditional: it is compared with the stock again after it was written.
        StockStateItem(key, variant_id, state=state).save()
        stored = state
    raise Unavailable()
