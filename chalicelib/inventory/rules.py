"""Pure decisions about stock: adding lines up, where units come from, what a changed hold moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.kernel import ids
from chalicelib.kernel.errors import Conflict, FieldError, Invalid, NotFound, TooMany

DEFAULT_PLACE = "main"
# Between a warehouse and the number of one of its shards: `main#07`.
SHARD_MARK = "#"
MAX_SHARDS = 32
# Places of one hold at most. A transaction takes 100 writes, and the largest one that moves a whole
# hold writes order, payment, hold, two of the store balance, cart and a webhook's row besides;
# the rest is room for what is later to be taken and given back with an order.
MOST_PLACES = 80


class HoldStatus(StrEnum):
    HELD = "HELD"
    RELEASED = "RELEASED"
    COMMITTED = "COMMITTED"


class MovementType(StrEnum):
    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"
    RESERVE = "RESERVE"
    RELEASE = "RELEASE"
    ADJUST = "ADJUST"
    RETURN = "RETURN"
    TRANSFER = "TRANSFER"


class OutOfStock(Conflict):
    """One field error per line that can't be had, with how many there are."""

    code = "OUT_OF_STOCK"

    @classmethod
    def of(cls, variant_id: str, *, requested: int, available: int) -> "OutOfStock":
        facts = {"available": available, "requested": requested}
        text = "field.stock" if available > 0 else "field.sold_out"
        return cls(FieldError(f"lines.{variant_id}", text, facts, facts))


class BasketScattered(Conflict):
    """All of it is there, in more places than one order can be sold from; one field per line that
    comes from several warehouses, with from how many."""

    code = "BASKET_SCATTERED"

    @classmethod
    def of(cls, warehouses: Mapping[str, int]) -> "BasketScattered":
        return cls(
            *(
                FieldError(f"lines.{variant_id}", "field.scattered", {"count": count})
                for variant_id, count in warehouses.items()
                if count > 1
            )
        )


class Short(Exception):
    """Fewer units were found than are missing; whoever asks says it in the buyer's terms."""

    def __init__(self, available: int) -> None:
        super().__init__(available)
        self.available = available


class VariantNotStocked(NotFound):
    code = "VARIANT_NOT_FOUND"


class WarehouseUnknown(Invalid):
    code = "WAREHOUSE_UNKNOWN"


class SameWarehouse(Invalid):
    code = "SAME_WAREHOUSE"


class NotEnoughStock(Conflict):
    """An operator would take more out than is available."""

    code = "NOT_ENOUGH_STOCK"


class TooManyHolds(TooMany):
    """One identity has as many open holds as one may without paying; `minutes` until one ends."""

    code = "TOO_MANY_HOLDS"


class TooManyUnitsHeld(TooMany):
    """One identity holds as many units as one may without paying, of all things together or (then
    a field names the line) of one variant; `minutes` until one of its holds ends."""

    code = "TOO_MANY_UNITS_HELD"


class ReservationEnded(Conflict):
    code = "RESERVATION_ENDED"


class ReservationLimit(Conflict):
    code = "RESERVATION_LIMIT"


@dataclass(frozen=True)
class StockKey:
    """One stock item: a variant at a place (a warehouse, or one shard of a hot variant's)."""

    variant_id: str
    place: str = DEFAULT_PLACE

    @property
    def is_shard(self) -> bool:
        return SHARD_MARK in self.place

    @property
    def warehouse(self) -> str:
        return warehouse_of(self.place)


Units = Mapping[StockKey, int]


@dataclass(frozen=True)
class Hold:
    """Units set aside for one cart attempt, until `expires_at` (epoch seconds).

    `version` grows with every change of the hold; each write is conditional on the one it read.
    `since` is when its units were first set aside: extending has a limit. `holders` are the
    identities whose allowance it uses.

    `unfinished` are units of a hold that has ended but was too large to be ended by one
    transaction: they are still to be moved as its status says, and count as reserved until then.
    """

    hold_id: str
    status: HoldStatus
    units: Units
    expires_at: int
    version: int
    reference: str | None = None
    since: int = 0
    holders: Sequence[str] = ()
    unfinished: Units = field(default_factory=dict)

    @property
    def quantities(self) -> dict[str, int]:
        """Units by variant, whatever place they are held at."""
        return total_by_variant((key.variant_id, count) for key, count in self.units.items())

    @property
    def reserved(self) -> Units:
        """Units that its places count as reserved for it."""
        return self.units if self.status == HoldStatus.HELD else self.unfinished


