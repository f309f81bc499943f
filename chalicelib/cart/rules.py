"""A cart as a value, its limits and its notices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.catalog.rules import (
    PriceUnavailable,
    Variant,
    VariantNotFound,
    VariantWithdrawn,
)
from chalicelib.inventory.rules import Availability, Hold, HoldStatus
from chalicelib.kernel.errors import Conflict, FieldError, Invalid, NotFound, ShopError
from chalicelib.kernel.ids import derived
from chalicelib.kernel.limits import MAX_CART_LINES
from chalicelib.kernel.money import Money, total


class CartStatus(StrEnum):
    OPEN = "OPEN"
    CHECKED_OUT = "CHECKED_OUT"
    # Its lines went into another cart, when its holder signed in.
    MERGED = "MERGED"


class Notice(StrEnum):
    """What changed since a line was put in."""

    PRICE_CHANGED = "PRICE_CHANGED"
    STOCK_SHORT = "STOCK_SHORT"
    SOLD_OUT = "SOLD_OUT"
    WITHDRAWN = "WITHDRAWN"
    PRICE_UNAVAILABLE = "PRICE_UNAVAILABLE"
    QUANTITY_LIMIT = "QUANTITY_LIMIT"


class CartNotFound(NotFound):
    code = "CART_NOT_FOUND"


class CartClosed(Conflict):
    code = "CART_CLOSED"


class CartEmpty(Invalid):
    code = "CART_EMPTY"


class CartFull(Invalid):
    code = "CART_FULL"

    def __init__(self) -> None:
        super().__init__(limit=MAX_CART_LINES)


class QuantityLimit(Invalid):
    code = "QUANTITY_LIMIT"

    @classmethod
    def of(cls, limit: int) -> "QuantityLimit":
        return cls(FieldError("quantity", "QUANTITY_LIMIT", {"limit": limit}), limit=limit)


@dataclass(frozen=True)
class Line:
    """What the cart itself knows of a line; name, price and stock are the shop's."""

    variant_id: str
    quantity: int
    added_at: int
    price_seen: int


@dataclass(frozen=True)
class Cart:
    """A cart as it stands in its table.

    `attempt` counts checkouts: order and hold take their ids from cart and attempt, so that a
    repeated checkout finds its own order. `hold` is this attempt's hold as the cart last knew it.
    A cart without `user_id` is whose who knows its id; with one it is that user's alone.
    """

    cart_id: str
    status: CartStatus
    version: int
    currency: str
    attempt: int
    lines: Sequence[Line]
    order_id: str | None
    hold: Hold | None
    expires_at: int
    user_id: str | None = None
    merged_into: str | None = None

    @property
    def hold_id(self) -> str:
        return derived("hld", self.cart_id, self.attempt)

    @property
    def quantities(self) -> dict[str, int]:
        return {line.variant_id: line.quantity for line in self.lines}

    def held(self, variant_id: str, now: int) -> int:
        """Units this cart has set aside already: to its owner they are available."""
        if self.hold is None or self.hold.expires_at <= now:
            return 0
        return self.hold.quantities.get(variant_id, 0)

    def reserved_until(self, now: int) -> int | None:
        """When the cart's reservation ends; None without one. Editing does not end it."""
        hold = self.hold
        live = hold is not None and hold.status == HoldStatus.HELD and hold.expires_at > now
        return hold.expires_at if hold is not None and live else None


@dataclass(frozen=True)
class ShownLine:
    """A line with what the shop says about it now."""

    line: Line
    variant: Variant | None
    available: int
    price: Money
    notices: Sequence[Notice]

    @property
    def total(self) -> Money:
        return self.price * self.line.quantity


@dataclass(frozen=True)
class CartView:
    """A cart as it is shown: today's prices, today's stock, what changed."""

    cart: Cart
    lines: Sequence[ShownLine]

    @property
    def subtotal(self) -> Money:
        return total((line.total for line in self.lines), self.cart.currency)

    @property
    def requires_shipping(self) -> bool:
        return any(line.variant and line.variant.requires_shipping for line in self.lines)


def shown(
    cart: Cart,
    variants: Mapping[str, Variant],
    stock: Mapping[str, Availability],
    now: int,
) -> CartView:
    """Lay the shop's knowledge over the cart's lines."""
    lines = []
    for line in cart.lines:
        variant = variants.get(line.variant_id)
        found = stock.get(line.variant_id)
        available = (found.available if found else 0) + cart.held(line.variant_id, now)
        lines.append(_shown_line(cart, line, variant, available))
    return CartView(cart, lines)


