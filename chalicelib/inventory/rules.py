"""Pure decisions about stock: adding lines up, what a changed hold moves, when stock is low."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.kernel.errors import Conflict, FieldError, NotFound

DEFAULT_PLACE = "main"


class HoldStatus(StrEnum):
    HELD = "HELD"
    RELEASED = "RELEASED"
    COMMITTED = "COMMITTED"


class MovementType(StrEnum):
    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"
    RESERVE = "RESERVE"
    RELEASE = "RELEASE"


class OutOfStock(Conflict):
    """One field error per line that can't be had, with how many there are."""

    code = "OUT_OF_STOCK"

    @classmethod
    def of(cls, variant_id: str, *, requested: int, available: int) -> "OutOfStock":
        facts = {"available": available, "requested": requested}
        text = "field.stock" if available > 0 else "field.sold_out"
        return cls(FieldError(f"lines.{variant_id}", text, facts, facts))


class VariantNotStocked(NotFound):
    code = "VARIANT_NOT_FOUND"


@dataclass(frozen=True)
class StockKey:
    """One stock item: a variant at a place (a warehouse)."""

    variant_id: str
    place: str = DEFAULT_PLACE


@dataclass(frozen=True)
class Hold:
    """Units set aside for one cart attempt, until `expires_at` (epoch seconds).

    `version` grows with every change of the hold; each write is conditional on the one it read.
    """

    hold_id: str
    status: HoldStatus
    units: Mapping[StockKey, int]
    expires_at: int
    version: int
    reference: str | None = None

    @property
    def quantities(self) -> dict[str, int]:
        """Units by variant, whatever place they are held at."""
        return total_by_variant((key.variant_id, count) for key, count in self.units.items())


@dataclass(frozen=True)
class Availability:
    """What a shopper may know of a variant's stock."""

    variant_id: str
    available: int
    low: bool

    @property
    def sold_out(self) -> bool:
        return self.available <= 0


def total_by_variant(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Lines of the same variant added up, so that no sum slips past a check made line by line."""
    totals: dict[str, int] = {}
    for variant_id, quantity in lines:
        totals[variant_id] = totals.get(variant_id, 0) + quantity
    return totals


def place_units(quantities: Mapping[str, int]) -> dict[StockKey, int]:
    """Which place serves how many of each variant."""
    return {StockKey(variant_id): quantity for variant_id, quantity in quantities.items()}


def difference(wanted: Mapping[StockKey, int], held: Mapping[StockKey, int]) -> dict[StockKey, int]:
    """Units to take (positive) or give back (negative) so that `held` becomes `wanted`."""
    changes = {key: wanted.get(key, 0) - held.get(key, 0) for key in {**wanted, **held}}
    return {key: change for key, change in changes.items() if change}
