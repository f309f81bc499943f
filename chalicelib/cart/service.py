"""The use cases of a cart. Prices are always the shop's; what a client sends as one is refused.

`user_id` is who asks, None for a guest. A cart that belongs to a user is there for that user only;
to everybody else it looks as if there were none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.cart.rules import (
    Cart,
    CartClosed,
    CartFull,
    CartNotFound,
    CartStatus,
    CartView,
    QuantityLimit,
    shown,
    unpriced,
    withdrawn,
)
from chalicelib.cart.tables import DAY_SECONDS, CartItem, cart_of, editable, hold_value
from chalicelib.catalog import service as catalog
from chalicelib.catalog.rules import Variant
from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold, OutOfStock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import size_of
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import FieldError, Invalid, StaleState
from chalicelib.kernel.ids import token
from chalicelib.kernel.limits import MAX_CART_LINES


class CurrencyNotSold(Invalid):
    """The shop has no prices in this currency."""


def create(
    currency: str | None, *, now: int, cart_id: str | None = None, user_id: str | None = None
) -> CartView:
    """An empty cart; its id is unguessable and is the guest's key to it.

    With a given `cart_id` (derived from what is bought) the existing cart is answered if there is.
    """
    item = blank(cart_id or token("crt"), currency, user_id=user_id, now=now)
    try:
        dynamo.put(
            item, condition=CartItem.cart_id.does_not_exist(), on_condition_failed=StaleState()
        )
    except StaleState:
        return view(read(item.cart_id, now=now, user_id=user_id), now=now)
    return view(item.as_cart(), now=now)


def blank(cart_id: str, currency: str | None, *, user_id: str | None, now: int) -> CartItem:
    """An empty cart, not written yet. Raises CurrencyNotSold."""
    shop = catalog.shop()
    currency = currency or shop.currency
    if currency not in shop.currencies:
        raise CurrencyNotSold(FieldError("currency", "field.currency"))
    return CartItem(
        cart_id,
        status=CartStatus.OPEN,
        version=1,
        currency=currency,
        attempt=1,
        quantities={},
        added={},
        seen={},
        marks={},
        user_id=user_id,
        expires_at=end_of(now, user_id),
    )


def read(cart_id: str, *, now: int, user_id: str | None = None) -> Cart:
    """The cart as it is now. Raises CartNotFound, also when its time is over or it is another's."""
    item = dynamo.get(CartItem, cart_id)
    if item is None or item.expires_at <= now or item.user_id not in (None, user_id):
        raise CartNotFound()
    return item.as_cart()


def view(cart: Cart, *, now: int) -> CartView:
    """The cart with today's prices and stock."""
    variants = catalog.variants(cart.quantities)
    return shown(cart, variants, inventory.availability(cart.quantities, cart.quantities), now)


def add(
    cart_id: str,
    variant_id: str,
    quantity: int,
    *,
    call_id: str,
    now: int,
    user_id: str | None = None,
) -> CartView:
    """Put more of a variant in: one conditional write, which answers the new cart.

    `call_id` is this call's own: a write that the SDK repeats after a lost reply recognises it.
    Raises CartNotFound, CartClosed, CartFull, QuantityLimit, OutOfStock, VariantNotFound,
    VariantWithdrawn or PriceUnavailable.
    """
    return _set_line(cart_id, variant_id, _Call(quantity, True, call_id, now, user_id))


def set_quantity(
    cart_id: str,
    variant_id: str,
    quantity: int,
    *,
    call_id: str,
    now: int,
    user_id: str | None = None,
) -> CartView:
    """Set how many of a variant are in; 0 takes it out. Errors as for `add`."""
    if quantity == 0:
        return remove(cart_id, variant_id, now=now, user_id=user_id)
    return _set_line(cart_id, variant_id, _Call(quantity, False, call_id, now, user_id))


def remove(cart_id: str, variant_id: str, *, now: int, user_id: str | None = None) -> CartView:
    """Take a variant out; that it was not in is no error."""
    actions: list[Action] = [
        getattr(CartItem, name)[variant_id].remove()
        for name in ("quantities", "added", "seen", "marks")
    ]
    item = dynamo.update(
        CartItem(cart_id),
        [*actions, *touched(now, user_id)],
        condition=editable(now, user_id),
        on_condition_failed=lambda image: _refusal(image, now, user_id) or StaleState(),
    )
    return view(item.as_cart(), now=now)


def close(tx: Transaction, cart: Cart, *, order_id: str, attempt: int, held: Hold) -> None:
    """Close the cart for an order, in the checkout's transaction. StaleState when it was
    changed."""
    tx.update(
        CartItem(cart.cart_id),
        [
            CartItem.status.set(CartStatus.CHECKED_OUT),
            CartItem.order_id.set(order_id),
            CartItem.attempt.set(attempt),
            CartItem.hold.set(hold_value(held)),
            CartItem.version.set(CartItem.version + 1),
        ],
        condition=CartItem.version == cart.version,
        on_condition_failed=StaleState(),
    )


