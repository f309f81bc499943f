"""Keys for machines: scoped, shown once, kept as a digest, gone at once when revoked.

A key reads `ck_<26 letters>_<secret>`: what stands before the secret is its id, so that finding
it is one read and comparing one digest. The secret has 160 bits, so a plain SHA-256 of it is safe.
A key never may more than the person who made it may now: demote or ban them and it ends with them.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.rules import UserStatus
from chalicelib.accounts.tables import ApiKeyItem, UserItem
from chalicelib.kernel.caller import (
    OWNER,
    ROLE_PERMISSIONS,
    Caller,
    CallerKind,
    Permission,
    Role,
    permissions_of,
)
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import Forbidden, NotFound, StaleState, Unauthorized
from chalicelib.kernel.ids import derived, is_id, token
from chalicelib.kernel.web import cursor as cursors
from chalicelib.kernel.web import security

LISTING = "keys"
SEEN_SECONDS = 60
MAX_KEY = 128
# Compared with what has no digest, so that an unknown id takes as long as a wrong secret.
_NOTHING = hashlib.sha256(b"").hexdigest()


class ApiKeyNotFound(NotFound):
    code = "API_KEY_NOT_FOUND"


class KeyMakesNoKeys(Forbidden):
    """A stolen key must not be able to outlive its own end."""

    code = "KEY_MAKES_NO_KEYS"


class ScopesBeyondOwn(Forbidden):
    code = "SCOPES_BEYOND_OWN"


@dataclass(frozen=True)
class ApiKey:
    """A key as it is listed; its secret is nowhere."""

    key_id: str
    name: str
    scopes: frozenset[Permission]
    created_by: str
    created_at: int
    last_used_at: int | None
    revoked_at: int | None


def create(
    name: str, scopes: Iterable[Permission], *, caller: Caller, operation: str, now: int
) -> tuple[ApiKey, str | None]:
    """Make a key and answer it with its text, which nobody can have again.

    Its id follows from `operation`: run again, or many times at once, there is one key, and only
    the run that made it knows the text; the others answer None. Raises ScopesBeyondOwn and
    KeyMakesNoKeys.
    """
    wanted = frozenset(scopes)
    if caller.kind != CallerKind.USER and caller != OWNER:
        raise KeyMakesNoKeys()
    if not wanted <= caller.permissions:
        raise ScopesBeyondOwn()
    key_id, secret = derived("ck", caller.name, operation), token()
    item = ApiKeyItem(
        key_id,
        digest=_digest(secret),
        name=name,
        scopes=sorted(wanted),
        created_by=caller.name,
        user_id=caller.user_id,
        created_at=now,
        listing=LISTING,
    )
    try:
        dynamo.put(item, condition=ApiKeyItem.key_id.does_not_exist(), on_condition_failed=_Made)
    except _Made as made:
        mine = made.image.get("digest") == item.digest  # the SDK's repeat of this very put
        return read(key_id), f"{key_id}_{secret}" if mine else None
    return _key_of(item), f"{key_id}_{secret}"


def read(key_id: str) -> ApiKey:
    """The key as it is now. Raises ApiKeyNotFound."""
    item = dynamo.get(ApiKeyItem, key_id)
    if item is None:
        raise ApiKeyNotFound()
    return _key_of(item)


def page(limit: int, cursor: str | None) -> tuple[list[ApiKey], str | None]:
    """Keys, the newest first, revoked ones too; and where the list goes on."""
    after = cursors.unseal(LISTING, cursor) if cursor else None
    place = (
        dynamo.position(listing=LISTING, key_id=after[0], created_at=after[1]) if after else None
    )
    found = ApiKeyItem.by_age.query(
        LISTING,
        scan_index_forward=False,
        limit=limit,
        last_evaluated_key=place,
    )
    keys = [_key_of(item) for item in found]
    more = found.last_evaluated_key is not None and keys
    return keys, cursors.seal(LISTING, [keys[-1].key_id, keys[-1].created_at]) if more else None


def revoke(key_id: str, *, now: int) -> ApiKey:
    """End a key at once; done again, it keeps its first end. Raises ApiKeyNotFound."""
    try:
        item = dynamo.update(
            ApiKeyItem(key_id),
            [ApiKeyItem.revoked_at.set(now)],
            condition=ApiKeyItem.key_id.exists() & ApiKeyItem.revoked_at.does_not_exist(),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return read(key_id)
    return _key_of(item)


def authenticate(api_key: str, now: int) -> Caller:
    """Who shows this key, and what it may. Raises Unauthorized, whatever is wrong.

    Read consistently each time: a key that was revoked opens nothing from then on.
    """
    key_id, _, secret = api_key.rpartition("_")
    findable = len(api_key) <= MAX_KEY and is_id(key_id)
    item = dynamo.get(ApiKeyItem, key_id) if findable else None
    right = security.same(item.digest if item else _NOTHING, _digest(secret))
    if item is None or not right or item.revoked_at is not None:
        raise Unauthorized()
    permissions = permissions_of(item.scopes) & _allowed(item.user_id)
    _remember_use(item, now)
    return Caller(
        kind=CallerKind.KEY, user_id=None, role=None, permissions=permissions, key_id=key_id
    )


def _allowed(user_id: str | None) -> frozenset[Permission]:
    """What the maker of a key may now; the owner's keys (no user) may everything."""
    if user_id is None:
        return frozenset(Permission)
    user = dynamo.get(UserItem, user_id)
    if user is None or user.status != UserStatus.ACTIVE:
        raise Unauthorized()
    return ROLE_PERMISSIONS[Role(user.role)]


def _remember_use(item: ApiKeyItem, now: int) -> None:
    """At most one write a minute and key, however many calls it makes."""
    if item.last_used_at is not None and item.last_used_at > now - SEEN_SECONDS:
        return
    unseen = ApiKeyItem.last_used_at.does_not_exist()
    stale = unseen | (ApiKeyItem.last_used_at <= now - SEEN_SECONDS)
    try:
        dynamo.update(
            ApiKeyItem(item.key_id),
            [ApiKeyItem.last_used_at.set(now)],
            condition=ApiKeyItem.key_id.exists() & stale,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        # Another call of the same minute has written it.
        return


class _Made(Exception):
    """The key is there already."""

    def __init__(self, image: Mapping[str, Any]) -> None:
        super().__init__()
        self.image = image


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key_of(item: ApiKeyItem) -> ApiKey:
    return ApiKey(
        key_id=item.key_id,
        name=item.name,
        scopes=permissions_of(item.scopes),
        created_by=item.created_by,
        created_at=int(item.created_at),
        last_used_at=None if item.last_used_at is None else int(item.last_used_at),
        revoked_at=None if item.revoked_at is None else int(item.revoked_at),
    )
