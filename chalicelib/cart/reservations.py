"""Setting a cart's units aside before it is checked out: made, made longer, given back."""

from collections.abc import Sequence

from chalicelib.cart import service
from chalicelib.cart.rules import Cart, CartEmpty, CartView, check_lines
from chalicelib.cart.tables import CartItem, hold_value
from chalicelib.catalog import service as catalog
from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory.holds.allocate import End
from chalicelib.inventory.rules import (
    Hold,
    HoldStatus,
    ReservationEnded,
    ReservationLimit,
    Taken,
)
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState


def reserve(
    cart_id: str, *, holders: Sequence[str], end: End, now: int, user_id: str | None = None
) -> CartView:
    """Set the cart's units aside for the shop's reservation time: all lines or none.

    Raises OutOfStock with one field per line that can't be had, what `check_lines` does for lines
    that can't be sold any more, TooManyHolds, TooManyUnitsHeld, ReservationLimit.
    Reserving again renews it, within the limit, and follows the lines as they are now.
    """

    def attempt() -> Cart:
        cart = service.read(cart_id, now=now, user_id=user_id)
        service.require_open(cart)
        if not cart.lines:
            raise CartEmpty()
        check_lines(cart, catalog.variants_now(cart.quantities))
        previous = inventory.read_hold(cart.hold_id)
        until = _reserved_until(previous, now)
        hold = Hold(cart.hold_id, HoldStatus.HELD, {}, until, version=0, holders=holders)

        def write(taken: Taken) -> None:
            with Transaction() as tx:
                _remember(tx, cart, inventory.write_hold(tx, taken, previous, now=now), now)

        inventory.allocate(hold, cart.quantities, previous, write, end=end, now=now)
        return service.read(cart_id, now=now, user_id=user_id)

    return service.view(retry_on_conflict(attempt), now=now)


def extend(cart_id: str, *, now: int, user_id: str | None = None) -> CartView:
    """Let the reservation last longer, within the limit. Raises ReservationEnded when there is
    none (any more), ReservationLimit when it can't last any longer."""

    def attempt() -> Cart:
        cart = service.read(cart_id, now=now, user_id=user_id)
        service.require_open(cart)
        held = inventory.read_hold(cart.hold_id)
        if held is None or held.status != HoldStatus.HELD or held.expires_at <= now:
            raise ReservationEnded()
        until = _reserved_until(held, now)
        with Transaction() as tx:
            _remember(tx, cart, inventory.extend(tx, held, expires_at=until), now)
        return service.read(cart_id, now=now, user_id=user_id)

    return service.view(retry_on_conflict(attempt), now=now)


def release(cart_id: str, *, now: int, user_id: str | None = None) -> CartView:
    """Give the reservation back. That there is none is no error."""

    def attempt() -> Cart:
        cart = service.read(cart_id, now=now, user_id=user_id)
        service.require_open(cart)
        held = inventory.read_hold(cart.hold_id)
        if held is None or held.status != HoldStatus.HELD:
            return cart
        with Transaction() as tx:
            inventory.release(tx, held, now=now)
            tx.update(
                CartItem(cart_id),
                [CartItem.hold.remove(), *service.touched(now, cart.user_id)],
                condition=CartItem.version == cart.version,
                on_condition_failed=StaleState(),
            )
        return service.read(cart_id, now=now, user_id=user_id)

    return service.view(retry_on_conflict(attempt), now=now)


def _reserved_until(held: Hold | None, now: int) -> int:
    """When a reservation made or renewed now ends: not later than the limit since it was made."""
    live = held is not None and held.status == HoldStatus.HELD and held.expires_at > now
    since = held.since if held is not None and live else now
    limit = since + settings().reservation_limit_minutes * 60
    until = min(now + settings().reservation_minutes * 60, limit)
    if held is not None and live and until <= held.expires_at and until == limit:
        raise ReservationLimit(minutes=settings().reservation_limit_minutes)
    return until


def _remember(tx: Transaction, cart: Cart, hold: Hold, now: int) -> None:
    """Let the cart know its hold, if it is still as it was read."""
    tx.update(
        CartItem(cart.cart_id),
        [CartItem.hold.set(hold_value(hold)), *service.touched(now, cart.user_id)],
        condition=CartItem.version == cart.version,
        on_condition_failed=StaleState(),
    )
