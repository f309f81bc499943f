"""The answer about the shop itself: what a storefront needs to know of it."""

from typing import Annotated

from pydantic import Field

from chalicelib.catalog.rules import Category, ShippingMethod, Shop
from chalicelib.kernel.i18n import LOCALES, localised
from chalicelib.kernel.schema import MoneyAnswer, Wire


class CategoryAnswer(Wire):
    id: str
    parent_id: str | None
    name: str


class RateAnswer(Wire):
    """For showing only: how much of `to` one of `from` is, and since when."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    rate: str
    set_at: str


class PaymentBounds(Wire):
    """Of one payment, in minor units."""

    least: int | None = None
    most: int | None = None


class PaymentMethodAnswer(Wire):
    id: str
    name: str
    currencies: list[str]
    # By currency, where the shop says so; a provider may have narrower ones.
    limits: dict[str, PaymentBounds]


class ShippingMethodAnswer(Wire):
    id: str
    name: str
    price: MoneyAnswer
    min_days: int
    max_days: int

    @classmethod
    def of(cls, way: ShippingMethod, currency: str, locale: str) -> "ShippingMethodAnswer":
        return cls(
            id=way.id,
            name=localised(way.name, locale),
            price=MoneyAnswer.of(way.price(currency)),
            min_days=way.min_days,
            max_days=way.max_days,
        )


class CartLimits(Wire):
    max_lines: int


class SettingsAnswer(Wire):
    """What a storefront needs to know of the shop."""

    site_name: str
    currency: str
    currencies: list[str]
    locales: list[str]
    rates: list[RateAnswer]
    payment_methods: list[PaymentMethodAnswer]
    shipping_methods: list[ShippingMethodAnswer]
    countries: list[str]
    categories: list[CategoryAnswer]
    brands: list[str]
    cart: CartLimits
    reservation_minutes: int

    @classmethod
    def of(
        cls,
        shop: Shop,
        currency: str,
        locale: str,
        *,
        filters: tuple[list[Category], list[str]],
        max_lines: int,
        minutes: int,
    ) -> "SettingsAnswer":
        categories, brands = filters
        return cls(
            site_name=localised(shop.site_name, locale),
            currency=currency,
            currencies=list(shop.currencies),
            locales=list(LOCALES),
            rates=[RateAnswer.model_validate(rate) for rate in shop.rates],
            payment_methods=[
                PaymentMethodAnswer(
                    id=way["id"],
                    name=localised(way["name"], locale),
                    currencies=way["currencies"],
                    limits=way.get("limits", {}),
                )
                for way in shop.payment_methods
            ],
            shipping_methods=[
                ShippingMethodAnswer.of(way, currency, locale)
                for way in shop.shipping_methods
                if currency in way.prices
            ],
            countries=list(shop.countries),
            categories=[
                CategoryAnswer(id=one.id, parent_id=one.parent_id, name=localised(one.name, locale))
                for one in categories
            ],
            brands=brands,
            cart=CartLimits(max_lines=max_lines),
            reservation_minutes=minutes,
        )
