"""What a hold writes into a transaction: made, given back, sold, extended.

A hold's units may lie in warehouses and in shards of hot variants. A shard also lists its holds
inside itself; whoever gives back or sells from it strikes the entry in the same write.

A hold of more than MOST_MOVES places is not made any more. One that is there all the same ends in
steps: the first decides (the hold's status) and moves what it can, `finish` moves the rest. Until
then the hold lists what is still to be moved, and stands in the index that the sweeper reads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.inventory import tables
from chalicelib.inventory.rules import (
    MOST_PLACES,
    Hold,
    HoldStatus,
    MovementType,
    OutOfStock,
    StockKey,
    Units,
    difference,
)
from chalicelib.inventory.tables import HoldItem, StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState

MOST_MOVES = MOST_PLACES  # stock items that one transaction moves as it ends a hold


class StockDrift(RuntimeError):
    """Counters and holds disagree: a bug or a hand in the table. Nothing was written."""


def write(tx: Transaction, made: Hold, previous: Hold | None, taken: Units, now: int) -> None:
    """Put the hold as `made`, and move what differs from what is held or `taken` already.

    `taken` are units of hot variants that lie in their shard for this hold since a moment ago.
    """
    _require_finished(previous)
    put(tx, made, previous)
    held = dict(previous.units) if previous and previous.status == HoldStatus.HELD else {}
    for key, change in difference(made.units, {**held, **taken}).items():
        kind = MovementType.RESERVE if change > 0 else MovementType.RELEASE
        movement = movement_of(kind, abs(change), made, now)
        actions = _shift(available=-change, reserved=change, last_movement=movement)
        if key.is_shard:
            actions += note(made, key, made.units.get(key, 0))
        tx.update(
            StockItem(key.variant_id, key.place),
            actions,
            condition=_enough(change),
            on_condition_failed=_short(key, made.units.get(key, 0), held.get(key, 0)),
        )


def release(tx: Transaction, held: Hold, *, now: int) -> None:
    """Give a hold's units back. StaleState when the hold is not as it was read."""
    _end(tx, held, HoldStatus.RELEASED, now)


def commit(tx: Transaction, held: Hold, *, now: int) -> None:
    """Turn a hold's units into sold ones. StaleState when the hold is not as it was read."""
    _end(tx, held, HoldStatus.COMMITTED, now)


def ends_in_steps(held: Hold) -> bool:
    """Whether one transaction has no room for the end of a hold: `finish` moves the rest."""
    return len(held.units) > MOST_MOVES


def finish(hold: Hold, *, now: int) -> Hold:
    """Move what the transaction that ended a hold had no room for; the hold as it is afterwards.

    Each step is one transaction, conditional on the hold: done twice, it moves once. StaleState
    when somebody else was faster.
    """
    while hold.unfinished:
        moved, later = _portion(hold.unfinished)
        done = replace(hold, version=hold.version + 1, unfinished=later)
        with Transaction() as tx:
            put(tx, done, hold)
            _move(tx, hold, moved, now)
        hold = done
    return hold


def sell(tx: Transaction, released: Hold, units: Units, *, now: int) -> None:
    """Sell for a hold that was given back, straight from what is available (else OutOfStock)."""
    _require_finished(released)
    sold = replace(released, status=HoldStatus.COMMITTED, units=units, version=released.version + 1)
    put(tx, sold, released)
    for key, quantity in units.items():
        movement = movement_of(MovementType.OUTBOUND, quantity, sold, now)
        tx.update(
            StockItem(key.variant_id, key.place),
            _shift(available=-quantity, sold=quantity, last_movement=movement),
            condition=_enough(quantity),
            on_condition_failed=_short(key, quantity, 0),
        )


def fence(tx: Transaction, hold_id: str, found: Hold | None, *, now: int) -> None:
    """Make every transaction fail that still goes by the hold as it was `found` (None: not there).

    Whoever loses by it reads again. Units stay as they are.
    """
    nothing = Hold(hold_id, HoldStatus.RELEASED, {}, now, version=0, since=now)
    before = found or nothing
    put(tx, replace(before, version=before.version + 1), found)


