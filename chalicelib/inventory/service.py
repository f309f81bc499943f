"""The use cases of stock: hold, release, commit, restock, and what is left.

`hold`, `release`, `commit` and `retake` add their writes to a transaction that the caller opened,
so that stock moves together with the order or not at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.inventory import tables
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    Availability,
    Hold,
    HoldStatus,
    MovementType,
    OutOfStock,
    StockKey,
    VariantNotStocked,
    difference,
    place_units,
)
from chalicelib.inventory.tables import HoldItem, StockItem
from chalicelib.kernel import dynamo
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.errors import LostRace
from chalicelib.kernel.transaction import Transaction

_shown: Memory[Availability] = Memory(seconds=5, size=2000)


class StockDrift(RuntimeError):
    """Counters and holds disagree: a bug or a hand in the table. Nothing was written."""


def availability(variant_ids: Iterable[str]) -> dict[str, Availability]:
    """What is available now, per variant; a variant without a stock item has none."""
    wanted = list(dict.fromkeys(variant_ids))
    keys = [(variant_id, DEFAULT_PLACE) for variant_id in wanted]
    found = {item.variant_id: _as_availability(item) for item in dynamo.get_many(StockItem, keys)}
    return {key: found.get(key) or Availability(key, 0, low=False) for key in wanted}


def available(variant_id: str) -> Availability:
    """One variant's availability. Raises VariantNotStocked for a variant that has no stock item."""
    item = dynamo.get(StockItem, variant_id, DEFAULT_PLACE)
    if item is None:
        raise VariantNotStocked()
    return _as_availability(item)


def availability_for_show(variant_ids: Iterable[str]) -> dict[str, Availability]:
    """As `availability`, up to five seconds old: for pages of many products, never to decide."""
    return _shown.get_many(variant_ids, availability)


def hold(
    tx: Transaction,
    hold_id: str,
    quantities: Mapping[str, int],
    *,
    expires_at: int,
    now: int,
    reference: str | None,
    previous: Hold | None,
) -> Hold:
    """Set units aside: all of them or none.

    `previous` is this hold as it was last read (None: never made); what it still holds is kept
    and only the difference moves. A failed transaction means OutOfStock (a field per line) or
    LostRace, when the hold is not as it was read.
    """
    units = place_units(quantities)
    kept = previous.units if previous and previous.status == HoldStatus.HELD else {}
    version = previous.version + 1 if previous else 1
    made = Hold(hold_id, HoldStatus.HELD, units, expires_at, version, reference)
    _write_hold(tx, made, previous)
    for key, change in difference(units, kept).items():
        movement = _movement(
            MovementType.RESERVE if change > 0 else MovementType.RELEASE, abs(change), made, now
        )
        tx.update(
            StockItem(key.variant_id, key.place),
            [
                StockItem.available.set(StockItem.available - change),
                StockItem.reserved.set(StockItem.reserved + change),
                StockItem.last_movement.set(movement),
            ],
            condition=_enough(change),
            otherwise=_short(key, units.get(key, 0), kept.get(key, 0)),
        )
    return made


def release(tx: Transaction, held: Hold, *, now: int) -> None:
    """Give a hold's units back. LostRace when the hold is not as it was read."""
    ended = replace(held, status=HoldStatus.RELEASED, version=held.version + 1)
    _write_hold(tx, ended, held)
    _move(tx, held, MovementType.RELEASE, now, available=1, reserved=-1)


def commit(tx: Transaction, held: Hold, *, now: int) -> None:
    """Turn a hold's units into sold ones. LostRace when the hold is not as it was read."""
    ended = replace(held, status=HoldStatus.COMMITTED, version=held.version + 1)
    _write_hold(tx, ended, held)
    _move(tx, held, MovementType.OUTBOUND, now, reserved=-1, sold=1)


def retake(tx: Transaction, released: Hold, *, now: int) -> None:
    """Sell the units of a hold that was given back, if they can still be had (else OutOfStock)."""
    ended = replace(released, status=HoldStatus.COMMITTED, version=released.version + 1)
    _write_hold(tx, ended, released)
    for key, quantity in released.units.items():
        movement = _movement(MovementType.OUTBOUND, quantity, released, now)
        tx.update(
            StockItem(key.variant_id, key.place),
            [
                StockItem.available.set(StockItem.available - quantity),
                StockItem.sold.set(StockItem.sold + quantity),
                StockItem.last_movement.set(movement),
            ],
            condition=_enough(quantity),
            otherwise=_short(key, quantity, 0),
        )


