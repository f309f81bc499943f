"""Who calls, and what they may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    USER = "USER"
    SELLER = "SELLER"
    ADMIN = "ADMIN"


class Permission(StrEnum):
    VIEW_PRODUCTS = "VIEW_PRODUCTS"
    CREATE_PRODUCT = "CREATE_PRODUCT"
    EDIT_PRODUCT = "EDIT_PRODUCT"
    DELETE_PRODUCT = "DELETE_PRODUCT"
    # Users see their own orders, sellers those with their lines, admins all; the service knows.
    VIEW_ORDERS = "VIEW_ORDERS"
    CREATE_ORDER = "CREATE_ORDER"
    MANAGE_ORDER = "MANAGE_ORDER"
    MANAGE_STOCK = "MANAGE_STOCK"
    VIEW_USERS = "VIEW_USERS"
    MANAGE_USERS = "MANAGE_USERS"
    # What only whoever runs the shop may do, by what it opens: a staff role is a set of these.
    MANAGE_PAYMENTS = "MANAGE_PAYMENTS"
    MANAGE_REFUNDS = "MANAGE_REFUNDS"
    MANAGE_WEBHOOKS = "MANAGE_WEBHOOKS"
    MANAGE_BLOCKS = "MANAGE_BLOCKS"
    MANAGE_KEYS = "MANAGE_KEYS"
    MANAGE_SETTINGS = "MANAGE_SETTINGS"
    MANAGE_CATEGORIES = "MANAGE_CATEGORIES"
    # Jobs at all; what one does takes its kind's own permission besides.
    MANAGE_JOBS = "MANAGE_JOBS"
    VIEW_AUDIT_LOG = "VIEW_AUDIT_LOG"
    VIEW_HEALTH = "VIEW_HEALTH"


def permissions_of(names: Iterable[str]) -> frozenset[Permission]:
    """The permissions of these names, as a key keeps them; one that is no more opens nothing."""
    known = {str(permission) for permission in Permission}
    return frozenset(Permission(name) for name in names if name in known)


_USER = frozenset({Permission.VIEW_PRODUCTS, Permission.VIEW_ORDERS, Permission.CREATE_ORDER})
ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.USER: _USER,
    Role.SELLER: frozenset(
        {
            Permission.VIEW_PRODUCTS,
            Permission.CREATE_PRODUCT,
            Permission.EDIT_PRODUCT,
            Permission.VIEW_ORDERS,
            Permission.MANAGE_ORDER,
        }
    ),
    Role.ADMIN: frozenset(Permission),
}


class CallerKind(StrEnum):
    GUEST = "GUEST"
    USER = "USER"
    KEY = "KEY"


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request, as its credentials say; no credentials at all is a guest.

    `signed_in_at` (epoch seconds) is when the session began, not when its token was renewed.
    """

    kind: CallerKind
    user_id: str | None
    role: Role | None
    permissions: frozenset[Permission]
    session_id: str | None = None
    key_id: str | None = None
    signed_in_at: int = 0

    @property
    def name(self) -> str:
        """`user:<id>`, `key:<id>` or `guest`: for audit, repeated calls and limits."""
        if self.kind is CallerKind.USER:
            return f"user:{self.user_id}"
        return f"key:{self.key_id}" if self.kind is CallerKind.KEY else "guest"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


GUEST = Caller(CallerKind.GUEST, None, None, frozenset())
# Whoever has the stage's own key (SSM `admin/key`).
OWNER = Caller(CallerKind.KEY, None, None, frozenset(Permission), key_id="owner")