def _set_line(cart_id: str, variant_id: str, call: "_Call") -> CartView:
    variant = catalog.variant(variant_id)
    if not variant.sold:
        raise withdrawn(variant)
    line = _Line(**vars(call), variant=variant)

    def attempt() -> Cart:
        # What a checkout could get is not refused here, though more have ended than were counted.
        available = inventory.availability([variant_id])[variant_id].obtainable
        try:
            return _write_line(cart_id, line, available)
        except _HeldAlready as held:
            # What this cart has set aside is not 'available' to others, but it is to its owner.
            return _write_line(cart_id, line, available, own=held.units)

    try:
        cart = retry_on_conflict(attempt)
    except _Landed as landed:
        cart = landed.cart
    return view(cart, now=call.now)


@dataclass(frozen=True)
class _Call:
    """What one call wants of a line, and who calls."""

    quantity: int
    more: bool
    call_id: str
    now: int
    user_id: str | None


@dataclass(frozen=True)
class _Line(_Call):
    """One call's wish for a line."""

    variant: Variant


class _Landed(Exception):
    """The write is in the table already: this call's own first try, whose reply was lost."""

    def __init__(self, cart: Cart) -> None:
        super().__init__()
        self.cart = cart


class _HeldAlready(StaleState):
    """Refused for want of stock, though this cart holds enough of it."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units


def _write_line(cart_id: str, line: _Line, available: int, own: int = 0) -> Cart:
    """Write the line if `available` units and the `own` ones that this cart holds are enough."""
    key, path = line.variant.variant_id, CartItem.quantities[line.variant.variant_id]
    item = dynamo.update(
        CartItem(cart_id),
        [
            path.set((path | 0) + line.quantity) if line.more else path.set(line.quantity),
            CartItem.added[key].set(CartItem.added[key] | line.now),
            CartItem.seen[key].set(dict(line.variant.prices)),
            CartItem.marks[key].set(line.call_id),
            *touched(line.now, line.user_id),
        ],
        condition=_fits(line, available + own),
        on_condition_failed=lambda image: _why_not(image, line, available, own),
    )
    return item.as_cart()


def _fits(line: _Line, available: int) -> Condition:
    key, most = line.variant.variant_id, min(line.variant.max_per_order, available)
    path = CartItem.quantities[key]
    not_mine = CartItem.marks[key].does_not_exist() | (CartItem.marks[key] != line.call_id)
    new_line = path.does_not_exist() & (size_of(CartItem.quantities) < MAX_CART_LINES)
    room = (path <= most - line.quantity) if line.more else path.exists()
    # Too many to start with: no line has less than none, so this never holds.
    allowed = (new_line | room) if line.quantity <= most else (path < 0)
    # No currency is called "": a variant without any price fits no cart.
    priced = CartItem.currency.is_in("", *line.variant.prices)
    fits: Condition = editable(line.now, line.user_id) & not_mine & priced & allowed
    return fits


def _why_not(image: Mapping[str, Any], line: _Line, available: int, own: int) -> Exception:
    """Why a line could not be set, told from the cart as it was."""
    refusal = _refusal(image, line.now, line.user_id)
    if refusal:
        return refusal
    cart, key = cart_of(image), line.variant.variant_id
    if image["marks"].get(key) == line.call_id:
        return _Landed(cart)
    if cart.currency not in line.variant.prices:
        return unpriced(line.variant, cart.currency)
    wanted = line.quantity + (cart.quantities.get(key, 0) if line.more else 0)
    if wanted > line.variant.max_per_order:
        return QuantityLimit.of(line.variant.max_per_order)
    held = cart.held(key, line.now)
    if wanted > available + held:
        return OutOfStock.of(key, requested=wanted, available=available + held)
    if key not in cart.quantities and len(cart.lines) >= MAX_CART_LINES:
        return CartFull()
    return _HeldAlready(held) if wanted > available + own else StaleState()


def _refusal(image: Mapping[str, Any], now: int, user_id: str | None) -> Exception | None:
    if not image or image["expires_at"] <= now or image.get("user_id") not in (None, user_id):
        return CartNotFound()
    return CartClosed() if image["status"] != CartStatus.OPEN else None


def require_open(cart: Cart) -> None:
    if cart.status != CartStatus.OPEN:
        raise CartClosed()


def touched(now: int, user_id: str | None = None) -> list[Action]:
    return [
        CartItem.version.set(CartItem.version + 1),
        CartItem.expires_at.set(end_of(now, user_id)),
    ]


def end_of(now: int, user_id: str | None) -> int:
    """When a cart touched now is over: who signs in finds it again for longer."""
    days = settings().cart_days if user_id is None else settings().user_cart_days
    return now + days * DAY_SECONDS
