"""The use cases of stock, as other contexts see them.

What does the work lies beside this file: `looks` finds units, `holds` writes them, `shards` and
`hotness` are for hot variants, `stocktaking` for operators, `allowances` against hoarding, and
`showing` for whoever only looks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from chalicelib.inventory import availability as shown
from chalicelib.inventory import tables
from chalicelib.inventory.holds import allocate as allocation
from chalicelib.inventory.holds import allowances, listing, writes
from chalicelib.inventory.holds.allocate import End
from chalicelib.inventory.operations import movements, warehouses
from chalicelib.inventory.rules import (
    DEFAULT_PLACE,
    Hold,
    HoldStatus,
    MovementType,
    StockKey,
    Taken,
    VariantNotStocked,
)
from chalicelib.inventory.sharding import resharding, shards
from chalicelib.inventory.tables import HoldItem, LedgerItem, StockItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import ShopError, StaleState, Unavailable

T = TypeVar("T")

# Gives back the units of a note when they are orphaned reservation, at a time; says whether they
# were.
PutRight = Callable[[int], bool]

# For operators, as they are.
restock, take_back, adjust = movements.restock, movements.take_back, movements.adjust
transfer, set_threshold = movements.transfer, movements.set_threshold
set_shards = resharding.set_shards
set_warehouses = warehouses.set_all

# For carts and orders.
release, commit, sell, finish = writes.release, writes.commit, writes.sell, writes.finish
read_hold, expired_holds = tables.read_hold, allocation.expired_holds
# For jobs: ids to go through, and each row by itself.
expired_by_shard, expired_hold = tables.expired_by_shard, allocation.expired_hold
ends_in_steps = writes.ends_in_steps
hot_variants, rebalance = tables.hot_variants, resharding.rebalance

# For whoever is shown what there is.
availability, available = shown.availability, shown.available
availability_for_show, shelf_states = shown.for_show, shown.shelf_states


def allocate(
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
    TooManyHolds, TooManyUnitsHeld, StaleState.
    """
    if previous and previous.unfinished:
        finish(previous, now=now)
        raise StaleState()
    version = previous.version + 1 if previous else 1
    still = previous is not None and previous.status == HoldStatus.HELD
    since = previous.since if previous is not None and still else now
    wanted = allocation.AllocationRequest(
        replace(hold, version=version, since=since), quantities, previous
    )
    claim = allowances.Claim(wanted.hold, previous, now, quantities)

    def within_allowance(taken: Taken) -> T:
        # Not before units are found: whoever is told 'sold out' by a look has entered nothing.
        claim.enter()
        return work(taken)

    try:
        return allocation.allocate(wanted, within_allowance, end=end, now=now)
    except Unavailable:
        # The hold may have been written: its entry stays, and is looked up when it matters.
        raise
    except (ShopError, StaleState):
        claim.leave()
        raise


def write_hold(tx: Transaction, taken: Taken, previous: Hold | None, *, now: int) -> Hold:
    """Add the secured hold to the transaction that it stands or falls with."""
    writes.write(tx, taken.hold, previous, taken.units, now)
    return taken.hold


def extend(tx: Transaction, held: Hold, *, expires_at: int) -> Hold:
    """Let a hold last until `expires_at`. StaleState when it is not as it was read."""
    longer = replace(held, expires_at=expires_at, version=held.version + 1)
    writes.put(tx, longer, held)
    return longer


def end_reservation(hold: Hold, now: int) -> None:
    """End an expired hold that no order hangs on. One with an order is not ours to end."""
    if hold.reference is not None:
        raise Unavailable()
    with Transaction() as tx:
        release(tx, hold, now=now)


def find_units(quantities: Mapping[str, int], *, end: End, now: int) -> dict[StockKey, int]:
    """Where these units can be had now. Raises OutOfStock, BasketScattered."""
    return allocation.allocate_fully(quantities, kept={}, end=end, now=now)


def finish_end(hold_id: str, *, now: int) -> bool:
    """Move what is left of a hold that was too large to be ended by one transaction; False when
    somebody else was faster."""
    hold = tables.read_hold(hold_id)
    try:
        if hold is not None:
            finish(hold, now=now)
        return hold is not None
    except StaleState:
        return False


def forget_holders(hold_id: str) -> None:
    """Remove whose allowance an ended hold used; one that lives needs it until it ends."""
    found = read_hold(hold_id)
    if found is None or found.status == HoldStatus.HELD:
        return
    for identity in found.holders:
        if identity.startswith("email:"):
            # Named nowhere else: an e-mail's allowance goes by its address of the net as well.
            dynamo.delete(tables.AllowanceItem(identity))
    try:
        dynamo.update(
            HoldItem(hold_id),
            [HoldItem.holders.set([])],
            condition=HoldItem.hold_id.exists() & (HoldItem.status != HoldStatus.HELD),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return


def noted_holds(variant_id: str) -> Iterator[tuple[str, PutRight]]:
    """The holds for which a hot variant's shards note units, each with what puts these right."""
    for hold_id, key, note in shards.notes_of(variant_id):
        yield hold_id, partial(_put_right, hold_id, key, note)


def _put_right(hold_id: str, key: StockKey, note: shards.Note, now: int) -> bool:
    # Before its minute is over, whoever took the units may still write the hold.
    return note["exp"] <= now and shards.return_orphan(hold_id, key, note, now)


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
        dynamo.put(
            item, condition=StockItem.variant_id.does_not_exist(), on_condition_failed=StaleState()
        )
    except StaleState:
        return False
    return True


def stocked_variants(place: str, *, limit: int, after: str | None) -> list[str]:
    """Variants that a warehouse has or had, in their order, those after one: for reports."""
    return tables.variants_at(place, limit=limit, after=after)


def totals(variant_id: str) -> dict[str, int]:
    """A variant's counters over all its places, and its threshold."""
    items = tables.stock_of(variant_id)
    if not items:
        raise VariantNotStocked()
    counters = ("available", "reserved", "sold", "stocked", "low_stock_at", "shards")
    return {name: sum(int(getattr(item, name)) for item in items) for name in counters}


def ledger(variant_id: str, *, limit: int, before: str | None) -> list[LedgerItem]:
    """A variant's movements, newest first."""
    return listing.ledger_of(variant_id, limit=limit, before=before)
