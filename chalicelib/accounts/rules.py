"""Who a user is, what a password, a name and a number must look like, when a session is over.

All pure: the time is an argument, nothing is read or written here.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.kernel.caller import Role
from chalicelib.kernel.contact import characters, emails, phones
from chalicelib.kernel.errors import Conflict, FieldError, Forbidden, Invalid, Unauthorized
from chalicelib.kernel.ids import shard

MINUTE, HOUR, DAY = 60, 3_600, 86_400
ACCESS_SECONDS = 15 * MINUTE
REFRESH_SECONDS = 7 * DAY  # from one rotation to the next
SESSION_SECONDS = 30 * DAY  # from sign-in, however often it was rotated
# Two tabs that refresh at once, or a reply that was lost: the same successor again, no alarm.
GRACE_SECONDS = 10
# So many times at which a token was used up are kept: more tabs don't reload within the grace.
USES_KEPT = 8
VERIFY_SECONDS = DAY
RESET_SECONDS = HOUR
MIN_PASSWORD, MAX_PASSWORD = 8, 128
MAX_ANSWER = 2_500  # to a challenge; a service's token has 2,048 characters at most
# Addresses an account is remembered to have signed in from; the oldest makes room.
MAX_KNOWN = 20

MIN_NAME, MAX_NAME = 2, 20
# No name that has one of these in it: it would pass for the shop itself.
# The lists of users are spread over so many keys, and the first one has those of before.
LISTING, LISTING_SHARDS = "users", 8
LISTINGS = (LISTING, *(f"{LISTING}#{number:02d}" for number in range(LISTING_SHARDS)))

RESERVED_NAMES = frozenset({"admin", "root", "system"})
_LETTER = re.compile(r"[A-Za-z0-9_]")


class UserStatus(StrEnum):
    ACTIVE = "ACTIVE"
    BANNED = "BANNED"
    ERASED = "ERASED"


class Purpose(StrEnum):
    """What a ticket sent by mail is good for."""

    VERIFY = "VERIFY"
    RESET = "RESET"


class WrongCredentials(Unauthorized):
    """No such account, or not its password: nobody is told which."""

    code = "WRONG_CREDENTIALS"


class TokenRefused(Unauthorized):
    """The token is not one of ours, or its time is over."""

    code = "TOKEN_INVALID"


class SessionEnded(Unauthorized):
    """Signed out, here or elsewhere; or its time is over; or a used token was seen again."""

    code = "SESSION_ENDED"


class AccountBanned(Forbidden):
    """Told only to who knows the password."""

    code = "ACCOUNT_BANNED"


class WrongPassword(Invalid):
    """The current password, asked for once more, is another one."""

    code = "WRONG_PASSWORD"

    def __init__(self) -> None:
        super().__init__(FieldError("currentPassword", "WRONG_PASSWORD"))


class WeakPassword(Invalid):
    code = "WEAK_PASSWORD"


class LinkInvalid(Invalid):
    """The link's token is not known, is another purpose's, or its time is over."""

    code = "LINK_INVALID"


class LinkUsed(LinkInvalid):
    code = "LINK_USED"


class UsernameTaken(Conflict):
    """Somebody else has the name, in these letters or in others that are the same."""

    code = "USERNAME_TAKEN"

    def __init__(self) -> None:
        super().__init__(FieldError("username", "USERNAME_TAKEN"))


class EmailNotVerified(Forbidden):
    code = "EMAIL_NOT_VERIFIED"


class ChangedMeanwhile(Conflict):
    """Somebody else changed it between reading and writing."""

    code = "CHANGED_MEANWHILE"


@dataclass(frozen=True)
class User:
    """An account as the shop sees it; the password's hash stays in its table.

    `email_key` is the address's digest (`kernel.emails`), which makes it unique. `epoch`
    counts the times all sessions were ended, `password_n` the passwords. Erased: everything
    personal is None.
    """

    user_id: str
    email: str | None
    email_key: str | None
    email_verified_at: int | None
    username: str | None
    phone: str | None
    avatar: str | None
    gender: str | None
    birthday: str | None
    locale: str
    role: Role
    status: UserStatus
    epoch: int
    password_n: int
    known: Mapping[str, int]
    version: int
    created_at: int
    updated_at: int

    @property
    def verified(self) -> bool:
        return self.email_verified_at is not None


@dataclass(frozen=True)
class Session:
    """One sign-in on one device. `n` counts its refresh tokens; only the n-th is good.

    `used_at` says when those before it were used up, the last one last, as far back as is kept.
    """

    session_id: str
    user_id: str
    epoch: int
    n: int
    used_at: Sequence[int]
    device: str
    address: str
    created_at: int
    last_seen: int
    expires_at: int
    ends_at: int
    ended_at: int | None = None

    def lives(self, user: User, now: int) -> bool:
        """Whether it is in force: neither ended, nor over, nor its user gone."""
        return (
            self.ended_at is None
            and min(self.expires_at, self.ends_at) > now
            and user.user_id == self.user_id
            and user.status is UserStatus.ACTIVE
            and user.epoch == self.epoch
        )


@dataclass(frozen=True)
class Visit:
    """Where a call comes from: the gateway's word for the address, the browser's for the device.

    `operation` is the same when the same call is run again.
    """

    address: str
    device: str
    request_id: str
    operation: str
    locale: str


class Rotation(StrEnum):
    """What a refresh token that comes in means."""

    ROTATE = "ROTATE"
    REPEAT = "REPEAT"
    REUSE = "REUSE"


def rotation(session: Session, n: int, now: int) -> Rotation:
    """The n-th token is shown: is it the current one, used up just now, or stolen?

    A page that is reloaded leaves its refresh on the way; by the time that it comes in, others may
    have refreshed more than once.
    """
    if n == session.n:
        return Rotation.ROTATE
    behind = session.n - n
    if 0 < behind <= len(session.used_at) and now - session.used_at[-behind] <= GRACE_SECONDS:
        return Rotation.REPEAT
    return Rotation.REUSE


def email_key(email: str) -> str:
    """The digest that makes an address unique, whatever its capitals; orders bear the same one."""
    return emails.key(email)


def checked_email(email: str) -> str:
    """The address in its normal form. Raises Invalid for what cannot be mailed."""
    try:
        return emails.normal(email)
    except emails.NotMailable:
        raise Invalid(FieldError("email", "field.email")) from None


def password_text(password: str) -> str:
    """The same password, however the keyboard composed its letters (NFKC, as NIST asks)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, field: str = "password") -> None:
    """Raises WeakPassword with a complaint for each rule the password breaks."""
    text = password_text(password)
    broken = {
        "length": not MIN_PASSWORD <= len(text) <= MAX_PASSWORD,
        "upper": not any(letter.isupper() for letter in text),
        "lower": not any(letter.islower() for letter in text),
        "digit": not any(letter.isdigit() for letter in text),
        "special": not any(not letter.isalnum() and not letter.isspace() for letter in text),
        "thrice": any(a == b == c for a, b, c in zip(text, text[1:], text[2:], strict=False)),
        "unicode": any(unicodedata.category(letter) in ("Cs", "Cc") for letter in text),
    }
    params = {"min": MIN_PASSWORD, "max": MAX_PASSWORD}
    wrong = [
        FieldError(field, f"password.{rule}", params) for rule, is_so in broken.items() if is_so
    ]
    if wrong:
        raise WeakPassword(*wrong)