def put(tx: Transaction, made: Hold, previous: Hold | None) -> None:
    """Write the hold itself, if it is still as it was read."""
    item = HoldItem(
        made.hold_id,
        status=made.status,
        units=tables.as_stored(made.units),
        expires_at=made.expires_at,
        version=made.version,
        reference=made.reference,
        since=made.since,
        holders=list(made.holders),
        unfinished=tables.as_stored(made.unfinished) or None,
        expiry_shard=(
            tables.expiry_shard(made.hold_id)
            if made.status == HoldStatus.HELD or made.unfinished
            else None
        ),
    )
    tx.put(item, condition=_unmoved(previous), on_condition_failed=StaleState())


def movement_of(kind: MovementType, quantity: int, hold: Hold, now: int) -> dict[str, Any]:
    """A stock item's last movement, as a hold causes it."""
    return {
        "type": kind,
        "quantity": quantity,
        "reference": hold.reference or hold.hold_id,
        "at": now,
        # Unlike any other movement of this item, so that the stream's reader can tell a movement
        # from a write that moved nothing.
        "id": f"{hold.hold_id}#{hold.version}#{kind}",
    }


def _unmoved(previous: Hold | None) -> Condition:
    """The hold is as it was read. The version alone would do; the status says in the table's own
    words what is relied on."""
    if previous is None:
        return HoldItem.hold_id.does_not_exist()
    condition: Condition = (HoldItem.version == previous.version) & (
        HoldItem.status == previous.status
    )
    return condition


# How a hold's end moves each of its units.
_ENDS: Mapping[HoldStatus, tuple[MovementType, Mapping[str, int]]] = {
    HoldStatus.RELEASED: (MovementType.RELEASE, {"available": 1, "reserved": -1}),
    HoldStatus.COMMITTED: (MovementType.OUTBOUND, {"reserved": -1, "sold": 1}),
}


def _end(tx: Transaction, held: Hold, status: HoldStatus, now: int) -> None:
    moved, later = _portion(held.units)
    ended = replace(held, status=status, version=held.version + 1, unfinished=later)
    # The sweeper finishes what is left, in its next run.
    ended = replace(ended, expires_at=now) if later else ended
    put(tx, ended, held)
    _move(tx, ended, moved, now)


def _portion(units: Units) -> tuple[Units, Units]:
    """What one transaction moves of these, and what is left."""
    listed = list(units.items())
    return dict(listed[:MOST_MOVES]), dict(listed[MOST_MOVES:])


def _require_finished(previous: Hold | None) -> None:
    """An ended hold begins anew only when its end is done: its places still note it."""
    if previous and previous.unfinished:
        raise StaleState()


def _move(tx: Transaction, ended: Hold, units: Units, now: int) -> None:
    """Shift these units of a hold between counters, as its end says."""
    kind, signs = _ENDS[ended.status]
    for key, quantity in units.items():
        movement = movement_of(kind, quantity, ended, now)
        shift = {counter: sign * quantity for counter, sign in signs.items()}
        actions = _shift(**shift, last_movement=movement)
        condition: Condition = StockItem.reserved >= quantity
        if key.is_shard:
            actions += note(ended, key, 0)
            condition &= StockItem.holds[ended.hold_id].exists()
        tx.update(
            StockItem(key.variant_id, key.place),
            actions,
            condition=condition,
            on_condition_failed=StockDrift(f"{key} has less reserved than {ended.hold_id} holds"),
        )


def _shift(*, last_movement: Mapping[str, Any], **changes: int) -> list[Action]:
    return [StockItem.last_movement.set(dict(last_movement)), *_counters(changes)]


def _counters(changes: Mapping[str, int]) -> Iterator[Action]:
    for counter, change in changes.items():
        attribute = getattr(StockItem, counter)
        yield attribute.set(attribute + change)


def note(hold: Hold, key: StockKey, quantity: int) -> list[Action]:
    """The shard's own note of the hold: so many units, or struck."""
    mine = StockItem.holds[hold.hold_id]
    return [mine.set({"q": quantity, "exp": hold.expires_at}) if quantity else mine.remove()]


def _enough(change: int) -> Condition:
    """Enough is available for a taking; enough is reserved for a giving back."""
    return StockItem.available >= change if change > 0 else StockItem.reserved >= -change


def _short(key: StockKey, wanted: int, kept: int) -> dynamo.OnConditionFailed:
    """What a refused taking means: what is available to this hold includes what it has already."""

    def meaning(image: Mapping[str, Any]) -> Exception:
        available = image.get("available", 0) + kept
        return OutOfStock.of(key.variant_id, requested=wanted, available=available)

    return meaning
