"""How much one identity may hold without paying: a limit on open holds, against hoarding.

An identity is an e-mail or an address of the net; each has a small item that lists its holds. A
hold is entered before it is made, by a write of its own: in the hold's transaction, a crowd behind
one gateway would be refused for meeting at the gateway's item. So an entry may be there without its
hold, never a hold without its entry. Nothing is taken out when a hold ends: once the limit is
reached, those that have ended since are looked up and dropped.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from chalicelib.inventory.rules import Hold, HoldStatus, TooManyHolds
from chalicelib.inventory.tables import AllowanceItem, HoldItem
from chalicelib.kernel import dynamo, ids
from chalicelib.kernel.dynamo import size_of
from chalicelib.kernel.errors import LostRace, Unavailable

# Open holds per identity. An address may be a whole campus behind one gateway; an e-mail is one
# person with a few carts. A cart needs no limit here: it has one hold at a time.
LIMITS: Mapping[str, int] = {"email": 5, "ip": 100, "user": 5}
KEPT_SECONDS = 86_400
# An entry this young may belong to a call that is about to write its hold.
IN_FLIGHT_SECONDS = 60
MOST_TRIES = 5
MARK = "#"  # between a hold's id, its version, when it was entered, and the call; no id has it


class Claim:
    """One call's entry of a hold with those of its identities that do not count it already."""

    def __init__(self, hold: Hold, previous: Hold | None, now: int) -> None:
        counted = previous.holders if previous and _lives(previous, now) else ()
        self._missing = [identity for identity in hold.holders if identity not in counted]
        self._entry = MARK.join([hold.hold_id, str(hold.version), str(now), ids.token()[:8]])
        self._until = hold.expires_at + KEPT_SECONDS
        self._now = now
        self._entered: list[str] = []

    def enter(self) -> None:
        """Enter the hold, once. Raises TooManyHolds; Unavailable when too many enter at once."""
        for identity in self._missing:
            if identity not in self._entered:
                self._enter(identity)
                self._entered.append(identity)

    def leave(self) -> None:
        """Take the entry out again: the hold was not made by this call."""
        for identity in self._entered:
            _drop(identity, {self._entry})

    def _enter(self, identity: str) -> None:
        limit = LIMITS[identity.partition(":")[0]]
        room = limit
        for _ in range(MOST_TRIES):
            with suppress(TooManyHolds):
                self._write(identity, room)
                return
            # Full, but maybe of holds that have ended since, or of other calls for this very hold:
            # eight clicks on one button are one hold.
            counted = tidy(identity, self._now)
            if len({_hold_id(entry) for entry in counted} - {_hold_id(self._entry)}) >= limit:
                raise TooManyHolds()
            # What others enter meanwhile is counted before it is written beside.
            room = max(limit, len(counted) + 1)
        raise Unavailable()

    def _write(self, identity: str, room: int) -> None:
        entries = AllowanceItem.open_holds
        dynamo.update(
            AllowanceItem(identity),
            # A set: written twice after a lost reply, the entry is in it once.
            [entries.add({self._entry}), AllowanceItem.expires_at.set(self._until)],
            condition=entries.does_not_exist()
            | (size_of(entries) < room)
            | entries.contains(self._entry),
            otherwise=TooManyHolds(),
        )


def tidy(identity: str, now: int) -> set[str]:
    """Drop what an identity's item lists of holds that have ended or were never made; the entries
    that are left."""
    item = dynamo.get(AllowanceItem, identity)
    entries = set(item.open_holds or ()) if item else set()
    found = {one.hold_id: one for one in _holds({_hold_id(entry) for entry in entries})}
    over = {entry for entry in entries if _is_over(entry, found.get(_hold_id(entry)), now)}
    if over:
        _drop(identity, over)
    return entries - over


def _is_over(entry: str, hold: Hold | None, now: int) -> bool:
    """Whether an entry counts for nothing: its hold was made and has ended, or another call made
    it, or none did within the time that a call takes."""
    _, version, entered_at, _ = entry.split(MARK)
    if hold is not None and hold.version >= int(version):
        return not _lives(hold, now)
    return int(entered_at) <= now - IN_FLIGHT_SECONDS


def _drop(identity: str, entries: set[str]) -> None:
    # Every entry is one call's own: dropped twice, or too late, it hits nobody else's.
    with suppress(LostRace):
        dynamo.update(
            AllowanceItem(identity),
            [AllowanceItem.open_holds.delete(entries)],
            condition=AllowanceItem.identity.exists(),
            otherwise=LostRace(),
        )


def _holds(hold_ids: Iterable[str]) -> list[Hold]:
    return [item.as_hold() for item in dynamo.get_many(HoldItem, hold_ids)]


def _lives(hold: Hold, now: int) -> bool:
    return hold.status == HoldStatus.HELD and hold.expires_at > now


def _hold_id(entry: str) -> str:
    return entry.partition(MARK)[0]
