"""Requests and answers of the cart."""

from typing import Annotated

from pydantic import Field

from chalicelib.cart.merging import Merged
from chalicelib.cart.rules import CartView, ShownLine
from chalicelib.catalog.schemas import specs_in
from chalicelib.kernel import clock
from chalicelib.kernel.i18n import localised, text
from chalicelib.kernel.web.schema import (
    Body,
    Id,
    Image,
    MoneyAnswer,
    Quantity,
    QuantityOrNone,
    Wire,
)


class CreateCart(Body):
    # Ignored unless it is the signed-in user: a cart is given to nobody by its sender's word.
    user_id: Id | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None


class AddLine(Body):
    variant_id: Id
    quantity: Quantity = 1


class UpdateLine(Body):
    variant_id: Id
    quantity: QuantityOrNone


class RemoveLine(Body):
    variant_id: Id


class ReserveCart(Body):
    """Says nothing: `{}` or no body at all."""


class MergeCart(Body):
    cart_id: Id


class NoticeAnswer(Wire):
    code: str


class LineAnswer(Wire):
    variant_id: str
    product_id: str | None
    slug: str | None
    name: str
    specs: dict[str, str]
    image: Image | None
    quantity: int
    selected: bool
    added_at: str
    price: MoneyAnswer
    price_seen: MoneyAnswer
    total: MoneyAnswer
    available: int
    max_per_order: int
    requires_shipping: bool
    notices: list[NoticeAnswer]

    @classmethod
    def of(cls, shown: ShownLine, currency: str, locale: str) -> "LineAnswer":
        variant, line = shown.variant, shown.line
        return cls(
            variant_id=line.variant_id,
            product_id=variant.product_id if variant else None,
            slug=variant.slug if variant else None,
            # Of a variant that is gone from the catalogue nobody knows the name any more.
            name=localised(variant.product_name, locale) if variant else text(locale, "line.gone"),
            specs=specs_in(variant, locale) if variant else {},
            image=Image.of(variant.image, locale) if variant and variant.image else None,
            quantity=line.quantity,
            selected=True,
            added_at=clock.iso(line.added_at),
            price=MoneyAnswer.of(shown.price),
            price_seen=MoneyAnswer(amount=line.price_seen, currency=currency),
            total=MoneyAnswer.of(shown.total),
            available=shown.available,
            max_per_order=variant.max_per_order if variant else 0,
            requires_shipping=variant.requires_shipping if variant else False,
            notices=[NoticeAnswer(code=notice) for notice in shown.notices],
        )


class CartAnswer(Wire):
    id: str
    status: str
    version: int
    currency: str
    lines: list[LineAnswer]
    count: int
    subtotal: MoneyAnswer
    requires_shipping: bool
    reserved_until: str | None
    expires_at: str
    order_id: str | None

    @classmethod
    def of(cls, view: CartView, locale: str, now: int) -> "CartAnswer":
        cart = view.cart
        until = cart.reserved_until(now)
        return cls(
            id=cart.cart_id,
            status=cart.status,
            version=cart.version,
            currency=cart.currency,
            lines=[LineAnswer.of(line, cart.currency, locale) for line in view.lines],
            count=sum(cart.quantities.values()),
            subtotal=MoneyAnswer.of(view.subtotal),
            requires_shipping=view.requires_shipping,
            reserved_until=clock.iso(until) if until else None,
            expires_at=clock.iso(cart.expires_at),
            order_id=cart.order_id,
        )


class MergedAnswer(Wire):
    """The caller's cart with the guest's lines in it, and how many of them found no room."""

    cart: CartAnswer
    moved: int
    dropped: int

    @classmethod
    def made(cls, merged: Merged, locale: str, now: int) -> "MergedAnswer":
        cart = CartAnswer.of(merged.view, locale, now)
        return cls(cart=cart, moved=merged.moved, dropped=merged.dropped)
