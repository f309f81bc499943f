"""What administrators do with users: find them, give them a role, ban them and take it back.

The users who are ADMIN and ACTIVE stand on a roster, written in one transaction with each change
of role or status. That somebody is left on it is the roster's own condition: two admins who demote
each other at the same moment meet there, and one of them stays.
"""

from collections.abc import Sequence
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.accounts import profile
from chalicelib.accounts.rules import LISTING, LISTINGS, User, UserStatus
from chalicelib.accounts.tables import RosterItem, UserItem
from chalicelib.kernel.caller import ROLE_PERMISSIONS, Caller, Role
from chalicelib.kernel.contact import emails
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import size_of
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import Conflict, Forbidden, StaleState
from chalicelib.kernel.ids import is_id
from chalicelib.kernel.web import cursor as cursors

ADMINS = "admins"
MAX_FOUND = 50


class LastAdmin(Conflict):
    """Somebody must be left who can name another."""

    code = "LAST_ADMIN"


class NotYourself(Forbidden):
    code = "NOT_YOURSELF"


class RoleBeyondOwn(Forbidden):
    """A role that may more than the caller can be neither given, nor taken, nor banned."""

    code = "ROLE_BEYOND_OWN"


def page(limit: int, cursor: str | None) -> tuple[list[User], str | None]:
    """Users, the newest first, and where the list goes on. Those erased are told as such."""
    after = cursors.unseal(LISTING, cursor) if cursor else None
    before = (int(after[1]), str(after[0])) if after else None
    found = sorted(
        (user for key in LISTINGS for user in _of_list(key, before, limit + 1)),
        key=_place,
        reverse=True,
    )
    users = found[:limit]
    if len(found) <= limit:
        return users, None
    return users, cursors.seal(LISTING, [users[-1].user_id, users[-1].created_at])


def _place(user: User) -> tuple[int, str]:
    """Where a user stands in the list: by time, and by id within a second."""
    return user.created_at, user.user_id


def _of_list(key: str, before: tuple[int, str] | None, most: int) -> list[User]:
    """The users of one key that come first after a place: `most`, and those of the same second as
    the last of them, among which the index knows no order."""
    condition = UserItem.created_at <= before[0] if before else None
    found: list[User] = []
    for item in UserItem.by_listing.query(
        key, condition, scan_index_forward=False, page_size=most + 1
    ):
        user = item.as_user()
        if before and _place(user) >= before:
            continue
        if len(found) >= most and user.created_at < found[-1].created_at:
            break
        found.append(user)
    return found


def search(text: str) -> list[User]:
    """Users whose id is this, or whose e-mail or name begins with it: MAX_FOUND of each at most."""
    text = text.strip()
    exact = dynamo.get(UserItem, text) if is_id(text) else None
    found = [exact] if exact else []
    begin = text.lower()
    for address in _as_stored(text):
        found += _beginning(UserItem.by_email, UserItem.find_email.startswith(address))
    found += _beginning(UserItem.by_name, UserItem.find_name.startswith(begin))
    return list({item.user_id: item.as_user() for item in found}.values())


def _beginning(index: Any, condition: Condition) -> list[UserItem]:
    """MAX_FOUND users whose word begins so, over all keys of the list."""
    found: list[UserItem] = []
    for key in LISTINGS:
        found += index.query(key, condition, limit=MAX_FOUND - len(found))
        if len(found) >= MAX_FOUND:
            break
    return found


def _as_stored(text: str) -> set[str]:
    """An address, or its beginning, as accounts may have it: in its normal form, and in the letters
    of its own domain as older accounts do."""
    try:
        whole = emails.normal(text)
    except emails.NotMailable:
        return {text.lower()}
    return {whole.lower(), emails.in_own_letters(whole).lower()}


def set_role(user_id: str, role: Role, *, caller: Caller, now: int) -> tuple[User, User]:
    """Give a user another role; answers the user before and after.

    Raises UserNotFound, LastAdmin, RoleBeyondOwn.
    """

    def attempt() -> tuple[User, User]:
        user = _of_ones_reach(user_id, caller)
        if not ROLE_PERMISSIONS[role] <= caller.permissions:
            raise RoleBeyondOwn()
        if user.role != role:
            was, will = _administers(user), role == Role.ADMIN and user.status == UserStatus.ACTIVE
            _write(user, [UserItem.role.set(role)], was=was, will=will, now=now)
        return user, profile.read(user_id)

    return retry_on_conflict(attempt)


def ban(user_id: str, reason: str, *, caller: Caller, now: int) -> tuple[User, User]:
    """Shut a user out: every session of theirs ends with this one write.

    Banned already, nothing more happens. Raises UserNotFound, NotYourself, LastAdmin,
    RoleBeyondOwn.
    """
    if caller.user_id == user_id:
        raise NotYourself()

    def attempt() -> tuple[User, User]:
        user = _of_ones_reach(user_id, caller)
        if user.status == UserStatus.ACTIVE:
            actions = [
                UserItem.status.set(UserStatus.BANNED),
                UserItem.banned_at.set(now),
                UserItem.ban_reason.set(reason),
                # Sessions name the epoch they are of: those of this one are over.
                UserItem.epoch.set(UserItem.epoch + 1),
            ]
            _write(user, actions, was=_administers(user), will=False, now=now)
        return user, profile.read(user_id)

    return retry_on_conflict(attempt)


def unban(user_id: str, *, caller: Caller, now: int) -> tuple[User, User]:
    """Let a user in again; sessions that the ban ended stay ended. Raises as `ban` does."""

    def attempt() -> tuple[User, User]:
        user = _of_ones_reach(user_id, caller)
        if user.status == UserStatus.BANNED:
            actions = [
                UserItem.status.set(UserStatus.ACTIVE),
                UserItem.banned_at.remove(),
                UserItem.ban_reason.remove(),
            ]
            _write(user, actions, was=False, will=user.role == Role.ADMIN, now=now)
        return user, profile.read(user_id)

    return retry_on_conflict(attempt)


def leave_roster(tx: Transaction, user_id: str) -> None:
    """Take an admin off the roster, in the transaction that makes them none. LastAdmin when
    nobody else is on it."""
    members = RosterItem.members
    tx.update(
        RosterItem(ADMINS),
        [members.delete({user_id})],
        condition=~members.contains(user_id) | (size_of(members) > 1),
        on_condition_failed=LastAdmin(),
    )


def _write(user: User, actions: Sequence[Action], *, was: bool, will: bool, now: int) -> None:
    """Change a user who still is as they were read, and the roster with them; else StaleState."""
    with Transaction() as tx:
        tx.update(
            UserItem(user.user_id),
            [*actions, UserItem.version.set(user.version + 1), UserItem.updated_at.set(now)],
            condition=UserItem.version == user.version,
            on_condition_failed=StaleState(),
        )
        if was and not will:
            leave_roster(tx, user.user_id)
        if will and not was:
            tx.update(
                RosterItem(ADMINS),
                [RosterItem.members.add({user.user_id})],
                condition=None,
                on_condition_failed=None,
            )


def _of_ones_reach(user_id: str, caller: Caller) -> User:
    user = profile.read(user_id)
    if not ROLE_PERMISSIONS[user.role] <= caller.permissions:
        raise RoleBeyondOwn()
    return user


def _administers(user: User) -> bool:
    return user.role == Role.ADMIN and user.status == UserStatus.ACTIVE
