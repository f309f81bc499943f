"""How much one identity may hold without paying: a limit on open holds, against hoarding.

An identity is an e-mail or an address of the net; each has a small item with the ids of its holds.
Nothing is taken out when a hold ends: once the limit is reached, those that have ended since are
looked up and dropped. An order is never slower for it, and a crash leaves nothing wrong behind.
"""

from collections.abc import Mapping, Sequence

from pynamodb.expressions.condition import Condition

from chalicelib.inventory.rules import Hold, HoldStatus, TooManyHolds
from chalicelib.inventory.tables import AllowanceItem, HoldItem
from chalicelib.kernel import dynamo
from chalicelib.kernel.dynamo import size_of
from chalicelib.kernel.errors import LostRace
from chalicelib.kernel.transaction import Transaction

# Open holds per identity. An address may be a whole campus behind one gateway; an e-mail is one
# person with a few carts. A cart needs no limit here: it has one hold at a time.
LIMITS: Mapping[str, int] = {"email": 5, "ip": 100, "user": 5}
KEPT_SECONDS = 86_400


def claim(tx: Transaction, made: Hold) -> None:
    """Enter the hold with each of its identities, in the hold's own transaction.

    A failed condition means TooManyHolds: `tidy` and try once more before believing it.
    """
    for identity in made.holders:
        item = AllowanceItem(identity)
        tx.update(
            item,
            [
                # A set: the same hold entered twice is in it once.
                AllowanceItem.open_holds.add({made.hold_id}),
                AllowanceItem.expires_at.set(made.expires_at + KEPT_SECONDS),
            ],
            condition=_within(identity, made.hold_id),
            otherwise=TooManyHolds(),
        )


def tidy(holders: Sequence[str], now: int) -> None:
    """Drop from each identity's item the holds that have ended."""
    for identity in holders:
        item = dynamo.get(AllowanceItem, identity)
        entered = set(item.open_holds or ()) if item else set()
        if item and (over := entered - _live(entered, now)):
            try:
                dynamo.update(
                    item,
                    [AllowanceItem.open_holds.delete(over)],
                    condition=AllowanceItem.identity.exists(),
                    otherwise=LostRace(),
                )
            except LostRace:
                continue


def _live(hold_ids: set[str], now: int) -> set[str]:
    found = (item.as_hold() for item in dynamo.get_many(HoldItem, hold_ids))
    return {one.hold_id for one in found if one.status == HoldStatus.HELD and one.expires_at > now}


def _within(identity: str, hold_id: str) -> Condition:
    """There is room for one more, or this very hold is entered already."""
    limit = LIMITS[identity.partition(":")[0]]
    entered = AllowanceItem.open_holds
    condition: Condition = (
        entered.does_not_exist() | entered.contains(hold_id) | (size_of(entered) < limit)
    )
    return condition
