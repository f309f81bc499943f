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

from chalicelib.inventory import shards, warehouses
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    MovementType,
    NotEnoughStock,
    StockKey,
    VariantNotStocked,
)
from chalicelib.inventory.tables import OperationItem, StockItem
from chalicelib.kernel import dynamo
from chalicelib.kernel.errors import FieldError, LostRace
from chalicelib.kernel.transaction import Transaction


@dataclass(frozen=True)
class Order:
    """Who moves stock, why, when, and under which key."""

    key: str
    operator: str
    reason: str
    now: int

    def movement(self, kind: MovementType, quantity: int, side: str = "") -> dict[str, Any]:
        """The stock item's last movement."""
        return {
            "type": kind,
            "quantity": quantity,
            "operator": self.operator,
            "reason": self.reason,
            "at": self.now,
            "id": f"{self.key}{side}",
        }


def restock(key: StockKey, quantity: int, order: Order) -> None:
    """New units came in. A variant that was never stocked there is from now on."""
    _once(order, MovementType.INBOUND, key, quantity, available=quantity, stocked=quantity)


def take_back(key: StockKey, quantity: int, order: Order) -> None:
    """A buyer returned units: from sold to available. Raises NotEnoughStock beyond the sold."""
    _once(order, MovementType.RETURN, key, quantity, available=quantity, sold=-quantity)


def adjust(key: StockKey, change: int, order: Order) -> None:
    """Counted again: `change` units more or fewer. Raises NotEnoughStock below zero."""
    _once(order, MovementType.ADJUST, key, abs(change), available=change, stocked=change)


def transfer(source: StockKey, target: StockKey, quantity: int, order: Order) -> None:
    """Move units between warehouses, both sides in one transaction."""
    warehouses.require(target.place)
    with _keyed(order, {"transfer": quantity, "from": source.place, "to": target.place}) as tx:
        out = order.movement(MovementType.TRANSFER, quantity, "-")
        _change(tx, source, out, available=-quantity, stocked=-quantity)
        into = order.movement(MovementType.TRANSFER, quantity, "+")
        _change(tx, target, into, available=quantity, stocked=quantity)
    shards.forget_sold_out([source.variant_id])


def set_threshold(variant_id: str, low_stock_at: int) -> None:
    """From how few units on a variant counts as low. Repeating it changes nothing."""
    dynamo.update(
        StockItem(variant_id, DEFAULT_PLACE),
        [StockItem.low_stock_at.set(low_stock_at), StockItem.low_told.set(False)],
        condition=StockItem.variant_id.exists(),
        otherwise=VariantNotStocked(),
    )


@contextmanager
def _keyed(order: Order, what: Mapping[str, Any]) -> Iterator[Transaction]:
    """A transaction that also claims the order's key; the second time it does nothing."""
    claim = OperationItem(order.key, what=dict(what), at=order.now)
    try:
        with Transaction() as tx:
            # The row being there wins over what else fails: the work was done before.
            tx.put(
                claim,
                condition=OperationItem.operation_id.does_not_exist(),
                otherwise=LostRace(),
            )
            yield tx
    except LostRace:
        return


def _once(order: Order, kind: MovementType, key: StockKey, quantity: int, **changes: int) -> None:
    warehouses.require(key.place)
    what = {"type": kind, "variant_id": key.variant_id, "place": key.place, "quantity": quantity}
    with _keyed(order, what) as tx:
        _change(tx, key, order.movement(kind, quantity), **changes)
    shards.forget_sold_out([key.variant_id])


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
        tx.update(item, actions, condition=None, otherwise=None)
    else:
        tx.update(item, actions, condition=enough, otherwise=_too_few)


def _too_few(image: Mapping[str, Any]) -> Exception:
    if not image:
        return VariantNotStocked()
    facts = {"available": image["available"], "sold": image["sold"]}
    return NotEnoughStock(FieldError("quantity", "NOT_ENOUGH_STOCK", facts, facts), **facts)
