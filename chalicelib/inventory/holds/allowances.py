"""How much one identity may hold without paying: against hoarding, and against closing a shop out.

An identity is an account, an address of the net, or a guest's e-mail together with that address;
each has a small item that lists its holds and their units. A hold is entered before it is made, by
a write of its own: in the hold's transaction, a crowd behind one gateway would be refused for
meeting at the gateway's item. So an entry may be there without its hold, never a hold without its
entry. Nothing is taken out when a hold ends: once a limit is reached, those that have ended since
are looked up and dropped.

Three things are bounded: open holds, their units, and the share of one variant's stock. An
identity's only hold is as large as one order may be; what it holds besides is bounded. The write
that enters a hold answers all entries, so that of two at once the later one has seen both.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.inventory import tables
from chalicelib.inventory.rules import Hold, HoldStatus, TooManyHolds, TooManyUnitsHeld
from chalicelib.inventory.tables import AllowanceItem, HoldItem
from chalicelib.kernel import ids, rates
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import size_of
from chalicelib.kernel.errors import FieldError, StaleState, TooMany, Unavailable

# Open holds per identity. An address may be a whole campus behind one gateway; an e-mail is one
# person with a few carts. A cart needs no limit here: it has one hold at a time.
LIMITS: Mapping[str, int] = {"email": 5, "ip": 100, "user": 5}
# Their units together: five full orders of a person, a few dozen of a campus.
UNITS: Mapping[str, int] = {"email": 100, "ip": 500, "user": 100}
# Of one variant's stock (available and reserved) one identity's holds have this part at most, or
# these few units where that is less: two people of one household buy the last ones.
SHARE = 4
FEW = 4
KEPT_SECONDS = 86_400
# An entry this young may belong to a call that is about to write its hold.
IN_FLIGHT_SECONDS = 60
MOST_TRIES = 5
MARK = "#"  # between the parts of an entry; no id has it
NAME_LETTERS = 6  # of a variant's digest: an item pays for every letter, and two hardly ever meet

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Open:
    """What an identity's item lists, and those of its holds that exist."""

    entries: frozenset[str]
    holds: Mapping[str, Hold]

    def others(self, hold_id: str) -> frozenset[str]:
        """The ids of the holds besides one."""
        return frozenset(map(hold_in, self.entries)) - {hold_id}

    def units_beside(self, hold_id: str) -> Counter[str]:
        """Units of the other holds, by the names of their variants."""
        total: Counter[str] = Counter()
        for other in self.others(hold_id):
            total.update(self._units_of(other))
        return total

    def _units_of(self, hold_id: str) -> Counter[str]:
        """Of one hold: what it has, or more where an entry says that more is being written."""
        hold, most = self.holds.get(hold_id), Counter[str]()
        if hold is not None:
            most |= Counter(_named(hold.quantities))
        for entry in self.entries:
            if hold_in(entry) == hold_id and (hold is None or _version(entry) > hold.version):
                most |= Counter(_units(entry))
        return most

    def seconds_left(self, hold_id: str, now: int) -> int:
        """Until the first of the other holds ends; a minute where nobody knows."""
        others = self.others(hold_id)
        ends = [hold.expires_at for hold in self.holds.values() if hold.hold_id in others]
        return max(1, min(ends) - now) if ends else 60


class Claim:
    """One call's entry of a hold with those of its identities that do not count it already."""

    def __init__(
        self, hold: Hold, previous: Hold | None, now: int, quantities: Counts | None = None
    ) -> None:
        self._hold_id, self._wanted = hold.hold_id, dict(quantities or {})
        counted = _counted(previous, self._wanted, now)
        self._missing = [identity for identity in hold.holders if identity not in counted]
        units = ",".join(f"{name}{count}" for name, count in _named(self._wanted).items())
        self._entry = MARK.join([hold.hold_id, str(hold.version), str(now), ids.token()[:8], units])
        self._until = hold.expires_at + KEPT_SECONDS
        self._now = now
        self._entered: list[str] = []

    def enter(self) -> None:
        """Enter the hold, once. Raises TooManyHolds, TooManyUnitsHeld; Unavailable when too many
        enter at once."""
        for identity in self._missing:
            if identity not in self._entered:
                self._enter(identity)

    def leave(self) -> None:
        """Take the entry out again: the hold was not made by this call."""
        for identity in self._entered:
            _drop(identity, {self._entry})

    def _enter(self, identity: str) -> None:
        limit = LIMITS[_kind(identity)]
        room = limit
        for _ in range(MOST_TRIES):
            with suppress(TooManyHolds):
                entries = self._write(identity, room)
                self._entered.append(identity)
                return self._check_units(identity, entries)
            # Full, but maybe of holds that have ended since, or of other calls for this very hold:
            # eight clicks on one button are one hold.
            found = tidy(identity, self._now)
            if len(found.others(self._hold_id)) >= limit:
                raise self._with_end(TooManyHolds, found)
            # What others enter meanwhile is counted before it is written beside.
            room = max(limit, len(found.entries) + 1)
        raise Unavailable()

    def _write(self, identity: str, room: int) -> frozenset[str]:
        """Add the entry where there is room; all that are there then."""
        entries = AllowanceItem.open_holds
        item = dynamo.update(
            AllowanceItem(identity),
            # A set: written twice after a lost reply, the entry is in it once.
            [entries.add({self._entry}), AllowanceItem.expires_at.set(self._until)],
            condition=entries.does_not_exist()
            | (size_of(entries) < room)
            | entries.contains(self._entry),
            on_condition_failed=TooManyHolds(),
        )
        return frozenset(item.open_holds or ())

    def _check_units(self, identity: str, entries: frozenset[str]) -> None:
        """Raises TooManyUnitsHeld when the identity's holds are too much with this one."""
        # As the entries tell it at first, which costs nothing; the holds are read only for a no.
        if self._excess(identity, Open(entries, {})) is None:
            return
        found = tidy(identity, self._now)
        fields = self._excess(identity, found)
        if fields is not None:
            raise self._with_end(TooManyUnitsHeld, found, fields)

    def _excess(self, identity: str, found: Open) -> list[FieldError] | None:
        """The lines of which too much would be held, or none named when it is all together; None
        when nothing is too much."""
        others = found.units_beside(self._hold_id)
        if not others:
            return None
        most = rates.of_stage(UNITS[_kind(identity)], identity)
        if others.total() + sum(self._wanted.values()) > most:
            return []
        fields = []
        for variant_id, count in self._wanted.items():
            held = others[_name(variant_id)]
            if (
                held
                and held + count > FEW
                and held + count > (share := _share(variant_id, identity))
            ):
                facts = {"held": held, "most": max(FEW, share)}
                fields.append(FieldError(f"lines.{variant_id}", "field.held_share", facts, facts))
        return fields or None

    def _with_end(
        self, error: type[TooMany], found: Open, fields: Sequence[FieldError] = ()
    ) -> TooMany:
        """The error, with when it is worth asking again."""
        seconds = found.seconds_left(self._hold_id, self._now)
        made = error(*fields, minutes=math.ceil(seconds / 60))
        made.retry_after = seconds
        return made


