"""The use cases of stock, as other contexts see them.

What does the work lies beside this file: `looks` finds units, `holds` writes them, `shards` and
`hotness` are for hot variants, `stocktaking` for operators, `allowances` against hoarding.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from chalicelib.inventory import (
    allowances,
    check,
    holds,
    hotness,
    looks,
    shards,
    stocktaking,
    tables,
    warehouses,
)
from chalicelib.inventory.looks import End
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    Availability,
    Hold,
    HoldStatus,
    MovementType,
    StockKey,
    Taken,
    VariantNotStocked,
    shard_place,
    total_by_variant,
)
from chalicelib.inventory.tables import HoldItem, LedgerItem, StockItem
from chalicelib.kernel import dynamo, telemetry
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.errors import LostRace, ShopError, Unavailable
from chalicelib.kernel.transaction import Transaction

T = TypeVar("T")

PLENTY = 20

# For operators, as they are.
restock, take_back, adjust = stocktaking.restock, stocktaking.take_back, stocktaking.adjust
transfer, set_threshold = stocktaking.transfer, stocktaking.set_threshold
set_shards, check_stock = hotness.set_shards, check.check
set_warehouses = warehouses.set_all

# For carts and orders.
release, commit, sell, finish = holds.release, holds.commit, holds.sell, holds.finish
read_hold, expired_holds = tables.read_hold, looks.expired_holds

_shown: Memory[Availability] = Memory(seconds=5, size=2000)


def secure(
    hold: Hold,
    quantities: Mapping[str, int],
    previous: Hold | None,
    work: Callable[[Taken], T],
    *,
    end: End,
    now: int,
) -> T:
    """Find units for a hold wherever they are, and run `work`, which writes it by `write_hold`.

    `previous` is the hold as it was last read (None: never made); what it still holds is kept.
    Raises OutOfStock (a field per line) after every place was looked at, BasketScattered,
    TooManyHolds, LostRace.
    """
    if previous and previous.unfinished:
        finish(previous, now=now)
        raise LostRace()
    version = previous.version + 1 if previous else 1
    still = previous is not None and previous.status == HoldStatus.HELD
    since = previous.since if previous is not None and still else now
    wanted = looks.Wanted(replace(hold, version=version, since=since), quantities, previous)
    claim = allowances.Claim(wanted.hold, previous, now)

    def within_allowance(taken: Taken) -> T:
        # Not before units are found: whoever is told 'sold out' by a look has entered nothing.
        claim.enter()
        return work(taken)

    try:
        return looks.secure(wanted, within_allowance, end=end, now=now)
    except Unavailable:
        # The hold may have been written: its entry stays, and is looked up when it matters.
        raise
    except (ShopError, LostRace):
        claim.leave()
        raise


def write_hold(tx: Transaction, taken: Taken, previous: Hold | None, *, now: int) -> Hold:
    """Add the secured hold to the transaction that it stands or falls with."""
    holds.write(tx, taken.hold, previous, taken.units, now)
    return taken.hold


def extend(tx: Transaction, held: Hold, *, expires_at: int) -> Hold:
    """Let a hold last until `expires_at`. LostRace when it is not as it was read."""
    longer = replace(held, expires_at=expires_at, version=held.version + 1)
    holds.put(tx, longer, held)
    return longer


def end_reservation(hold: Hold, now: int) -> None:
    """End an expired hold that no order hangs on. One with an order is not ours to end."""
    if hold.reference is not None:
        raise Unavailable()
    with Transaction() as tx:
        release(tx, hold, now=now)


def find_units(quantities: Mapping[str, int], *, end: End, now: int) -> dict[StockKey, int]:
    """Where these units can be had now. Raises OutOfStock, BasketScattered."""
    return looks.look(quantities, kept={}, end=end, now=now)


def finish_ends(now: int) -> int:
    """The sweeper's part for holds that were too large to be ended by one transaction: move what
    is left. How many were finished; one that fails waits for the next run."""
    finished = 0
    for hold_id in tables.unfinished_holds(now):
        hold = tables.read_hold(hold_id)
        try:
            if hold is not None:
                finish(hold, now=now)
                finished += 1
        except LostRace:
            # Somebody else does it.
            continue
        except Exception as error:
            telemetry.logger().warning(
                "hold left unfinished", exc_info=error, extra={"hold_id": hold_id}
            )
    return finished


def forget_holders(hold_id: str) -> None:
    """Remove whose allowance an ended hold used; one that lives needs it until it ends."""
    try:
        dynamo.update(
            HoldItem(hold_id),
            [HoldItem.holders.set([])],
            condition=HoldItem.hold_id.exists() & (HoldItem.status != HoldStatus.HELD),
            otherwise=LostRace(),
        )
    except LostRace:
        return


def tend_hot_variants(now: int) -> int:
    """The sweeper's part for hot variants: strays go back, units are evened out. How many moved."""
    moved = shards.return_strays(now)
    for variant_id in list(tables.hot_variants()):
        moved += hotness.even_out(variant_id, now=now)
    return moved


