"""What a person says of themselves."""

from collections.abc import Mapping
from typing import Any

from chalicelib.accounts import rules
from chalicelib.accounts.rules import User, UserStatus
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel import dynamo
from chalicelib.kernel.errors import Conflict, NotFound, Unauthorized

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


def proven_email(user_id: str) -> str:
    """The digest of the user's address. Raises EmailNotVerified unless they proved it is theirs,
    Unauthorized when the account was given up since the door let them in."""
    try:
        user = read(user_id)
    except UserNotFound:
        raise Unauthorized() from None
    if not user.verified or user.email_key is None:
        raise rules.EmailNotVerified()
    return user.email_key


def change(user_id: str, fields: Mapping[str, str | None], *, version: int, now: int) -> User:
    """Replace what a person says of themselves, if it still is at `version`.

    `fields` has all of FIELDS, None for what is not said. Said again after a lost reply it is
    found to be there. Raises Invalid (username, phone), ProfileChanged, UserNotFound.
    """
    wanted = _checked(fields)
    values = {**wanted, "find_name": (wanted["username"] or "").lower() or None}
    actions = [
        getattr(UserItem, name).set(value) if value else getattr(UserItem, name).remove()
        for name, value in values.items()
    ]
    try:
        item = dynamo.update(
            UserItem(user_id),
            [*actions, UserItem.version.set(version + 1), UserItem.updated_at.set(now)],
            condition=(UserItem.status == UserStatus.ACTIVE) & (UserItem.version == version),
            otherwise=lambda image: _refusal(image, wanted, version),
        )
    except _There:
        return read(user_id)
    return item.as_user()


def _checked(fields: Mapping[str, str | None]) -> dict[str, str | None]:
    found = {name: fields[name] for name in FIELDS}
    if found["username"] is not None:
        found["username"] = rules.username(found["username"])
    if found["phone"] is not None:
        found["phone"] = rules.phone(found["phone"])
    return found


class _There(Exception):
    """It is as wanted already: this very change, whose answer was lost."""


def _refusal(image: Mapping[str, Any], wanted: Mapping[str, str | None], version: int) -> Exception:
    if image.get("status") != UserStatus.ACTIVE:
        return UserNotFound()
    same = all(image.get(name) == value for name, value in wanted.items())
    return _There() if same and image["version"] == version + 1 else ProfileChanged()