def tidy(identity: str, now: int) -> Open:
    """Drop what an identity's item lists of holds that have ended or were never made; what is
    left."""
    item = dynamo.get(AllowanceItem, identity)
    entries = frozenset(item.open_holds or ()) if item else frozenset()
    found = {one.hold_id: one for one in _holds({hold_in(entry) for entry in entries})}
    over = {each for each in entries if _is_over(each, found.get(hold_in(each)), identity, now)}
    over |= _superseded(entries - over, found)
    if over:
        _drop(identity, over)
    return Open(entries - over, {key: one for key, one in found.items() if _lives(one, now)})


def hold_in(entry: str) -> str:
    """The id of the hold that an entry counts: many calls for one hold are one hold."""
    return entry.partition(MARK)[0]


def _counted(previous: Hold | None, wanted: Counts, now: int) -> Sequence[str]:
    """Whose allowance counts the hold already: as large as it shall be now, or larger."""
    if previous is None or not _lives(previous, now):
        return ()
    had = previous.quantities
    grows = any(count > had.get(variant_id, 0) for variant_id, count in wanted.items())
    return () if grows else previous.holders


def _is_over(entry: str, hold: Hold | None, identity: str, now: int) -> bool:
    """Whether an entry counts for nothing: its hold was made and has ended, or is somebody else's
    since its order was changed, or another call made it, or none did within the time that a call
    takes."""
    if hold is not None and hold.version >= _version(entry):
        return not _lives(hold, now) or identity not in hold.holders
    return int(entry.split(MARK)[2]) <= now - IN_FLIGHT_SECONDS


def _superseded(entries: frozenset[str], found: Mapping[str, Hold]) -> set[str]:
    """Entries of a hold that a later one of the same hold, already written, stands for."""
    newest: dict[str, int] = {}
    for entry in entries:
        hold = found.get(hold_in(entry))
        if hold is not None and _version(entry) <= hold.version:
            newest[hold.hold_id] = max(_version(entry), newest.get(hold.hold_id, 0))
    return {entry for entry in entries if _version(entry) < newest.get(hold_in(entry), 0)}


def _drop(identity: str, entries: set[str]) -> None:
    # Every entry is one call's own: dropped twice, or too late, it hits nobody else's.
    with suppress(StaleState):
        dynamo.update(
            AllowanceItem(identity),
            [AllowanceItem.open_holds.delete(entries)],
            condition=AllowanceItem.identity.exists(),
            on_condition_failed=StaleState(),
        )


def _share(variant_id: str, identity: str) -> int:
    """How many units of a variant one identity's holds may have together, of what there is."""
    items = tables.rooms_of(variant_id)
    there = sum(int(item.available) + int(item.reserved) for item in items)
    return rates.of_stage(there, identity) // SHARE


def _holds(hold_ids: Iterable[str]) -> list[Hold]:
    return [item.as_hold() for item in dynamo.get_many(HoldItem, hold_ids)]


def _lives(hold: Hold, now: int) -> bool:
    return hold.status == HoldStatus.HELD and hold.expires_at > now


def _kind(identity: str) -> str:
    return identity.partition(":")[0]


def _version(entry: str) -> int:
    return int(entry.split(MARK)[1])


def _units(entry: str) -> dict[str, int]:
    """Units by the names of their variants, as an entry tells them."""
    fields = entry.split(MARK)[4:]
    parts = fields[0].split(",") if fields and fields[0] else []
    return {part[:NAME_LETTERS]: int(part[NAME_LETTERS:]) for part in parts}


def _named(quantities: Counts) -> dict[str, int]:
    return {_name(variant_id): count for variant_id, count in quantities.items()}


def _name(variant_id: str) -> str:
    return ids.derived("v", variant_id)[2 : 2 + NAME_LETTERS]
