"""The ledger: every movement of stock, written from the stock table's stream.

The stream repeats records; each lands on its own sequence number, so it is written once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.config import settings
from chalicelib.inventory.tables import LedgerItem
from chalicelib.kernel.db.values import image
from chalicelib.kernel.messaging import queues

COUNTERS = ("available", "reserved", "sold", "stocked")


def record(stream_records: Iterable[Mapping[str, Any]]) -> int:
    """Write the movements among the stream's records; answers how many there were."""
    movements = [entry for entry in map(movement_of, stream_records) if entry is not None]
    for entry in movements:
        # Unconditional: the same record writes the same item again.
        entry.save()
    return len(movements)


def park(stream_record: Mapping[str, Any]) -> None:
    """Put a record that could not be written on a queue of its own, to be tried again; durable when
    this returns."""
    queues.send(settings().ledger_again_queue_url, _without_notes(stream_record))


def _without_notes(stream_record: Mapping[str, Any]) -> dict[str, Any]:
    """Without the shards' notes: of a variant that sells by the hundred they are most of the bytes,
    a message has few (256 KiB), and no movement is read from them."""
    change = stream_record.get("dynamodb")
    if not isinstance(change, Mapping):
        return dict(stream_record)
    lean = {
        name: {key: attribute for key, attribute in value.items() if key != "holds"}
        if name in ("OldImage", "NewImage") and isinstance(value, Mapping)
        else value
        for name, value in change.items()
    }
    return {**stream_record, "dynamodb": lean}


def movement_of(stream_record: Mapping[str, Any]) -> LedgerItem | None:
    """One stream record as a ledger entry; None when the write moved nothing."""
    change = stream_record["dynamodb"]
    before, after = image(change.get("OldImage")), image(change.get("NewImage"))
    movement = after.get("last_movement")
    if not movement or movement == before.get("last_movement"):
        return None
    return LedgerItem(
        after["variant_id"],
        # Padded: sequence numbers are compared as text, and must sort as the numbers they are.
        change["SequenceNumber"].rjust(40, "0"),
        place=after["place"],
        type=movement["type"],
        quantity=movement["quantity"],
        before={name: before.get(name, 0) for name in COUNTERS},
        after={name: after.get(name, 0) for name in COUNTERS},
        movement=movement.get("id"),
        reference=movement.get("reference"),
        operator=movement.get("operator"),
        reason=movement.get("reason"),
        at=movement["at"],
    )
