"""The catalogue's values, and the pure decisions on them: price, filter, order, page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.kernel.errors import Conflict, NotFound
from chalicelib.kernel.money import Money

Localised = Mapping[str, str]


class ProductNotFound(NotFound):
    code = "PRODUCT_NOT_FOUND"


class ProductChanged(Conflict):
    """Somebody has changed it since, so that it can't be set back."""

    code = "PRODUCT_CHANGED"


class VariantNotFound(NotFound):
    code = "VARIANT_NOT_FOUND"


class VariantWithdrawn(Conflict):
    code = "VARIANT_WITHDRAWN"


class PriceUnavailable(Conflict):
    code = "PRICE_UNAVAILABLE"


class Status(StrEnum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


class Sort(StrEnum):
    DEFAULT = "default"
    PRICE = "price"
    PRICE_DOWN = "-price"
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True)
class Spec:
    """One option of a variant as people read it: Colour, Pearl White."""

    name: Localised
    value: Localised


@dataclass(frozen=True)
class Variant:
    """What is put in a cart. It carries what a line shows, so that a cart reads one item a line."""

    variant_id: str
    product_id: str
    slug: str
    sku_code: str
    product_name: Localised
    specs: Sequence[Spec]
    image: Mapping[str, Any] | None
    prices: Mapping[str, int]
    original_prices: Mapping[str, int]
    status: Status
    max_per_order: int
    requires_shipping: bool

    @property
    def sold(self) -> bool:
        return self.status == Status.ACTIVE

    def price(self, currency: str) -> Money:
        """What one costs. Raises PriceUnavailable where no price is set in the currency."""
        if currency not in self.prices:
            raise PriceUnavailable(currency=currency)
        return Money(self.prices[currency], currency)

    def original_price(self, currency: str) -> Money | None:
        """The price struck through, when there is one above today's."""
        amount = self.original_prices.get(currency)
        return Money(amount, currency) if amount and amount > self.prices.get(currency, 0) else None

    def name(self, locale: str) -> str:
        """The product and the chosen options: `Model π, Standard, Pearl White`."""
        parts = [self.product_name, *(spec.value for spec in self.specs)]
        return ", ".join(part.get(locale) or part["en"] for part in parts)


@dataclass(frozen=True)
class ProductFilter:
    """What a list of products is asked for."""

    currency: str
    category_id: str | None = None
    brand: str | None = None
    min_price: int | None = None
    max_price: int | None = None
    is_hot: bool | None = None
    is_new: bool | None = None
    in_stock: bool | None = None
    sort: Sort = Sort.DEFAULT


@dataclass(frozen=True)
class Listed:
    """A product as a list decides about it.

    category_path: its category and all above, so that a category's list has what is below it.
    """

    product: Any
    category_path: Sequence[str]
    price: Money | None
    dearest: Money | None
    original_price: Money | None
    in_stock: bool


def select(listed: Iterable[Listed], wanted: ProductFilter, locale: str) -> list[Listed]:
    """Those that fit, in the order asked for; equal ones in the shop's own order."""
    fitting = [entry for entry in listed if _fits(entry, wanted)]
    fitting.sort(key=lambda entry: (entry.product.sort_order, entry.product.product_id))
    if wanted.sort in (Sort.PRICE, Sort.PRICE_DOWN):
        fitting.sort(
            key=lambda entry: entry.price.amount if entry.price else 0,
            reverse=wanted.sort == Sort.PRICE_DOWN,
        )
    elif wanted.sort == Sort.NEWEST:
        fitting.sort(key=lambda entry: entry.product.listed_at, reverse=True)
    elif wanted.sort == Sort.NAME:
        fitting.sort(key=lambda entry: entry.product.name.get(locale) or entry.product.name["en"])
    return fitting


def _fits(entry: Listed, wanted: ProductFilter) -> bool:
    product = entry.product
    if entry.price is None:
        return False
    return all(
        (
            wanted.category_id is None or wanted.category_id in entry.category_path,
            wanted.brand is None or wanted.brand == product.brand,
            wanted.min_price is None or entry.price.amount >= wanted.min_price,
            wanted.max_price is None or entry.price.amount <= wanted.max_price,
            wanted.is_hot is None or wanted.is_hot == product.is_hot,
            wanted.is_new is None or wanted.is_new == product.is_new,
            wanted.in_stock is None or wanted.in_stock == entry.in_stock,
        )
    )


@dataclass(frozen=True)
class ShippingMethod:
    id: str
    name: Localised
    prices: Mapping[str, int]
    min_days: int
    max_days: int

    def price(self, currency: str) -> Money:
        """Raises PriceUnavailable where no price is set in the currency."""
        return _price(self.prices, currency)


@dataclass(frozen=True)
class Plan:
    """What can be subscribed to: its price comes again each `count` times `interval` (day, week,
    month or year). Without being ACTIVE nobody begins it; who has it keeps it."""

    id: str
    name: Localised
    prices: Mapping[str, int]
    interval: str
    count: int
    status: Status

    @property
    def sold(self) -> bool:
        return self.status == Status.ACTIVE

    def price(self, currency: str) -> Money:
        """Raises PriceUnavailable where no price is set in the currency."""
        return _price(self.prices, currency)


# Unless the shop's settings say otherwise.
PHONE_REQUIRED_IN = ("CN",)


@dataclass(frozen=True)
class Shop:
    """The shop's settings."""

    site_name: Localised
    currency: str
    currencies: Sequence[str]
    rates: Sequence[Mapping[str, str]]
    shipping_methods: Sequence[ShippingMethod]
    payment_methods: Sequence[Mapping[str, Any]]
    countries: Sequence[str]
    plans: Sequence[Plan] = ()
    # Countries whose carriers deliver nothing without a phone number.
    phone_required_in: Sequence[str] = PHONE_REQUIRED_IN

    def needs_phone(self, address: Mapping[str, str]) -> bool:
        """Whether the address, as the wire names its fields, lacks the phone its carriers need."""
        return address["country"] in self.phone_required_in and not address.get("phone")

    def shipping(self, method_id: str) -> ShippingMethod | None:
        return next((way for way in self.shipping_methods if way.id == method_id), None)

    def plan(self, plan_id: str) -> Plan | None:
        return next((one for one in self.plans if one.id == plan_id), None)

    def bounds(self, payment_method: str, currency: str) -> tuple[int | None, int | None]:
        """What one payment by this method is at least and at most, as far as the shop says."""
        way = next((way for way in self.payment_methods if way["id"] == payment_method), {})
        limits = way.get("limits", {}).get(currency, {})
        return limits.get("least"), limits.get("most")

    def takes(self, payment_method: str, currency: str) -> bool:
        """Whether a payment method is on for a currency."""
        return any(
            way["id"] == payment_method and currency in way["currencies"]
            for way in self.payment_methods
        )


def _price(prices: Mapping[str, int], currency: str) -> Money:
    if currency not in prices:
        raise PriceUnavailable(currency=currency)
    return Money(prices[currency], currency)
