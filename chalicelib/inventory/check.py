"""The check: counters, holds and ledger must tell the same. What differs is drift.

A job, not a request: it reads whole tables. Stock moves while it reads, so an item counts as
drifted only if it looked so twice with no movement in between.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.inventory import tables
from chalicelib.inventory.rules import HoldStatus, MovementType, StockKey
from chalicelib.inventory.tables import HoldItem, LedgerItem, StockItem
from chalicelib.kernel import clock, dynamo, telemetry
from chalicelib.kernel.errors import LostRace

Units = Counter[StockKey]

LEDGER_SECONDS = 300
LEDGER_DEPTH = 200


@dataclass(frozen=True)
class Drift:
    """One stock item that disagrees: what it says, and what its holds and its ledger say."""

    key: StockKey
    counter: str
    told: int
    should: int


@dataclass(frozen=True)
class Report:
    checked: int
    drifts: list[Drift]
    repaired: int


def check(*, repair: bool, operator: str, now: int) -> Report:
    """Compare everything; `repair` sets right what the holds prove, by an ADJUST that says so."""
    items = list(dynamo.everything(StockItem))
    suspects = {drift.key for drift in _drifts(items)}
    drifts = _confirmed(suspects)
    repaired = sum(int(_repair(drift, operator, now)) for drift in drifts) if repair else 0
    telemetry.metric({"StockDrift": len(drifts)})
    return Report(len(items), drifts, repaired)


def _confirmed(suspects: set[StockKey]) -> list[Drift]:
    """Drift that is still there when looked at again, on items that did not move meanwhile."""
    if not suspects:
        return []
    before = {key: dynamo.get(StockItem, key.variant_id, key.place) for key in suspects}
    again = _drifts(item for item in before.values() if item is not None)
    still = []
    for drift in again:
        item = dynamo.get(StockItem, drift.key.variant_id, drift.key.place)
        seen = before[drift.key]
        if item and seen and item.last_movement == seen.last_movement:
            still.append(drift)
    return still


def _drifts(items: Iterable[StockItem]) -> list[Drift]:
    reserved, sold, having = _held_units()
    found = []
    for item in items:
        key = StockKey(item.variant_id, item.place)
        parts = int(item.available) + int(item.reserved) + int(item.sold)
        for counter, told, should in (
            ("reserved", int(item.reserved), reserved[key] + _noted(item, having)),
            ("stocked", int(item.stocked), parts),
            ("sold", int(item.sold), sold[key]),
            ("ledger", *_ledger(item)),
        ):
            if told != should:
                found.append(Drift(key, counter, told, should))
    return found


def _noted(item: StockItem, having: set[tuple[str, StockKey]]) -> int:
    """Units that a shard notes for holds which do not have them: about to be written, or about to
    be given back by the sweeper. Either accounts for them; a repair would make them count twice."""
    key = StockKey(item.variant_id, item.place)
    notes = (item.holds or {}).items()
    return sum(int(note["q"]) for hold_id, note in notes if (hold_id, key) not in having)


def _held_units() -> tuple[Units, Units, set[tuple[str, StockKey]]]:
    """Units by stock item as the holds tell them: held, and sold less what came back; and which
    hold has units where."""
    reserved, sold = Units(), Units()
    having: set[tuple[str, StockKey]] = set()
    for item in dynamo.everything(HoldItem):
        hold = item.as_hold()
        if hold.status == HoldStatus.HELD:
            reserved.update(hold.units)
            having.update((hold.hold_id, key) for key in hold.units)
        elif hold.status == HoldStatus.COMMITTED:
            sold.update(hold.units)
    for entry in dynamo.everything(LedgerItem):
        if entry.type == MovementType.RETURN:
            sold[StockKey(entry.variant_id, entry.place)] -= int(entry.quantity)
    return reserved, sold, having


def _ledger(item: StockItem) -> tuple[int, int]:
    """What is available, against what the ledger's entry of the item's last movement says is.

    The ledger comes from a stream: it may be behind, but not by minutes.
    """
    movement = item.last_movement or {}
    for entry in tables.ledger_of(item.variant_id, limit=LEDGER_DEPTH, before=None):
        if entry.movement == movement.get("id") and entry.place == item.place:
            return int(item.available), int(entry.after["available"])
    behind = clock.now() - int(movement.get("at", 0)) < LEDGER_SECONDS
    return int(item.available), int(item.available) if behind else 0


def _repair(drift: Drift, operator: str, now: int) -> bool:
    """Set `reserved` to what the holds prove; the difference was never promised to anybody.

    Other drift is for a person: nothing proves which side is right.
    """
    if drift.counter != "reserved":
        return False
    change = drift.should - drift.told
    movement = {
        "type": MovementType.ADJUST,
        "quantity": abs(change),
        "operator": operator,
        "reason": f"check: reserved was {drift.told}, holds say {drift.should}",
        "at": now,
        "id": f"check#{drift.key.variant_id}#{drift.key.place}#{now}",
    }
    try:
        dynamo.update(
            StockItem(drift.key.variant_id, drift.key.place),
            [
                StockItem.reserved.set(drift.should),
                StockItem.available.set(StockItem.available - change),
                StockItem.last_movement.set(movement),
            ],
            # Exactly as it was seen, and never below zero.
            condition=(StockItem.reserved == drift.told) & (StockItem.available >= change),
            otherwise=LostRace(),
        )
    except LostRace:
        return False
    return True
