"""Low stock is told once per crossing of its threshold, and armed again by units that come in.

Driven by the stock's stream: whatever moved a variant, the variant is looked at as it is now.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from chalicelib.inventory import tables
from chalicelib.inventory.events import StockLow
from chalicelib.inventory.rules import DEFAULT_PLACE, MovementType
from chalicelib.inventory.tables import StockItem
from chalicelib.kernel import telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.values import image
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging import events
from chalicelib.kernel.messaging.worker import Step

# A hold that is given back does not arm the alert: holds come and go by the minute.
ARMING = {MovementType.INBOUND, MovementType.RETURN, MovementType.ADJUST}


def of_batch(stream_records: Iterable[dict[str, Any]]) -> Iterator[Step]:
    """Tell of each variant in the batch that has become low: one step for each of them, by the last
    record of it. A record that can't be read is no concern of this: the ledger has parked it."""
    last: dict[str, dict[str, Any]] = {}
    armed: set[str] = set()
    for record in stream_records:
        with suppress(Exception):
            after = image(record["dynamodb"].get("NewImage"))
            movement = after.get("last_movement") or {}
            if movement:
                last[after["variant_id"]] = record
            if movement.get("type") in ARMING:
                armed.add(after["variant_id"])
    for variant, record in last.items():
        yield record, partial(_look, variant, variant in armed, record)


def _look(variant_id: str, armed: bool, record: Mapping[str, Any]) -> int:
    items = tables.stock_of(variant_id)
    main = next((item for item in items if item.place == DEFAULT_PLACE), None)
    if main is None or not main.low_stock_at:
        return 0
    available = sum(int(item.available) for item in items)
    low = available <= main.low_stock_at
    if not low and armed and main.low_told:
        _note(variant_id, reported=False)
    if not low or main.low_told:
        return 0
    facts = StockLow(variant_id=variant_id, available=available, threshold=int(main.low_stock_at))
    event = events.made(
        facts,
        # A batch that comes again tells the same event again, under the same id.
        id=derived("evt", facts.type, variant_id, record["dynamodb"]["SequenceNumber"]),
        at=int(image(record["dynamodb"]["NewImage"])["last_movement"]["at"]),
    )
    # Told first, noted after: a crash in between tells twice under one id, never not at all.
    events.publish(event)
    _note(variant_id, reported=True)
    telemetry.metric({"LowStock": 1})
    return 1


def _note(variant_id: str, *, reported: bool) -> None:
    with suppress(StaleState):
        dynamo.update(
            StockItem(variant_id, DEFAULT_PLACE),
            [StockItem.low_told.set(reported)],
            condition=StockItem.low_told == (not reported),
            on_condition_failed=StaleState(),
        )
