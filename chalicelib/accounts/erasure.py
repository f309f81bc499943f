"""Showing a person all that the shop keeps of them, and removing it.

Erasing begins with one write: the account is empty, its e-mail is free, its sessions are over, and
a mark says that traces elsewhere are still to be removed. The keepers then remove them, at once and
again by the schedule until nothing is left. Whatever the mark is still there for is found again
after a crash. The last look is taken when no call can still run that began before the first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.accounts import members, passwords, profile
from chalicelib.accounts.rules import User, UserStatus, WrongPassword
from chalicelib.accounts.tables import PERSONAL, EmailItem, UserItem
from chalicelib.kernel import dynamo, telemetry
from chalicelib.kernel.caller import Caller, Role
from chalicelib.kernel.errors import FieldError, LostRace, Unauthorized
from chalicelib.kernel.person import Keeper, Person
from chalicelib.kernel.transaction import Transaction, settle_races

ERASING = "erasing"
# Longer than any call runs: what began before the account was empty has ended by then.
LAST_LOOK_SECONDS = 60

Keepers = Mapping[str, Keeper]


class NotThePassword(WrongPassword):
    def __init__(self) -> None:
        super().__init__()
        self.fields = [FieldError("password", WrongPassword.code)]


def export(user_id: str, keepers: Keepers, *, now: int) -> dict[str, Any]:
    """All that the shop keeps of a user, by context."""
    user = _living(user_id).as_user()
    person = _person(user_id, profile.digests(user) if user.verified else ())
    return {name: keeper.export(person, now=now) for name, keeper in keepers.items()}


def erase(caller: Caller, password: str, keepers: Keepers, *, now: int) -> bool:
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

    return _remove_traces(settle_races(attempt), keepers, now)


def go_on(keepers: Keepers, *, now: int) -> dict[str, int]:
    """The schedule's part: remove what is left of everybody who asked; how many are done."""
    done, left = 0, 0
    for found in list(UserItem.by_erasing.query(ERASING)):
        item = dynamo.get(UserItem, found.user_id)
        if item is None or item.erasing is None:
            continue
        nothing_left = _remove_traces(item, keepers, now)
        if nothing_left and now >= int(item.erasing_since) + LAST_LOOK_SECONDS:
            _end(item)
            done += 1
        else:
            left += 1
    # Who is left for long waits for something that only a person can end: an alarm looks at this.
    telemetry.metric({"ErasuresLeft": left})
    return {"erased": done, "left": left}


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
            otherwise=LostRace(),
        )
        for key in [*known[:1], *others]:
            tx.delete(
                EmailItem(key),
                condition=EmailItem.user_id == user.user_id,
                otherwise=LostRace(),
            )
        if user.role == Role.ADMIN:
            members.leave_roster(tx, user.user_id)


def _is_owner(key: str, user: User) -> bool:
    owner = dynamo.get(EmailItem, key)
    return owner is not None and owner.user_id == user.user_id


def _person(user_id: str, digests: Sequence[str]) -> Person:
    return Person(user_id, digests[0] if digests else None, tuple(digests[1:]))


def _remove_traces(item: UserItem, keepers: Keepers, now: int) -> bool:
    """Ask every keeper; one that fails is asked again by the schedule, and keeps no other back."""
    person = _person(item.user_id, (item.erasing_key or "").split())
    nothing_left = True
    for name, keeper in keepers.items():
        try:
            nothing_left = keeper.forget(person, now=now) and nothing_left
        except Exception as error:
            telemetry.logger().warning("traces left", extra={"keeper": name}, exc_info=error)
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
            otherwise=LostRace(),
        )
    except LostRace:
        return
