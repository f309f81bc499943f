"""Lists of holds and movements, as the sweeper, the check and the owner read them."""

from collections.abc import Iterator
from contextlib import suppress

from chalicelib.inventory.rules import Hold
from chalicelib.inventory.tables import EXPIRY_SHARDS, HoldItem, LedgerItem


def unfinished_holds(now: int) -> Iterator[str]:
    """Ids of ended holds of which units are still to be moved, from all shards of the index."""
    for number in range(EXPIRY_SHARDS):
        for item in HoldItem.by_expiry.query(
            f"{number:02d}",
            HoldItem.expires_at <= now,
            filter_condition=HoldItem.unfinished.exists(),
            attributes_to_get=["hold_id"],
        ):
            yield item.hold_id


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
            with suppress(ValueError, TypeError, LookupError):
                found.append(item.as_hold())
    return found, complete


def open_holds() -> Iterator[Hold]:
    """Holds that have units set aside, as the index lists them: it may be seconds behind."""
    for number in range(EXPIRY_SHARDS):
        for item in HoldItem.by_expiry.query(f"{number:02d}"):
            yield item.as_hold()


def ledger_of(variant_id: str, *, limit: int, before: str | None) -> list[LedgerItem]:
    """A variant's movements, newest first, those before a sequence number."""
    condition = LedgerItem.sequence < before if before else None
    found = LedgerItem.query(variant_id, condition, scan_index_forward=False, limit=limit)
    return list(found)


def ledger_since(variant_id: str, sequence: str) -> Iterator[LedgerItem]:
    """A variant's movements after a sequence number, oldest first, read consistently."""
    condition = LedgerItem.sequence > sequence if sequence else None
    yield from LedgerItem.query(variant_id, condition, consistent_read=True)
