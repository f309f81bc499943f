"""Lists of holds and movements, as the sweeper, the check and the owner read them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from chalicelib.inventory.rules import Hold
from chalicelib.inventory.tables import EXPIRY_SHARDS, HoldItem, LedgerItem, read_hold
from chalicelib.kernel.db import dynamo

# What reading a row raises that is not as it should be: no trouble of the table's.
UNREADABLE = (ValueError, TypeError, LookupError)


def newest_past_their_end(now: int, *, most: int) -> tuple[list[Hold], bool]:
    """Holds that ended before `now`, the newest first, `most` of each shard; and whether those are
    all. The index may lag, and the holds themselves are not read."""
    found: list[Hold] = []
    complete = True
    for number in range(EXPIRY_SHARDS):
        page = list(
            HoldItem.by_expiry.query(
                f"{number:02d}", HoldItem.expires_at <= now, scan_index_forward=False, limit=most
            )
        )
        complete &= len(page) < most
        for item in page:
            # One that can't be read is nobody's trouble but its own; the sweeper tells of it.
            with suppress(*UNREADABLE):
                found.append(item.as_hold())
    return found, complete


def open_holds(broken: Callable[[str, Exception], None]) -> Iterator[Hold]:
    """Holds that have units set aside, as the index lists them: it may be seconds behind.

    One that can't be read is told to `broken` with its id; the others are answered.
    """
    for number in range(EXPIRY_SHARDS):
        shard = f"{number:02d}"
        try:
            yield from [item.as_hold() for item in HoldItem.by_expiry.query(shard)]
        except UNREADABLE:
            keys = HoldItem.by_expiry.query(shard, attributes_to_get=["hold_id"])
            found = _each_alone((key.hold_id for key in keys), broken)
            # Some may have ended since the index listed them.
            yield from (hold for hold in found if hold.reserved)


def _each_alone(
    hold_ids: Iterable[str], broken: Callable[[str, Exception], None]
) -> Iterator[Hold]:
    for hold_id in hold_ids:
        try:
            hold = read_hold(hold_id)
        except UNREADABLE as error:
            broken(hold_id, error)
        else:
            if hold is not None:
                yield hold


def holds_of(hold_ids: Iterable[str]) -> dict[str, Hold]:
    """These holds by their ids, those that there are and that can be read."""
    wanted = list(hold_ids)
    try:
        return {item.hold_id: item.as_hold() for item in dynamo.get_many(HoldItem, wanted)}
    except UNREADABLE:
        # One of them; the others are found without it.
        return {hold.hold_id: hold for hold in _each_alone(wanted, lambda *_: None)}


def ledger_of(variant_id: str, *, limit: int, before: str | None) -> list[LedgerItem]:
    """A variant's movements, newest first, those before a sequence number."""
    condition = LedgerItem.sequence < before if before else None
    found = LedgerItem.query(variant_id, condition, scan_index_forward=False, limit=limit)
    return list(found)


def ledger_since(variant_id: str, sequence: str) -> Iterator[LedgerItem]:
    """A variant's movements after a sequence number, oldest first, read consistently."""
    condition = LedgerItem.sequence > sequence if sequence else None
    yield from LedgerItem.query(variant_id, condition, consistent_read=True)