def extend(tx: Transaction, held: Hold, *, expires_at: int) -> None:
    """Let a hold last until `expires_at`. LostRace when it is not as it was read."""
    _write_hold(tx, replace(held, expires_at=expires_at, version=held.version + 1), held)


def read_hold(hold_id: str) -> Hold | None:
    """The hold as it is now."""
    item = dynamo.get(HoldItem, hold_id)
    return item.as_hold() if item else None


def expired_holds(now: int, page_size: int = 100) -> Iterator[Hold]:
    """Holds that are still HELD past their end, each read consistently."""
    for hold_id in tables.holds_past_their_end(now, page_size):
        found = read_hold(hold_id)
        if found and found.status == HoldStatus.HELD and found.expires_at <= now:
            yield found


def stock_new(variant_id: str, quantity: int, *, low_stock_at: int, now: int) -> bool:
    """Give a variant its first stock; False, and nothing touched, when it already has some."""
    movement = {
        "type": MovementType.INBOUND,
        "quantity": quantity,
        "reason": "first stock",
        "at": now,
        "id": f"first#{variant_id}",
    }
    item = StockItem(
        variant_id,
        DEFAULT_PLACE,
        available=quantity,
        stocked=quantity,
        low_stock_at=low_stock_at,
        last_movement=movement,
    )
    try:
        dynamo.put(item, condition=StockItem.variant_id.does_not_exist(), otherwise=LostRace())
    except LostRace:
        return False
    return True


def _write_hold(tx: Transaction, made: Hold, previous: Hold | None) -> None:
    item = HoldItem(
        made.hold_id,
        status=made.status,
        units=tables.units_of(made),
        expires_at=made.expires_at,
        version=made.version,
        reference=made.reference,
        expiry_shard=(
            tables.expiry_shard(made.hold_id) if made.status == HoldStatus.HELD else None
        ),
    )
    tx.put(item, condition=_unmoved(previous), otherwise=LostRace())


def _unmoved(previous: Hold | None) -> Condition:
    """The hold is as it was read. The version alone would do; the status says in the table's own
    words what is relied on."""
    if previous is None:
        return HoldItem.hold_id.does_not_exist()
    condition: Condition = (HoldItem.version == previous.version) & (
        HoldItem.status == previous.status
    )
    return condition


def _move(tx: Transaction, held: Hold, kind: MovementType, now: int, **signs: int) -> None:
    """Shift each unit of a hold between counters, e.g. `reserved=-1, sold=1`."""
    for key, quantity in held.units.items():
        actions: list[Action] = [
            StockItem.last_movement.set(_movement(kind, quantity, held, now)),
            *(
                getattr(StockItem, counter).set(getattr(StockItem, counter) + sign * quantity)
                for counter, sign in signs.items()
            ),
        ]
        tx.update(
            StockItem(key.variant_id, key.place),
            actions,
            condition=StockItem.reserved >= quantity,
            otherwise=StockDrift(f"{key} has less reserved than {held.hold_id} holds"),
        )


def _enough(change: int) -> Condition:
    """Enough is available for a taking; enough is reserved for a giving back."""
    return StockItem.available >= change if change > 0 else StockItem.reserved >= -change


def _short(key: StockKey, wanted: int, kept: int) -> dynamo.Otherwise:
    """What a refused taking means: what is available to this hold includes what it has already."""

    def meaning(image: Mapping[str, Any]) -> Exception:
        available = image.get("available", 0) + kept
        return OutOfStock.of(key.variant_id, requested=wanted, available=available)

    return meaning


def _movement(kind: MovementType, quantity: int, held: Hold, now: int) -> dict[str, Any]:
    return {
        "type": kind,
        "quantity": quantity,
        "reference": held.reference or held.hold_id,
        "at": now,
        # Unlike any other movement of this item, so that the stream's reader can tell a movement
        # from a write that moved nothing.
        "id": f"{held.hold_id}#{held.version}#{kind}",
    }


def _as_availability(item: StockItem) -> Availability:
    available = int(item.available)
    return Availability(item.variant_id, available, low=available <= int(item.low_stock_at))