def availability(
    variant_ids: Iterable[str], wanted: Mapping[str, int] | None = None
) -> dict[str, Availability]:
    """What is available now in all places, per variant; one without stock items has none.

    A hold past its end is not counted as taken: its units are added, though the sweeper may not
    have come by yet. Only where it matters: beyond PLENTY, and what is `wanted`, nobody counts.
    """
    ids = list(dict.fromkeys(variant_ids))
    items = _items_of(ids)
    found = {key: _as_availability(key, items.get(key, [])) for key in ids}
    enough = {key: max(PLENTY, (wanted or {}).get(key, 0)) for key in ids}
    short = {key for key, one in found.items() if one.available < enough[key]}
    freed = looks.expired_units(short) if short else {}
    return {
        key: replace(one, available=one.available + freed[key]) if key in freed else one
        for key, one in found.items()
    }


def available(variant_id: str) -> Availability:
    """One variant's availability. Raises VariantNotStocked for a variant that has no stock item."""
    if not tables.rooms_of(variant_id):
        raise VariantNotStocked()
    return availability([variant_id])[variant_id]


def availability_for_show(variant_ids: Iterable[str]) -> dict[str, Availability]:
    """As `availability`, up to five seconds old: for pages of many products, never to decide."""
    return _shown.get_many(variant_ids, availability)


def availability_or_last_seen(variant_ids: Iterable[str]) -> dict[str, Availability]:
    """As `availability`; while the tables are out of reach, what was seen last, five minutes old at
    most. For showing, never to decide."""
    return _shown.get_many(variant_ids, availability, anew=True)


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


def stocked_variants(place: str, *, limit: int, after: str | None) -> list[str]:
    """Variants that a warehouse has or had, in their order, those after one: for reports."""
    return [item.variant_id for item in tables.stock_at(place, limit=limit, after=after)]


def totals(variant_id: str) -> dict[str, int]:
    """A variant's counters over all its places, and its threshold."""
    items = tables.stock_of(variant_id)
    if not items:
        raise VariantNotStocked()
    counters = ("available", "reserved", "sold", "stocked", "low_stock_at", "shards")
    return {name: sum(int(getattr(item, name)) for item in items) for name in counters}


def ledger(variant_id: str, *, limit: int, before: str | None) -> list[LedgerItem]:
    """A variant's movements, newest first."""
    return tables.ledger_of(variant_id, limit=limit, before=before)


def _items_of(variant_ids: list[str]) -> dict[str, list[StockItem]]:
    """Stock items of all places, in one batch; shards of hot variants in a second."""
    places = warehouses.priorities()
    keys = [(variant_id, place) for variant_id in variant_ids for place in places]
    found = list(dynamo.get_many(StockItem, keys, attributes=tables.WITHOUT_NOTES))
    # A variant that was hot until lately still has units in shards.
    hot = [item for item in found if item.hot]
    more = [
        (item.variant_id, shard_place(DEFAULT_PLACE, number))
        for item in hot
        for number in range(max(int(item.shards), int(item.shards_made)))
    ]
    if more:
        found += dynamo.get_many(StockItem, more, attributes=tables.WITHOUT_NOTES)
    by_variant: dict[str, list[StockItem]] = {}
    for item in found:
        by_variant.setdefault(item.variant_id, []).append(item)
    return by_variant


def _as_availability(variant_id: str, items: Iterable[StockItem]) -> Availability:
    units = total_by_variant((variant_id, int(item.available)) for item in items)
    threshold = sum(int(item.low_stock_at) for item in items)
    count = units.get(variant_id, 0)
    return Availability(variant_id, count, low=count <= threshold)
