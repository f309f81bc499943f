"""Requests and answers of what administrators do with users and keys."""

from typing import Annotated

from pydantic import Field

from chalicelib.accounts.api_keys import ApiKey
from chalicelib.accounts.rules import User
from chalicelib.kernel import clock
from chalicelib.kernel.caller import Permission, Role
from chalicelib.kernel.limits import MAX_PAGE_SIZE
from chalicelib.kernel.web.cursor import MAX_CURSOR
from chalicelib.kernel.web.schema import ONE_LINE, Body, Query, Wire, text_field

PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)]
Cursor = Annotated[str, Field(max_length=MAX_CURSOR)]


class UserQuery(Query):
    """`q` finds by id, or by how an e-mail or a name begins; it has no second page."""

    q: Annotated[str, text_field(254)] | None = None
    page_size: PageSize = 50
    cursor: Cursor | None = None


class SetRole(Body):
    role: Role


class Ban(Body):
    reason: Annotated[str, text_field(200)]


class Unban(Body):
    """Says nothing: `{}` or no body at all."""


class MemberAnswer(Wire):
    """A user as administrators see them."""

    id: str
    email: str | None
    email_verified: bool
    username: str | None
    role: Role
    status: str
    locale: str
    created_at: str

    @classmethod
    def of(cls, user: User) -> "MemberAnswer":
        return cls(
            id=user.user_id,
            email=user.email,
            email_verified=user.verified,
            username=user.username,
            role=user.role,
            status=user.status,
            locale=user.locale,
            created_at=clock.iso(user.created_at),
        )


class MemberPage(Wire):
    items: list[MemberAnswer]
    next_cursor: str | None

    @classmethod
    def of(cls, users: list[User], next_cursor: str | None) -> "MemberPage":
        return cls(items=[MemberAnswer.of(user) for user in users], next_cursor=next_cursor)


class KeyQuery(Query):
    page_size: PageSize = 50
    cursor: Cursor | None = None


class CreateKey(Body):
    name: Annotated[str, text_field(80), ONE_LINE]
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))]


class KeyAnswer(Wire):
    id: str
    name: str
    scopes: list[Permission]
    created_by: str
    created_at: str
    last_used_at: str | None
    revoked_at: str | None

    @classmethod
    def of(cls, key: ApiKey) -> "KeyAnswer":
        return cls.model_validate(_fields(key))


class NewKeyAnswer(KeyAnswer):
    # The key's text, this once; null when the same call is made again.
    key: str | None

    @classmethod
    def made(cls, key: ApiKey, text: str | None) -> "NewKeyAnswer":
        return cls.model_validate({**_fields(key), "key": text})


class KeyPage(Wire):
    items: list[KeyAnswer]
    next_cursor: str | None


def _fields(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.key_id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_by": key.created_by,
        "created_at": clock.iso(key.created_at),
        "last_used_at": _when(key.last_used_at),
        "revoked_at": _when(key.revoked_at),
    }


def _when(seconds: int | None) -> str | None:
    return None if seconds is None else clock.iso(seconds)