def _shown_line(cart: Cart, line: Line, variant: Variant | None, available: int) -> ShownLine:
    seen = Money(line.price_seen, cart.currency)
    if variant is None or not variant.sold:
        return ShownLine(line, variant, 0, seen, [Notice.WITHDRAWN])
    if cart.currency not in variant.prices:
        return ShownLine(line, variant, 0, seen, [Notice.PRICE_UNAVAILABLE])
    notices = []
    price = variant.price(cart.currency)
    if price != seen:
        notices.append(Notice.PRICE_CHANGED)
    if cart.status == CartStatus.OPEN:
        notices += _hindrances(line, variant, available)
    return ShownLine(line, variant, max(available, 0), price, notices)


def _hindrances(line: Line, variant: Variant, available: int) -> Iterator[Notice]:
    """Why so many of a line can't be checked out."""
    if line.quantity > variant.max_per_order:
        yield Notice.QUANTITY_LIMIT
    if line.quantity > available:
        yield Notice.STOCK_SHORT if available > 0 else Notice.SOLD_OUT


def check_lines(cart: Cart, variants: Mapping[str, Variant]) -> None:
    """Raises what `add` would raise for a line as it is now: VariantNotFound, VariantWithdrawn,
    PriceUnavailable or QuantityLimit. The shop may have changed since the line was put in.

    Whatever is raised, its fields name every line that can't be sold, each with its own `code`.
    """
    refused = [
        error
        for line in cart.lines
        if (error := _refusal(line, variants.get(line.variant_id), cart.currency)) is not None
    ]
    if refused:
        first, *others = refused
        for other in others:
            first.fields.extend(other.fields)
        raise first


def _refusal(line: Line, variant: Variant | None, currency: str) -> ShopError | None:
    """Why a line can't be sold; None when it can, as far as the catalogue is concerned."""
    if variant is None:
        return VariantNotFound(_field(line.variant_id, VariantNotFound, "field.withdrawn"))
    if not variant.sold:
        return withdrawn(variant)
    if currency not in variant.prices:
        return unpriced(variant, currency)
    most = variant.max_per_order
    if line.quantity > most:
        over = _field(
            line.variant_id, QuantityLimit, "QUANTITY_LIMIT", limit=most, requested=line.quantity
        )
        return QuantityLimit(over, limit=most)
    return None


def withdrawn(variant: Variant) -> VariantWithdrawn:
    """The refusal of a line whose variant is not sold any more."""
    line = _field(variant.variant_id, VariantWithdrawn, "field.withdrawn")
    return VariantWithdrawn(line, name=variant.name("en"))


def unpriced(variant: Variant, currency: str) -> PriceUnavailable:
    """The refusal of a line whose variant has no price in the cart's currency."""
    line = _field(variant.variant_id, PriceUnavailable, "field.unpriced", currency=currency)
    return PriceUnavailable(line, currency=currency)


def _field(
    variant_id: str, error: type[ShopError], text: str, *, currency: str = "", **facts: int
) -> FieldError:
    """What a refusal says of a line: `facts` for the text and as data, `currency` for the text."""
    data = {"code": error.code, **facts}
    return FieldError(f"lines.{variant_id}", text, {"currency": currency, **data}, data)


@dataclass(frozen=True)
class MergedLines:
    """One cart's lines with another's: those that changed or came, and how many had no room."""

    lines: Sequence[Line]
    changed: Sequence[str]
    dropped: int


def merged_lines(
    own: Cart,
    more: Sequence[Line],
    variants: Mapping[str, Variant],
    stock: Mapping[str, Availability],
) -> MergedLines:
    """Two carts' lines as one: own lines first, quantities added up to the limits.

    A sum above what one order may have, or the stock has, is cut; yet no line gets less than it
    had in either cart: what is short or withdrawn is told by its notice, not by vanishing.
    """
    lines = {line.variant_id: line for line in own.lines}
    changed, dropped = [], 0
    for line in more:
        before, variant = lines.get(line.variant_id), variants.get(line.variant_id)
        if before is None and len(lines) >= MAX_CART_LINES:
            dropped += 1
            continue
        had = before.quantity if before else 0
        least = max(had, line.quantity)
        found = stock.get(line.variant_id)
        most = min(variant.max_per_order, found.available) if variant and found else 0
        quantity = max(least, min(had + line.quantity, most))
        if quantity != had:
            changed.append(line.variant_id)
            lines[line.variant_id] = replace(before or line, quantity=quantity)
    return MergedLines(list(lines.values()), changed, dropped)
