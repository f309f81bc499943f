"""Requests and answers of showing a person their traces, and of removing them."""

from typing import Any

from chalicelib.accounts.schemas import Password
from chalicelib.kernel.web.schema import Body, Wire


class Erase(Body):
    """The password once more: a device left open must not be enough."""

    password: Password


class Erased(Wire):
    """`done` is false when something must come to its end first, e.g. a payment on its way; the
    rest is then removed by itself. The account is gone either way."""

    done: bool


class Export(Wire):
    """All that the shop keeps of the caller; each part is as its own pages show it."""

    exported_at: str
    account: dict[str, Any]
    cart: dict[str, Any] | None
    orders: list[dict[str, Any]]
    subscriptions: list[dict[str, Any]]
    # Whom the payment providers know the caller as.
    customer: list[dict[str, Any]]
    balance: dict[str, Any]
    open_holds: int