def username(text: str) -> str:
    """The name, trimmed. Raises Invalid when it is not one, or has a reserved one in it."""
    name = text.strip()
    letters = all(_LETTER.fullmatch(one) or characters.is_han(one) for one in name)
    marker = folded_name(name)
    reserved = any(word in marker for word in RESERVED_NAMES)
    if not letters or not MIN_NAME <= len(name) <= MAX_NAME or reserved:
        raise Invalid(FieldError("username", "field.username"))
    return name


def folded_name(name: str) -> str:
    """What makes a name unique: the same for `Ada` and `ADA`, and for a Chinese character and its
    compatibility form."""
    return unicodedata.normalize("NFKC", name).casefold()


def phone(text: str) -> str:
    """The number as E.164; a bare mainland number is taken as +86. Raises Invalid."""
    try:
        return phones.e164(text)
    except phones.NotAPhone:
        raise Invalid(FieldError("phone", "field.phone")) from None


def listing(user_id: str) -> str:
    """Under which key of the lists for administrators a user stands: no key has all of them, since
    each change of a user is written there too."""
    return f"{LISTING}#{shard(user_id, LISTING_SHARDS)}"


def remembered(known: Mapping[str, int], address: str, now: int) -> dict[str, int]:
    """The known addresses with this one, the oldest left out where there are too many."""
    newest = sorted({**known, address: now}.items(), key=lambda entry: -entry[1])
    return dict(newest[:MAX_KNOWN])
