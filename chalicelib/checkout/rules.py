"""Making an order of a cart: a pure function of what the shop knows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.cart.rules import Cart, CartEmpty, Line, check_lines
from chalicelib.catalog.rules import ShippingMethod, Shop, Variant
from chalicelib.kernel import clock, ids
from chalicelib.kernel.contact import addresses
from chalicelib.kernel.errors import FieldError, Invalid
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order, OrderLine, OrderStatus, hold_id_of, payment_id_of
from chalicelib.payments.registry import PaymentMethodUnavailable


class CheckoutInvalid(Invalid):
    """The cart needs something that the request does not give."""


@dataclass(frozen=True)
class Wish:
    """How the buyer wants the cart's order: nothing in it can change a price."""

    email: str
    address: Mapping[str, str] | None
    shipping_method: str | None
    payment_method: str
    note: str | None
    locale: str
    # What the buyer expects to pay in: a cart has its currency, and is not turned into another.
    currency: str | None = None
    # Whether the buyer's store balance pays what it can, and how much of it at most.
    use_balance: bool = False
    balance_most: int | None = None


def words_of(order_id: str, wish: Wish, currency: str) -> str:
    """A digest of the words in which an order is asked for: it shows nothing of them, and the same
    words for another order have another one. `currency` is the order's, named or not."""
    address = sorted(wish.address.items()) if wish.address else None
    said = repr((order_id, replace(wish, address=None, currency=currency), address))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Placed:
    """What checkout answers."""

    order: Order
    url: str


def order_id_of(cart_id: str, attempt: int) -> str:
    """The id of a cart's order: the same attempt, the same order."""
    return ids.derived("ord", cart_id, attempt)


def order_of(
    cart: Cart,
    attempt: int,
    wish: Wish,
    variants: Mapping[str, Variant],
    shop: Shop,
    *,
    now: int,
    expires_at: int,
    shop_url: str,
    user_id: str | None = None,
) -> Order:
    """The order that a cart makes. Raises CartEmpty, PaymentMethodUnavailable, CheckoutInvalid, and
    what `check_lines` does for lines that can't be sold any more."""
    if not cart.lines:
        raise CartEmpty()
    check_lines(cart, variants)
    if wish.currency not in (None, cart.currency):
        raise CheckoutInvalid(FieldError("currency", "field.cart_currency", {"is": cart.currency}))
    if not shop.takes(wish.payment_method, cart.currency):
        raise PaymentMethodUnavailable()
    lines = [_line(line, variants[line.variant_id], cart.currency) for line in cart.lines]
    ships = any(variants[line.variant_id].requires_shipping for line in cart.lines)
    method = _shipping(wish, shop) if ships else None
    order_id = order_id_of(cart.cart_id, attempt)
    return Order(
        order_id=order_id,
        number=f"{clock.day(now)}{ids.number(12, order_id)}",
        cart_id=cart.cart_id,
        status=OrderStatus.PENDING,
        currency=cart.currency,
        lines=lines,
        shipping_price=method.price(cart.currency) if method else Money(0, cart.currency),
        email=wish.email,
        address=wish.address if ships else None,
        shipping={"id": method.id, "name": dict(method.name)} if method else None,
        note=wish.note,
        locale=wish.locale,
        access_token=ids.token(),
        payment_id=payment_id_of(order_id, 1),
        hold_id=hold_id_of(order_id),
        placed_at=now,
        expires_at=expires_at,
        shop_url=shop_url,
        history=[],
        user_id=user_id,
        words=words_of(order_id, wish, cart.currency),
    )


def _line(line: Line, variant: Variant, currency: str) -> OrderLine:
    return OrderLine(
        variant_id=line.variant_id,
        product_id=variant.product_id,
        slug=variant.slug,
        name=dict(variant.product_name),
        variant_name={locale: variant.name(locale) for locale in variant.product_name},
        specs=[{"name": dict(spec.name), "value": dict(spec.value)} for spec in variant.specs],
        image=_plain(variant.image),
        quantity=line.quantity,
        unit_price=variant.price(currency),
    )


def _shipping(wish: Wish, shop: Shop) -> ShippingMethod:
    """The method chosen for what must be shipped, with an address the shop delivers to."""
    wrong = []
    if wish.address is None:
        wrong.append(FieldError("address", "ADDRESS_REQUIRED"))
    elif wish.address["country"] not in shop.countries:
        wrong.append(FieldError("address.country", "field.country"))
    elif shop.needs_phone(wish.address):
        wrong.append(FieldError("address.phone", addresses.phone_needed().text))
    method = shop.shipping(wish.shipping_method or "")
    if method is None:
        wrong.append(FieldError("shippingMethod", "field.shipping_method"))
    if wrong or method is None:
        raise CheckoutInvalid(*wrong)
    return method


def _plain(image: Any) -> dict[str, Any] | None:
    return dict(image) if image else None
