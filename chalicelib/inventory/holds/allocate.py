"""Where a hold's units come from: an optimistic allocation first, a full one when that falls short.

The optimistic one costs no read: the first warehouse, or a few shards of a variant known to be hot.
Only when it falls short is every place of the variant read, expired holds on it ended, and the
units sought wherever they are, in a bounded number of places (places.py). 'Sold out' is said after
a full allocation alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from chalicelib.inventory import tables
from chalicelib.inventory.holds import expired, listing, places
from chalicelib.inventory.operations import warehouses
from chalicelib.inventory.rules import (
    Hold,
    HoldStatus,
    OutOfStock,
    Short,
    StockKey,
    Taken,
    Units,
    added,
    difference,
    kept_units,
    missing_units,
    spread,
)
from chalicelib.inventory.sharding import shards
from chalicelib.kernel import deadline, telemetry
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.errors import NotAsked, StaleState, Unavailable

FULL_ALLOCATIONS = 6
MOST_LISTED = 256  # holds past their end in each of the index's shards that a request looks at
MOST_ENDED = 50  # holds ended, or tried to, before looking again
MOST_FAILED = 3  # each may have waited for a provider that does not answer
MOST_ROUNDS = 4  # of that within one request; the sweeper has the rest
ENDING_SECONDS = 5.0  # of one such round: most of a buyer's time is for the buyer's own payment

# Ends one expired hold: the caller knows whether an order and a provider hang on it.
End = Callable[[Hold, int], None]
T = TypeVar("T")

# Which are in the index still, and not past their end any more.
_gone: Memory[bool] = Memory(seconds=60, size=5_000)
_expired: Memory[tuple[list[Hold], bool]] = Memory(seconds=1, size=1, stale_seconds=0)


@dataclass(frozen=True)
class AllocationRequest:
    """What a hold shall be: quantities by variant, and the hold as it was last read."""

    hold: Hold
    quantities: Mapping[str, int]
    previous: Hold | None


def allocate(wanted: AllocationRequest, work: Callable[[Taken], T], *, end: End, now: int) -> T:
    """Run `work` with a hold whose units are found; `work` writes it in its transaction.

    Raises OutOfStock, a field per line, or BasketScattered after a full allocation; StaleState as
    `work` does, and when the hold as it was had to be made smaller or tighter first.
    """
    held = _held(wanted.previous)
    kept = kept_units(wanted.quantities, held)
    missing = missing_units(wanted.quantities, kept)
    hinted = any(shards.seems_sold_out(variant_id) for variant_id in missing)
    if not hinted and places.within_bound(held, more=len(missing)):
        try:
            with shards.taking(wanted.hold, now) as taken:
                optimistic = _allocate_optimistically(taken, missing, now)
                return work(_complete(taken, kept, optimistic))
        except OutOfStock:
            pass
    _tighten(wanted.previous, kept, missing, now)
    for _ in range(FULL_ALLOCATIONS):
        units = allocate_fully(missing, kept=kept, end=end, now=now)
        _make_room(wanted.previous, kept, units, now)
        try:
            with shards.taking(wanted.hold, now) as taken:
                # Where the hold has units already, the transaction adds to them.
                fresh = {key: count for key, count in units.items() if key not in kept}
                shards.take_units(taken, fresh, now)
                return work(_complete(taken, kept, units))
        except OutOfStock:
            # There was enough a moment ago and somebody was faster: look again.
            continue
    raise Unavailable()


def _tighten(previous: Hold | None, kept: Units, missing: Mapping[str, int], now: int) -> None:
    """Where what is kept leaves too little room for what is missing, bring it together first."""
    if previous is None or not kept or places.within_bound(kept, more=len(missing)):
        return
    if places.tighten(previous, now=now):
        raise StaleState()


def _make_room(previous: Hold | None, kept: Units, units: Units, now: int) -> None:
    """The transaction moves what comes and what goes. Where that is too much at once, what is not
    wanted any more goes first, in steps of its own."""
    held = _held(previous)
    if previous is not None and difference(kept, held) and not places.within_bound(held, units):
        places.shrink(previous, kept, now=now)
        raise StaleState()


def allocate_fully(
    missing: Mapping[str, int], *, kept: Units, end: End, now: int
) -> dict[StockKey, int]:
    """Where the missing units are, within the bound of a hold's places.

    Raises OutOfStock with every line that can't be had; what is `kept` already counts into both
    what is wanted and what there is. Raises BasketScattered when all can be had, but from too many
    places.
    """
    found: dict[StockKey, int] = {}
    short: list[OutOfStock] = []
    for variant_id, quantity in missing.items():
        try:
            found |= _allocate_variant(variant_id, quantity, end, now)
        except Short as shortage:
            have = sum(count for key, count in kept.items() if key.variant_id == variant_id)
            short.append(
                OutOfStock.of(
                    variant_id, requested=quantity + have, available=shortage.available + have
                )
            )
    if short:
        first, *others = short
        for other in others:
            first.fields.extend(other.fields)
        raise first
    if not places.within_bound(found, kept):
        found = places.in_fewest(missing, kept, now=now)
    return found


def _allocate_variant(variant_id: str, quantity: int, end: End, now: int) -> dict[StockKey, int]:
    """Where the units are, once enough expired holds were ended. Raises Short when there are not
    enough even so, Unavailable when there may be but ending more would take too long."""
    for _ in range(MOST_ROUNDS):
        try:
            return _places_for(variant_id, quantity)
        except Short as short:
            missing = quantity - short.available
            if not end_expired({variant_id: missing}, end=end, now=now):
                if _may_have_more(variant_id, now):
                    raise Unavailable() from short
                raise
    raise Unavailable()


def _may_have_more(variant_id: str, now: int) -> bool:
    """Whether holds past their end, of which there are more than a request looks at, may have some
    of it: then the sweeper will tell."""
    complete = _expired_now(now)[1]
    return not complete and any(item.reserved for item in tables.rooms_of(variant_id))


def _places_for(variant_id: str, quantity: int) -> dict[StockKey, int]:
    items = tables.rooms_of(variant_id)
    shards.learn(variant_id, items)
    rooms = shards.rooms(items, warehouses.priorities())
    if not rooms:
        shards.note_sold_out(variant_id)
    return spread(variant_id, quantity, rooms)


def end_expired(short: Mapping[str, int], *, end: End, now: int) -> int:
    """End expired holds until the units that are short of each variant count as what they are:
    free. How many were ended.

    One that can't be ended now (its provider is out of reach, or worse) stays for the sweeper:
    another buyer's trouble is not this one's. Nor does this one wait longer than ENDING_SECONDS.
    """
    with deadline.within(ENDING_SECONDS):
        return _end_expired(short, end, now)


def _end_expired(short: Mapping[str, int], end: End, now: int) -> int:
    left, ended, failed = dict(short), 0, 0

    def is_useful(hold: Hold) -> bool:
        wanted = any(left.get(name, 0) > 0 for name in hold.quantities)
        return wanted and not _gone.get(hold.hold_id)

    for hold in islice(filter(is_useful, _expired_now(now)[0]), MOST_ENDED):
        if failed == MOST_FAILED or deadline.is_over():
            break
        try:
            ended += _is_ended(hold.hold_id, end, left, now)
        except Exception as error:
            telemetry.logger().warning("hold left for the sweeper", exc_info=error)
            failed += 1
    if ended:
        shards.forget_sold_out(short)
        _expired.clear()
        expired.forget()
    return ended


def _is_ended(hold_id: str, end: End, left: dict[str, int], now: int) -> bool:
    """End one, as it is now, and count its units off what is `left` to find."""
    hold = expired_hold(hold_id, now)
    if hold is None:
        # The index is behind: ended by somebody else, or waiting for its money after all.
        _gone.set(hold_id, True)
        return True
    try:
        end(hold, now)
    except StaleState:
        # Ended by somebody else in this very moment: maybe just as good.
        return True
    except NotAsked:
        # Cost no call: the next one may be another provider's.
        return False
    for name, quantity in hold.quantities.items():
        left[name] = left.get(name, 0) - quantity
    return True


def _expired_now(now: int) -> tuple[list[Hold], bool]:
    """Holds past their end as the index shows them, and whether those are all: so many of a shard
    and no more, for they pile up just when a provider hangs."""
    return _expired.get_or_fetch(
        "all", lambda: listing.newest_past_their_end(now, most=MOST_LISTED)
    )


def expired_holds(now: int, page_size: int = 100) -> Iterator[Hold]:
    """Holds that are still HELD past their end, each read consistently."""
    for hold_id in tables.holds_past_their_end(now, page_size):
        found = expired_hold(hold_id, now)
        if found is not None:
            yield found


def expired_hold(hold_id: str, now: int) -> Hold | None:
    """The hold, if it is still HELD past its end."""
    found = tables.read_hold(hold_id)
    over = found is not None and found.status == HoldStatus.HELD and found.expires_at <= now
    return found if over else None


def _allocate_optimistically(
    taken: Taken, missing: Mapping[str, int], now: int
) -> dict[StockKey, int]:
    """The first warehouse for what is not known to be hot; a shard, taken at once, for what is."""
    unsharded = {}
    for variant_id, quantity in missing.items():
        count = shards.shards_of(variant_id)
        if count:
            shards.take_somewhere(taken, variant_id, quantity, count, now)
        else:
            unsharded[StockKey(variant_id)] = quantity
    return added(unsharded, taken.units)


def _complete(taken: Taken, kept: Units, units: Units) -> Taken:
    return replace(taken, hold=replace(taken.hold, units=added(kept, units)))


def _held(previous: Hold | None) -> Units:
    return previous.units if previous and previous.status == HoldStatus.HELD else {}
