"""The answer about the shop itself: what a storefront needs to know of it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from chalicelib.catalog.rules import ShippingMethod, Shop
from chalicelib.catalog.tree import Category
from chalicelib.kernel.contact.postal import Country, Region
from chalicelib.kernel.i18n import LOCALES, localised, text
from chalicelib.kernel.web.schema import MoneyAnswer, Wire


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


class RemainderAnswer(Wire):
    """What of an order is left for this payment method, where the store balance pays the other
    part: `least` at least, and a multiple of `step`, both in minor units."""

    least: int
    step: int


# By payment method and currency.
Remainders = Mapping[str, Mapping[str, RemainderAnswer]]


class PaymentMethodAnswer(Wire):
    id: str
    name: str
    currencies: list[str]
    # By currency, where the shop says so; a provider may have narrower ones.
    limits: dict[str, PaymentBounds]
    remainder: dict[str, RemainderAnswer]


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


class RegionOption(Wire):
    """What stands in the address when it is chosen, and what the shopper reads."""

    value: str
    text: str
    # A part of the country with a post of its own: what it needs, the shop checks.
    own_post: bool

    @classmethod
    def of(cls, region: Region, *, native: bool) -> "RegionOption":
        return cls(
            value=region.written(native=native),
            text=region.native if native else region.latin,
            own_post=region.own_postal is not None or region.own_needs is not None,
        )


class AddressField(Wire):
    """One field of an address, by the name that requests have for it."""

    name: str
    label: str
    required: bool
    # The whole of a postal code, as a regular expression; None where any text will do.
    pattern: str | None = None
    examples: list[str] = Field(default_factory=list)
    # The regions to choose from; none where they are typed.
    options: list[RegionOption] = Field(default_factory=list)


class AddressForm(Wire):
    """The fields of a country's addresses, in its own order and under its own names."""

    country: str
    fields: list[AddressField]

    @classmethod
    def of(cls, country: Country, shop: Shop, locale: str) -> "AddressForm":
        native = country.is_native(locale)
        fields = [_field(country, name, native, locale) for name in country.fields(native=native)]
        phone = AddressField(
            name="phone",
            label=text(locale, "address.phone"),
            required=country.code in shop.phone_required_in,
        )
        return cls(country=country.code, fields=[*fields, phone])


def _field(country: Country, name: str, native: bool, locale: str) -> AddressField:
    is_postal, is_region = name == "postalCode", name == "region"
    options = country.regions if is_region else ()
    return AddressField(
        name=name,
        label=text(locale, country.label(name)),
        required=country.needs_field(name),
        pattern=country.postal if is_postal else None,
        examples=list(country.postal_examples) if is_postal else [],
        options=[RegionOption.of(each, native=native) for each in options],
    )


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
        remainders: Remainders,
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
                    remainder=dict(remainders.get(way["id"], {})),
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
