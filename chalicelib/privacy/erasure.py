"""Showing a person all that the shop keeps of them, and removing it.

Erasing begins with one write: the account is empty, its e-mail is free, its sessions are over, and
a mark says that traces elsewhere are still to be removed. The contexts then remove them, at once
and again by the schedule until nothing is left. Whatever the mark is still there for is found again
after a crash. The last look is taken when no call can still run that began before the first.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.accounts import members, passwords, profile
from chalicelib.accounts.rules import User, UserStatus, WrongPassword
from chalicelib.accounts.tables import PERSONAL, EmailItem, UserItem
from chalicelib.kernel import deadline, telemetry
from chalicelib.kernel.caller import Caller, Role
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.deadline import OutOfTime
from chalicelib.kernel.errors import FieldError, NotAsked, StaleState, Unauthorized
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.kernel.personal_data import Person, PersonalData

ERASING = "erasing"
# Longer than any call runs: what began before the account was empty has ended by then.
LAST_LOOK_SECONDS = 60

Contexts = Mapping[str, PersonalData]


class NotThePassword(WrongPassword):
    def __init__(self) -> None:
        super().__init__()
        self.fields = [FieldError("password", WrongPassword.code)]


def export(user_id: str, contexts: Contexts, *, now: int) -> dict[str, Any]:
    """All that the shop keeps of a user, by context."""
    user = _living(user_id).as_user()
    person = _person(user_id, profile.digests(user) if user.verified else ())
    return {name: context.export(person, now=now) for name, context in contexts.items()}


def erase(caller: Caller, password: str, contexts: Contexts, *, now: int) -> bool:
    """Remove a user who knows their password; True when nothing is left already.

    False when the schedule has the rest to do. Raises WrongPassword, LastAdmin.
    """
    item = _living(str(caller.user_id))
    if not passwords.matches(item.password_hash, password):
        raise NotThePassword()

    def attempt() -> UserItem:
        found = _read(item.user_id)
        if found.erasing is None:
            _begin(_alive(found).as_user(), now)
            return _read(item.user_id)
        # Begun by this very write, whose answer was lost; or by the same wish in another tab.
        return found

    return _remove_traces(retry_on_conflict(attempt), contexts, now)


@dataclass
class Erased:
    """What a run did: who is gone, who has traces left, and what came of its rows."""

    erased: int = 0
    left: int = 0
    rows: Done = field(default_factory=lambda: Done("erase"))

    def counts(self) -> dict[str, int]:
        """For the log and the job's answer."""
        failed, complete = self.rows.failed, self.rows.complete
        return {"erased": self.erased, "left": self.left, "failed": failed, "complete": complete}


def go_on(contexts: Contexts, *, now: int) -> Erased:
    """The schedule's part: remove what is left of everybody who asked, each by themselves."""
    run = Erased()

    def handle(user_id: str) -> None:
        item = dynamo.get(UserItem, user_id)
        if item is None or item.erasing is None:
            return
        nothing_left = _remove_traces(item, contexts, now)
        if nothing_left and now >= int(item.erasing_since) + LAST_LOOK_SECONDS:
            _end(item)
            run.erased += 1
        else:
            run.left += 1

    run.rows = rows.work_off("erase", _begun(), handle=handle)
    # Who is left for long waits for something that only a person can end: an alarm looks at this.
    telemetry.metric({"ErasuresLeft": run.left})
    return run


def _begun() -> Iterator[str]:
    """Who asked, in another order each time: one of whom there is too much for a whole run keeps
    nobody else waiting for ever."""
    # The key alone: a row that can't be read must not end the list.
    keys = UserItem.by_erasing.query(ERASING, attributes_to_get=["user_id"])
    found = [key.user_id for key in keys]
    yield from random.sample(found, len(found))


def _living(user_id: str) -> UserItem:
    return _alive(_read(user_id))


def _read(user_id: str) -> UserItem:
    item = dynamo.get(UserItem, user_id)
    if item is None:
        raise Unauthorized()
    return item


def _alive(item: UserItem) -> UserItem:
    if item.status != UserStatus.ACTIVE:
        raise Unauthorized()
    return item


def _begin(user: User, now: int) -> None:
    """Empty the account and remember what is still to be done, in one write."""
    actions = [
        *[getattr(UserItem, name).remove() for name in PERSONAL],
        UserItem.known.set({}),
        UserItem.cleared.set({}),
        UserItem.status.set(UserStatus.ERASED),
        UserItem.epoch.set(UserItem.epoch + 1),
        UserItem.version.set(user.version + 1),
        UserItem.updated_at.set(now),
        UserItem.erasing.set(ERASING),
        UserItem.erasing_since.set(now),
    ]
    known = profile.digests(user)
    if user.verified and known:
        actions.append(UserItem.erasing_key.set(" ".join(known)))
    # Of the same mailbox in other letters, where this account has those rows, too.
    others = [key for key in known[1:] if _is_owner(key, user)]
    with Transaction() as tx:
        tx.update(
            UserItem(user.user_id),
            actions,
            condition=(UserItem.version == user.version) & (UserItem.status == UserStatus.ACTIVE),
            on_condition_failed=StaleState(),
        )
        for key in [*known[:1], *others]:
            tx.delete(
                EmailItem(key),
                condition=EmailItem.user_id == user.user_id,
                on_condition_failed=StaleState(),
            )
        if user.role == Role.ADMIN:
            members.leave_roster(tx, user.user_id)


def _is_owner(key: str, user: User) -> bool:
    owner = dynamo.get(EmailItem, key)
    return owner is not None and owner.user_id == user.user_id


def _person(user_id: str, digests: Sequence[str]) -> Person:
    return Person(user_id, digests[0] if digests else None, tuple(digests[1:]))


def _remove_traces(item: UserItem, contexts: Contexts, now: int) -> bool:
    """Ask every context; one that fails is asked again by the schedule, and keeps no other back."""
    person = _person(item.user_id, (item.erasing_key or "").split())
    nothing_left = True
    for name, context in contexts.items():
        if deadline.is_over():
            return False
        try:
            nothing_left = context.erase(person, now=now) and nothing_left
        except (NotAsked, OutOfTime):
            nothing_left = False
        except Exception as error:
            known = {"context": name, "row": item.user_id}
            telemetry.logger().warning("traces left", extra=known, exc_info=error)
            telemetry.metric({"RowsFailed": 1}, job="erase")
            nothing_left = False
    return nothing_left


def _end(item: UserItem) -> None:
    """Nothing is left: forget the digest as well. The empty row stays, so that its id means nobody
    else ever."""
    try:
        dynamo.update(
            UserItem(item.user_id),
            [
                UserItem.erasing.remove(),
                UserItem.erasing_since.remove(),
                UserItem.erasing_key.remove(),
            ],
            condition=UserItem.erasing.exists(),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return