@dataclass
class Taken:
    """A hold about to be written, and the units that lie in shards for it already."""

    hold: Hold
    units: dict[StockKey, int] = field(default_factory=dict)
    # Only what this very call took: what an earlier run took belongs to that run's hold.
    fresh: dict[StockKey, int] = field(default_factory=dict)
    # This call's own name in the shards' notes: two calls for one hold must not be mixed up.
    # Short, for a shard pays for every letter: it differs from other runs of this hold alone.
    run: str = field(default_factory=lambda: ids.token()[:8])


class StockState(StrEnum):
    """How a variant stands, as lists show it."""

    IN_STOCK = "IN_STOCK"
    LOW = "LOW"
    SOLD_OUT = "SOLD_OUT"


def state_of(available: int, low_stock_at: int) -> StockState:
    """The state of so many units, under a threshold."""
    if available <= 0:
        return StockState.SOLD_OUT
    return StockState.LOW if available <= low_stock_at else StockState.IN_STOCK


@dataclass(frozen=True)
class Availability:
    """What a shopper may know of a variant's stock.

    `obtainable` is what a checkout could get at best: more than `available` only while so many
    holds are past their end that not all of them were counted.
    """

    variant_id: str
    available: int
    low: bool
    obtainable: int

    @property
    def sold_out(self) -> bool:
        return self.available <= 0


@dataclass(frozen=True)
class Room:
    """A place and how many units could be taken there."""

    place: str
    available: int


def shard_place(warehouse: str, number: int) -> str:
    return f"{warehouse}{SHARD_MARK}{number:02d}"


def warehouse_of(place: str) -> str:
    """The warehouse that a place is, or is a shard of."""
    return place.partition(SHARD_MARK)[0]


def total_by_variant(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Lines of the same variant added up, so that no sum slips past a check made line by line."""
    totals: dict[str, int] = {}
    for variant_id, quantity in lines:
        totals[variant_id] = totals.get(variant_id, 0) + quantity
    return totals


def kept_units(quantities: Mapping[str, int], held: Units) -> dict[StockKey, int]:
    """Of what is held already, what is still wanted, at the places where it lies."""
    left, kept = dict(quantities), {}
    for key, count in sorted(held.items(), key=lambda unit: (unit[0].variant_id, unit[0].place)):
        keep = min(count, left.get(key.variant_id, 0))
        if keep:
            kept[key] = keep
            left[key.variant_id] -= keep
    return kept


def missing_units(quantities: Mapping[str, int], kept: Units) -> dict[str, int]:
    """How many of each variant are wanted beyond what is kept."""
    have = total_by_variant((key.variant_id, count) for key, count in kept.items())
    missing = {variant: count - have.get(variant, 0) for variant, count in quantities.items()}
    return {variant: count for variant, count in missing.items() if count > 0}


def spread(variant_id: str, wanted: int, rooms: Sequence[Room]) -> dict[StockKey, int]:
    """Take `wanted` units from the rooms, from one alone where one has enough; else warehouse by
    warehouse in the order of the rooms, and in each from where most are.

    Raises Short, telling what all rooms have together.
    """
    for room in rooms:
        if room.available >= wanted:
            return {StockKey(variant_id, room.place): wanted}
    order = {name: at for at, name in enumerate(dict.fromkeys(_names(rooms)))}
    taken, left = {}, wanted
    for room in sorted(rooms, key=lambda one: (order[warehouse_of(one.place)], -one.available)):
        take = min(max(room.available, 0), left)
        if take:
            taken[StockKey(variant_id, room.place)] = take
            left -= take
        if not left:
            return taken
    raise Short(available=wanted - left)


def fewest(wanted: int, available: Mapping[str, int]) -> dict[str, int]:
    """How many to take from which warehouses, so that they are as few as can be; of two that have
    as many, the first. Raises Short."""
    taken, left = {}, wanted
    for name, count in sorted(available.items(), key=lambda one: -one[1]):
        take = min(max(count, 0), left)
        if take:
            taken[name] = take
            left -= take
    if left:
        raise Short(available=wanted - left)
    return taken


def _names(rooms: Iterable[Room]) -> Iterable[str]:
    return (warehouse_of(room.place) for room in rooms)


def difference(wanted: Units, held: Units) -> dict[StockKey, int]:
    """Units to take (positive) or give back (negative) so that `held` becomes `wanted`."""
    changes = {key: wanted.get(key, 0) - held.get(key, 0) for key in {**wanted, **held}}
    return {key: change for key, change in changes.items() if change}


def added(left: Units, right: Units) -> dict[StockKey, int]:
    """Both together, place by place."""
    return {key: left.get(key, 0) + right.get(key, 0) for key in {**left, **right}}
