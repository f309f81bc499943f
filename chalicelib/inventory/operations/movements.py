"""What operators do to stock: restock, adjust, take returns, transfer, set thresholds.

Each carries a key. The movement and the key's row are one transaction, so the same key moves
nothing a second time, whether the reply was lost, the button pressed twice or the call repeated.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.inventory import tables
from chalicelib.inventory.operations import warehouses
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    SHARD_MARK,
    MovementType,
    NotEnoughStock,
    SameWarehouse,
    StockKey,
    VariantNotStocked,
)
from chalicelib.inventory.sharding import shards
from chalicelib.inventory.tables import OperationItem, StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import FieldError, StaleState

COUNTED = ("available", "sold")


@dataclass(frozen=True)
class StockMovement:
    """Who moves stock, why, when, and under which key."""

    key: str
    operator: str
    reason: str
    now: int

    def record(self, kind: MovementType, quantity: int, side: str = "") -> dict[str, Any]:
        """The stock item's last movement."""
        return {
            "type": kind,
            "quantity": quantity,
            "operator": self.operator,
            "reason": self.reason,
            "at": self.now,
            "id": f"{self.key}{side}",
        }


def restock(key: StockKey, quantity: int, movement: StockMovement) -> None:
    """New units came in, at a warehouse that may not have had the variant before.

    Raises VariantNotStocked for a variant that the shop has never stocked, WarehouseUnknown.
    """
    _items(key)
    _once(movement, MovementType.INBOUND, {key: quantity}, available=1, stocked=1)


def take_back(key: StockKey, quantity: int, movement: StockMovement) -> None:
    """A buyer returned units: from sold to available. Raises NotEnoughStock beyond the sold."""
    portions = _portions(key, quantity, "sold", movement)
    _once(movement, MovementType.RETURN, portions, available=1, sold=-1)


def adjust(key: StockKey, change: int, movement: StockMovement) -> None:
    """Counted again: `change` units more or fewer. Raises NotEnoughStock below zero."""
    if change >= 0:
        _items(key)
        return _once(movement, MovementType.ADJUST, {key: change}, available=1, stocked=1)
    portions = _portions(key, -change, "available", movement)
    return _once(movement, MovementType.ADJUST, portions, available=-1, stocked=-1)


def transfer(source: StockKey, target: StockKey, quantity: int, movement: StockMovement) -> None:
    """Move units between warehouses, both sides in one transaction. Raises NotEnoughStock."""
    warehouses.require(target.place)
    if source == target:
        raise SameWarehouse(FieldError("toWarehouseId", "SAME_WAREHOUSE"))
    portions = _portions(source, quantity, "available", movement)
    with _keyed(movement, {"transfer": quantity, "from": source.place, "to": target.place}) as tx:
        for key, count in portions.items():
            out = movement.record(MovementType.TRANSFER, count, "-")
            _change(tx, key, out, available=-count, stocked=-count)
        into = movement.record(MovementType.TRANSFER, quantity, "+")
        _change(tx, target, into, available=quantity, stocked=quantity)
    shards.forget_sold_out([source.variant_id])


def set_threshold(variant_id: str, low_stock_at: int) -> None:
    """From how few units on a variant counts as low. Repeating it changes nothing."""
    dynamo.update(
        StockItem(variant_id, DEFAULT_PLACE),
        [StockItem.low_stock_at.set(low_stock_at), StockItem.low_told.set(False)],
        condition=StockItem.variant_id.exists(),
        on_condition_failed=VariantNotStocked(),
    )


@contextmanager
def _keyed(movement: StockMovement, what: Mapping[str, Any]) -> Iterator[Transaction]:
    """A transaction that also claims the movement's key; the second time it does nothing."""
    claim = OperationItem(movement.key, what=dict(what), at=movement.now)
    try:
        with Transaction() as tx:
            # The row being there wins over what else fails: the work was done before.
            tx.put(
                claim,
                condition=OperationItem.operation_id.does_not_exist(),
                on_condition_failed=StaleState(),
            )
            yield tx
    except StaleState:
        return


def _once(
    movement: StockMovement, kind: MovementType, portions: Mapping[StockKey, int], **signs: int
) -> None:
    """Move each portion, e.g. `available=1, sold=-1`; all of them, and once per key."""
    units = [
        {"variant_id": key.variant_id, "place": key.place, "quantity": count}
        for key, count in portions.items()
    ]
    what = {"type": kind, "units": units}
    with _keyed(movement, what) as tx:
        for key, count in portions.items():
            changes = {counter: sign * count for counter, sign in signs.items()}
            _change(tx, key, movement.record(kind, count), **changes)
    shards.forget_sold_out({key.variant_id for key in portions})


def _items(key: StockKey) -> list[StockItem]:
    """The variant's stock items in the key's warehouse: its own and, of a hot variant, shards."""
    warehouses.require(key.place)
    items = tables.stock_of(key.variant_id)
    if not items:
        raise VariantNotStocked()
    return [item for item in items if item.place.partition(SHARD_MARK)[0] == key.place]


def _portions(
    key: StockKey, quantity: int, counter: str, movement: StockMovement
) -> dict[StockKey, int]:
    """Where in a warehouse so many units can be taken from a counter; the most go first.

    Raises NotEnoughStock. Somebody may be faster at one of the places: then the movement is
    refused whole, as a shortage is.
    """
    items = sorted(_items(key), key=lambda item: -getattr(item, counter))
    portions, left = {}, quantity
    for item in items:
        take = min(int(getattr(item, counter)), left)
        if take > 0:
            portions[StockKey(key.variant_id, item.place)] = take
            left -= take
    # A repeat may find too few because its first run took them: the key's row then says so.
    if left and dynamo.get(OperationItem, movement.key) is None:
        raise _too_few({name: sum(int(getattr(item, name)) for item in items) for name in COUNTED})
    return portions


def _change(tx: Transaction, key: StockKey, movement: dict[str, Any], **changes: int) -> None:
    """Change counters; one that falls must have what is taken, one that is not there is zero."""
    actions: list[Action] = [StockItem.last_movement.set(movement)]
    enough: Condition | None = None
    for counter in ("available", "reserved", "sold", "stocked"):
        attribute = getattr(StockItem, counter)
        change = changes.get(counter, 0)
        actions.append(attribute.set((attribute | 0) + change))
        if change < 0 and counter != "stocked":
            has = attribute >= -change
            enough = has if enough is None else enough & has
    item = StockItem(key.variant_id, key.place)
    if enough is None:
        tx.update(item, actions, condition=None, on_condition_failed=None)
    else:
        tx.update(item, actions, condition=enough, on_condition_failed=_too_few)


def _too_few(image: Mapping[str, Any]) -> Exception:
    facts = {name: image.get(name, 0) for name in COUNTED}
    return NotEnoughStock(FieldError("quantity", "NOT_ENOUGH_STOCK", facts, facts), **facts)
