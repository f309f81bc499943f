"""What a person says of themselves."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.accounts import rules, usernames
from chalicelib.accounts.rules import User, UserStatus
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel.contact import emails
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import AlreadyWritten, Conflict, NotFound, Unauthorized

# What a person may change here; role, status and e-mail have ways of their own.
FIELDS = ("username", "phone", "avatar", "gender", "birthday", "locale")


class UserNotFound(NotFound):
    code = "USER_NOT_FOUND"


class ProfileChanged(Conflict):
    """It was changed between this person's reading and writing: nothing was overwritten."""

    code = "PROFILE_CHANGED"


def read(user_id: str) -> User:
    """The user as they are now. Raises UserNotFound."""
    item = dynamo.get(UserItem, user_id)
    if item is None or item.status == UserStatus.ERASED:
        raise UserNotFound()
    return item.as_user()


def check_known(user_id: str) -> None:
    """Raises UserNotFound unless there is such a user, or was: what the books still say of one who
    was erased can be put in order."""
    if dynamo.get(UserItem, user_id) is None:
        raise UserNotFound()


def proven_email(user_id: str) -> tuple[str, ...]:
    """The digest of the user's address, and those that older rows may have of it. Raises
    EmailNotVerified unless they proved it is theirs, Unauthorized when the account was given up
    since they were authorized."""
    try:
        user = read(user_id)
    except UserNotFound:
        raise Unauthorized() from None
    if not user.verified or user.email_key is None:
        raise rules.EmailNotVerified()
    return digests(user)


def digests(user: User) -> tuple[str, ...]:
    """The digests of a user's address, their row's own first; none for whom none is known."""
    known = emails.keys(user.email) if user.email else ()
    return tuple(dict.fromkeys([user.email_key, *known])) if user.email_key else ()


def change(user_id: str, fields: Mapping[str, str | None], *, version: int, now: int) -> User:
    """Replace what a person says of themselves, if it still is at `version`.

    `fields` has all of FIELDS, None for what is not said. Said again after a lost reply it is
    found to be there. Raises Invalid (username, phone), UsernameTaken, ProfileChanged,
    UserNotFound.
    """
    wanted = _checked(fields)
    values = {**wanted, "find_name": (wanted["username"] or "").lower() or None}
    actions = [
        getattr(UserItem, name).set(value) if value else getattr(UserItem, name).remove()
        for name, value in values.items()
    ]
    actions += [UserItem.version.set(version + 1), UserItem.updated_at.set(now)]
    with suppress(AlreadyWritten):
        retry_on_conflict(lambda: _write(user_id, actions, wanted, version, now))
    return read(user_id)


def _write(
    user_id: str,
    actions: Sequence[Action],
    wanted: Mapping[str, str | None],
    version: int,
    now: int,
) -> None:
    """Write the profile, and with it whose the names are that it takes and gives back."""
    user, name = read(user_id), wanted["username"]
    unchanged: Condition = (UserItem.status == UserStatus.ACTIVE) & (UserItem.version == version)

    def refusal(image: Mapping[str, Any]) -> Exception:
        return _refusal(image, wanted, version)

    takes = name is not None and not usernames.is_of(name, user_id)
    gives = _is_given_back(user, name)
    if takes and not _is_own(user, name):
        usernames.check_never_had(str(name), user_id)
    if not takes and not gives:
        dynamo.update(UserItem(user_id), actions, condition=unchanged, on_condition_failed=refusal)
        return
    with Transaction() as tx:
        # The profile first: who did not see the last one is told that, whatever the name.
        tx.update(UserItem(user_id), actions, condition=unchanged, on_condition_failed=refusal)
        if takes:
            usernames.take(tx, str(name), user_id, now=now)
        if gives:
            usernames.release(tx, str(user.username), user_id)


def _is_given_back(user: User, name: str | None) -> bool:
    """Whether the user leaves a name. In other letters it is still the same."""
    had = user.username
    return had is not None and not _is_own(user, name) and usernames.is_of(had, user.user_id)


def _is_own(user: User, name: str | None) -> bool:
    """Whether it is the name that the user has, in whatever letters."""
    had = user.username
    return bool(name and had) and usernames.key(str(name)) == usernames.key(str(had))


def _checked(fields: Mapping[str, str | None]) -> dict[str, str | None]:
    found = {name: fields[name] for name in FIELDS}
    if found["username"] is not None:
        found["username"] = rules.username(found["username"])
    if found["phone"] is not None:
        found["phone"] = rules.phone(found["phone"])
    return found


def _refusal(image: Mapping[str, Any], wanted: Mapping[str, str | None], version: int) -> Exception:
    if image.get("status") != UserStatus.ACTIVE:
        return UserNotFound()
    same = all(image.get(name) == value for name, value in wanted.items())
    return AlreadyWritten() if same and image["version"] == version + 1 else ProfileChanged()
