"""The one place that ties contexts together where the arrows must not."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import cast

from chalicelib.inventory.rules import Hold
from chalicelib.kernel import telemetry
from chalicelib.kernel.caller import Caller
from chalicelib.kernel.errors import FieldError, Invalid, Unavailable
from chalicelib.kernel.person import Keeper
from chalicelib.kernel.request import Request
from chalicelib.kernel.transaction import Transaction
from chalicelib.payments.ports import Event, Subject


def end_hold(hold: Hold, now: int) -> None:
    """End a hold whose time is over, through its order and its provider where it has them.

    Loaded on use: most requests never end anybody's hold.
    """
    from chalicelib.settlement import expire

    expire.end(hold, now)


def identify(bearer: str | None, api_key: str | None, *, now: int) -> Caller:
    """Who has these credentials. Raises Unauthorized.

    Loaded on use: guests, who are most, never need it.
    """
    from chalicelib.accounts import service as accounts

    return accounts.identify(bearer, api_key, now=now)


def check_blocked(caller: Caller, source_ip: str, *, now: int) -> None:
    """Raises Blocked for whoever is kept out."""
    from chalicelib.accounts import blocks

    blocks.check(caller, source_ip, now=now)


def keepers() -> Mapping[str, Keeper]:
    """All who keep something about people, by the name under which they tell it.

    Stock comes last: orders and carts give back first what its notes count.
    """
    names = {
        "account": "accounts",
        "cart": "cart",
        "orders": "orders",
        # Before the customer, with whom the provider would end them behind our back.
        "subscriptions": "subscriptions",
        "customer": "payments",
        "balance": "balance",
        "openHolds": "inventory",
    }
    return {
        name: cast("Keeper", import_module(f"chalicelib.{context}.keeping"))
        for name, context in names.items()
    }


# Who follows a webhook, by what it is about. Payments knows none of them.
_HANDLERS = {
    Subject.PAYMENT: "chalicelib.settlement.poll",
    Subject.SUBSCRIPTION: "chalicelib.subscriptions.following",
}


def handle_event(event: Event, *, now: int, extra_writes: Callable[[Transaction], None]) -> bool:
    """Make of the shop what a webhook tells; False for one that concerns nothing of it. Raises
    what tells the queue to bring it again."""
    handler = import_module(_HANDLERS[event.subject])
    return bool(handler.handle_event(event, now=now, extra_writes=extra_writes))


def poll_subscriptions(now: int) -> dict[str, int]:
    """Ask about subscriptions of which nothing was heard when something should have been."""
    from chalicelib.subscriptions import reconciling

    return reconciling.run(now).counts()


def email_of(user_id: str) -> str:
    """A user's e-mail address, proved or not. Raises Unauthorized for nobody."""
    from chalicelib.accounts import profile

    return str(profile.read(user_id).email)


def proven_email(user_id: str) -> tuple[str, ...]:
    """The digests of a user's e-mail address. Raises EmailNotVerified unless they proved it."""
    from chalicelib.accounts import profile

    return profile.proven_email(user_id)


def check_user(user_id: str) -> None:
    """Raises UserNotFound where there never was such a user."""
    from chalicelib.accounts import profile

    profile.check_known(user_id)


def check_currency(field: str, currency: str) -> None:
    """Raises Invalid, naming the field, for a currency that the shop does not sell in."""
    from chalicelib.catalog import service as catalog

    if currency not in catalog.shop().currencies:
        raise Invalid(FieldError(field, "field.currency"))


def check_phone(address: Mapping[str, str]) -> None:
    """Raises Invalid for an address without a phone number where the carriers need one."""
    from chalicelib.catalog import service as catalog
    from chalicelib.catalog.rules import PHONE_REQUIRED_IN
    from chalicelib.kernel import addresses

    if address.get("phone"):
        return
    try:
        countries = catalog.shop().phone_required_in
    except Unavailable:
        # An address is written down all the same; the checkout looks again.
        countries = PHONE_REQUIRED_IN
    if address["country"] in countries:
        raise Invalid(addresses.phone_needed())


def notice(code: str, request: Request, *, now: int) -> None:
    """Watch what is refused to whom."""
    from chalicelib.accounts import signals

    call = signals.RefusedCall(
        request.source_ip, request.caller.user_id, request.path, request.request_id
    )
    signals.notice_refusal(code, call, now=now)


def notice_buyer(request: Request, email: str, *, now: int) -> None:
    """Watch how many different people buy from one address."""
    from chalicelib.accounts import signals
    from chalicelib.kernel import limits, rates

    who = rates.address(request.source_ip)
    signals.notice(limits.MANY_EMAILS, who, email.lower(), now=now)


def notice_declined(holders: Iterable[str], event_id: str, *, now: int) -> None:
    """Watch whose payments the banks refuse; `holders` are identities."""
    from chalicelib.accounts import signals
    from chalicelib.kernel import limits

    for who in holders:
        signals.notice(limits.DECLINED_PAYMENTS, who, event_id, now=now)


def merge_cart(cart_id: str, user_id: str, *, now: int) -> str | None:
    """Bring a guest's cart along at sign-in; the id of the user's cart, None when it did not work.

    Whoever knows the password is let in, whatever may be the matter with a cart.
    """
    from chalicelib.cart import merging

    try:
        return merging.merge(cart_id, user_id, now=now).view.cart.cart_id
    except Exception as error:
        telemetry.logger().warning("cart not merged", exc_info=error)
        return None
