"""Who did what to what: entries that are only ever added.

No function may update or delete an entry (see the policies), and an entry holds no personal values:
of a changed e-mail it says that it was changed, not from what to what.
"""

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo, mapping
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import AlreadyWritten, StaleState
from chalicelib.kernel.ids import derived, identity, shard
from chalicelib.kernel.tables import AuditItem

# A day's entries are spread over so many keys, and the day alone has those of before: whoever
# signs in or changes something writes here.
DAY_SHARDS = 4
BEGUN, OK = "BEGUN", "OK"
CHANGED = "(changed)"
MAX_TEXT = 200
# Fields whose values are somebody's own, or a secret: named in an entry, never shown.
PERSONAL = frozenset(
    """email phone name username avatar birthday gender address addresses line1 line2 city region
    postalcode note password passwordhash hash digest secret token accesstoken refreshtoken key
    authorization ticket""".split()
)
_EMAIL = re.compile(r"\S+@\S+")


class Actor(Protocol):
    """Whoever acts, by the name that is kept: `user:…`, `key:…`, `guest`."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Entry:
    """One thing that was done. `outcome` is BEGUN, OK or the code of the error it ended in."""

    entry_id: str
    at: int
    actor: str
    action: str
    target: str
    outcome: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    address: str
    request_id: str
    # Its place in every list: by time; within a millisecond what was begun is before what ended.
    place: str


def record(
    actor: Actor,
    action: str,
    target: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    address: str,
    request_id: str,
    now: int,
    outcome: str = OK,
) -> None:
    """Add one entry; durable when this returns. The same call's same deed is one entry, whether
    the SDK or the function repeats it.

    Of what stands under a personal name in `before` and `after`, and of a `target` that is an
    e-mail, only that it was there is kept.
    """
    item = _item(
        actor.name,
        action,
        target,
        before=before,
        after=after,
        address=address,
        request_id=request_id,
        now=now,
        outcome=outcome,
    )
    try:
        dynamo.put(
            item, condition=AuditItem.entry_id.does_not_exist(), on_condition_failed=StaleState()
        )
    except StaleState:
        return  # it stands already; an entry is never written over


def add(
    tx: Transaction,
    actor: str,
    action: str,
    target: str,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    request_id: str,
    now: int,
) -> None:
    """Add the entry of what a job does, in the transaction that does it; as `record` otherwise.
    `request_id` names the deed. The transaction fails with AlreadyWritten when it was done before.
    """
    item = _item(
        actor,
        action,
        target,
        before=before,
        after=after,
        address="",
        request_id=request_id,
        now=now,
        outcome=OK,
    )
    tx.put(
        item, condition=AuditItem.entry_id.does_not_exist(), on_condition_failed=AlreadyWritten()
    )


def _item(
    actor: str,
    action: str,
    target: str,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    address: str,
    request_id: str,
    now: int,
    outcome: str,
) -> AuditItem:
    kept_target = plain(target)
    entry_id = derived("aud", request_id, actor, action, kept_target, outcome)
    return AuditItem(
        entry_id,
        day=f"{clock.day(now)}#{shard(entry_id, DAY_SHARDS)}",
        place=f"{clock.millis():013d}#{0 if outcome == BEGUN else 1}#{entry_id}",
        at=now,
        actor=actor,
        action=action,
        target=kept_target,
        outcome=outcome,
        before=_values(before),
        after=_values(after),
        address=address or "-",
        request_id=request_id,
    )


def of_day(day: str, *, before: str | None = None, limit: int) -> Iterator[Entry]:
    """The entries of one UTC day (`20261120`), newest first, those before the place `before`."""
    keys = (day, *(f"{day}#{number:02d}" for number in range(DAY_SHARDS)))
    lists = (_newest(AuditItem.by_day, key, before, limit) for key in keys)
    return islice(heapq.merge(*lists, key=lambda entry: entry.place, reverse=True), limit)


def of_actor(actor: str, *, before: str | None = None, limit: int) -> Iterator[Entry]:
    """What somebody did, newest first."""
    return _newest(AuditItem.by_actor, actor, before, limit)


def of_target(target: str, *, before: str | None = None, limit: int) -> Iterator[Entry]:
    """What was done to something, newest first."""
    return _newest(AuditItem.by_target, plain(target), before, limit)


def _newest(index: Any, key: str, before: str | None, limit: int) -> Iterator[Entry]:
    condition = AuditItem.place < before if before else None
    for item in index.query(key, condition, scan_index_forward=False, limit=limit):
        yield mapping.loaded(Entry, item)


def _values(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {str(name): _value(str(name), value) for name, value in values.items()}


def _value(name: str, value: Any) -> Any:
    if name.replace("_", "").replace("-", "").lower() in PERSONAL:
        return None if value is None else CHANGED
    if isinstance(value, Mapping):
        return _values(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_value("", each) for each in value][:100]
    if value is None or isinstance(value, bool | int):
        return value
    text = str(value)[:MAX_TEXT]
    return CHANGED if _EMAIL.search(text) else text


def plain(target: str) -> str:
    """A target as it is kept and looked for: an e-mail as its digest."""
    kind, _, value = target.rpartition(":")
    if _EMAIL.search(value):
        return identity(kind or "email", value)
    return target[:MAX_TEXT] or "-"
