"""The shop's warehouses and the order in which they serve."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.inventory.rules import DEFAULT_PLACE, WarehouseUnknown
from chalicelib.inventory.tables import WarehousesItem
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import FieldError

ALL = "all"


@dataclass(frozen=True)
class Warehouse:
    """`priority` 0 serves first."""

    warehouse_id: str
    name: str
    priority: int


_known: Memory[list[Warehouse]] = Memory(seconds=30, size=1)


def every() -> list[Warehouse]:
    """All warehouses, first to serve first; `main` alone when none were set."""

    def read() -> list[Warehouse]:
        item = dynamo.get(WarehousesItem, ALL)
        rows: list[dict[str, Any]] = (
            item.warehouses if item else [{"id": DEFAULT_PLACE, "name": "Main", "priority": 0}]
        )
        found = [Warehouse(row["id"], row["name"], row["priority"]) for row in rows]
        return sorted(found, key=lambda one: (one.priority, one.warehouse_id))

    return _known.get_or_fetch(ALL, read)


def priorities() -> Mapping[str, int]:
    """Each warehouse's rank."""
    return {one.warehouse_id: rank for rank, one in enumerate(every())}


def require(warehouse_id: str) -> None:
    """Raises WarehouseUnknown, naming the field, unless there is such a warehouse."""
    if warehouse_id not in priorities():
        raise WarehouseUnknown(FieldError("warehouseId", "WAREHOUSE_UNKNOWN"))


def set_all(warehouses: list[Warehouse]) -> None:
    """Write down which warehouses there are."""
    rows = [
        {"id": one.warehouse_id, "name": one.name, "priority": one.priority} for one in warehouses
    ]
    WarehousesItem(ALL, warehouses=rows).save()
    _known.clear()
