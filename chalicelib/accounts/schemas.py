"""Requests and answers of registering, signing in, passwords and sessions."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.accounts.rules import MAX_ANSWER, MAX_PASSWORD, Session, User
from chalicelib.kernel import clock
from chalicelib.kernel.contact.fields import Email
from chalicelib.kernel.web.schema import BlankIsAbsent, Body, Id, Wire

# Only bounded here, before any hashing; what a new one needs stands in rules.
Password = Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD)]
LinkToken = Annotated[str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
RefreshToken = Annotated[str, Field(min_length=1, max_length=200)]
Strict = Annotated[bool, Field(strict=True)]
Locale = Literal["en", "zh-CN"]


class Register(BlankIsAbsent):
    email: Email
    password: Password
    username: Annotated[str, Field(max_length=40)] | None = None
    locale: Locale | None = None


class Login(Body):
    email: Email
    password: Password
    # With `true` the refresh token travels in a cookie that no script can read, and only there.
    cookie: Strict = False
    # A guest's cart, to be merged into the user's.
    cart_id: Id | None = None
    # To the challenge that a 429 with `CHALLENGE_REQUIRED` asked.
    challenge: Annotated[str, Field(min_length=1, max_length=MAX_ANSWER)] | None = None


class Refresh(Body):
    """Without a token, the cookie's is taken, and the answer goes into the cookie."""

    refresh_token: RefreshToken | None = None
    cookie: Strict = False


class Logout(Body):
    """Ends the caller's session, and the refresh token's (or the cookie's)."""

    refresh_token: RefreshToken | None = None
    cookie: Strict = False


class LogoutAll(Body):
    """Says nothing: `{}` or no body at all."""


class VerifyEmail(Body):
    token: LinkToken


class ResendVerification(Body):
    """Says nothing: `{}` or no body at all."""


class ForgotPassword(Body):
    email: Email


class ResetPassword(Body):
    token: LinkToken
    new_password: Password


class ChangePassword(Body):
    current_password: Password
    new_password: Password
    cookie: Strict = False


class UserAnswer(Wire):
    """The signed-in user, to themselves."""

    id: str
    email: str | None
    email_verified: bool
    username: str | None
    phone: str | None
    avatar: str | None
    gender: str | None
    birthday: str | None
    locale: str
    role: str
    version: int
    created_at: str

    @classmethod
    def of(cls, user: User) -> "UserAnswer":
        return cls(
            id=user.user_id,
            email=user.email,
            email_verified=user.verified,
            username=user.username,
            phone=user.phone,
            avatar=user.avatar,
            gender=user.gender,
            birthday=user.birthday,
            locale=user.locale,
            role=user.role,
            version=user.version,
            created_at=clock.iso(user.created_at),
        )


class TokensAnswer(Wire):
    access_token: str
    token_type: Literal["Bearer"] = Field("Bearer")
    expires_in: int
    # None when it travels as a cookie.
    refresh_token: str | None
    user: UserAnswer


class LoginAnswer(TokensAnswer):
    # The user's cart, when a guest's was brought along and merged into it.
    cart_id: str | None = None


class MailSent(Wire):
    """Whatever the shop knows of the address: look into your mail."""

    mail_sent: Literal[True] = True


class Done(Wire):
    done: Literal[True] = True


class SessionAnswer(Wire):
    id: str
    device: str
    address: str
    created_at: str
    last_seen: str
    expires_at: str
    current: bool

    @classmethod
    def of(cls, session: Session, current: str | None) -> "SessionAnswer":
        return cls(
            id=session.session_id,
            device=session.device,
            address=session.address,
            created_at=clock.iso(session.created_at),
            last_seen=clock.iso(session.last_seen),
            expires_at=clock.iso(min(session.expires_at, session.ends_at)),
            current=session.session_id == current,
        )


class SessionList(Wire):
    items: list[SessionAnswer]
