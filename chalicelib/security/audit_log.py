"""The audit log as administrators read it: filtered, newest first, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.kernel import audit, clock
from chalicelib.kernel.audit import Entry
from chalicelib.kernel.web import cursor as cursors

DAY = 86_400
# How far back the log is read when nothing says from when.
DEFAULT_DAYS = 90
# What one page looks through at most: whatever the filters are, a call stays short.
MOST_ENTRIES, MOST_DAYS = 500, 31
OUT_OF_ORDER_SECONDS = 60


@dataclass(frozen=True)
class AuditFilter:
    """What to look for. Times are epoch seconds; None means any."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: int | None = None
    until: int | None = None

    @property
    def scope(self) -> str:
        """Names the list, so that a cursor of it opens no other one."""
        return repr(("audit", self.actor, self.action, self.target, self.since, self.until))

    def matches(self, entry: Entry) -> bool:
        return (
            self.actor in (None, entry.actor)
            and self.action in (None, entry.action)
            and (self.target is None or audit.plain(self.target) == entry.target)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at <= self.until)
        )

    @property
    def has_own_list(self) -> bool:
        """Whether one list has all of it; else it is looked for day by day."""
        return self.target is not None or self.actor is not None

    def is_past(self, entry: Entry) -> bool:
        """Whether this entry and all older ones are too old. Those of one call may be written a
        little out of order."""
        return self.since is not None and entry.at < self.since - OUT_OF_ORDER_SECONDS


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    next_cursor: str | None


@dataclass(frozen=True)
class _Place:
    """Where looking goes on: before the entry at `before` of `day`, or with its newest."""

    day: str
    before: str | None = None


def page(wanted: AuditFilter, *, size: int, cursor: str | None, now: int) -> Page:
    """At most `size` entries. Raises CursorInvalid for a cursor of another list."""
    place, last_day = _first(wanted, now), _last_day(wanted, now)
    if cursor:
        place = _Place(*cursors.unseal(wanted.scope, cursor))
    found: list[Entry] = []
    looked = 0
    for _ in range(MOST_DAYS):
        for entry in _read(wanted, place, MOST_ENTRIES - looked):
            looked += 1
            place = replace(place, before=entry.place)
            if wanted.is_past(entry):
                return Page(found, None)
            if wanted.matches(entry):
                found.append(entry)
            if len(found) == size or looked == MOST_ENTRIES:
                return Page(found, _sealed(wanted, place))
        if wanted.has_own_list or place.day <= last_day:
            return Page(found, None)
        place = _Place(_day_before(place.day))
    return Page(found, _sealed(wanted, place))


def _read(wanted: AuditFilter, place: _Place, limit: int) -> Iterator[Entry]:
    if wanted.target is not None:
        return audit.of_target(wanted.target, before=place.before, limit=limit)
    if wanted.actor is not None:
        return audit.of_actor(wanted.actor, before=place.before, limit=limit)
    return audit.of_day(place.day, before=place.before, limit=limit)


def _first(wanted: AuditFilter, now: int) -> _Place:
    return _Place(clock.day(now if wanted.until is None else min(wanted.until, now)))


def _last_day(wanted: AuditFilter, now: int) -> str:
    return clock.day(now - DEFAULT_DAYS * DAY if wanted.since is None else max(wanted.since, 0))


def _day_before(day: str) -> str:
    noon = datetime.strptime(day, "%Y%m%d").replace(hour=12, tzinfo=UTC)
    return clock.day(int(noon.timestamp()) - DAY)


def _sealed(wanted: AuditFilter, place: _Place) -> str:
    return cursors.seal(wanted.scope, [place.day, place.before])
