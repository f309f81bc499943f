"""Requests and answers of the catalogue."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.catalog.rules import Listed, ProductFilter, Sort, Variant
from chalicelib.catalog.service import Page, ProductView
from chalicelib.inventory.rules import Availability
from chalicelib.kernel.i18n import localised
from chalicelib.kernel.web.schema import Id, Image, MoneyAnswer, Query, Wire

MAX_PRICE = 10**12  # in minor units: ten billion of any currency


class ProductQuery(Query):
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None


class ListQuery(ProductQuery):
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 24
    category_id: Id | None = None
    brand: Annotated[str, Field(max_length=100)] | None = None
    min_price: Annotated[int, Field(ge=0, le=MAX_PRICE)] | None = None
    max_price: Annotated[int, Field(ge=0, le=MAX_PRICE)] | None = None
    is_hot: bool | None = None
    is_new: bool | None = None
    in_stock: bool | None = None
    sort: Sort = Sort.DEFAULT

    def wanted(self, currency: str) -> ProductFilter:
        asked = self.model_dump(exclude={"currency", "page", "page_size"})
        return ProductFilter(currency=currency, **asked)


class NamedValue(Wire):
    name: str
    value: str


class OptionValue(Wire):
    """`swatch`: the colour as `#rrggbb`, for options that are colours."""

    name: str
    swatch: str | None


class Option(Wire):
    name: str
    values: list[OptionValue]


class ShipEstimate(Wire):
    """First and last day (ISO 8601) that a preorder is expected to leave."""

    from_: Annotated[str, Field(alias="from")]
    to: str


class Stock(Wire):
    available: int
    low: bool
    sold_out: bool


class VariantAnswer(Wire):
    id: str
    sku_code: str
    name: str
    specs: dict[str, str]
    price: MoneyAnswer
    original_price: MoneyAnswer | None
    image: Image | None
    status: str
    max_per_order: int
    requires_shipping: bool
    stock: Stock

    @classmethod
    def of(
        cls, variant: Variant, stock: Availability, currency: str, locale: str
    ) -> "VariantAnswer":
        return cls(
            id=variant.variant_id,
            sku_code=variant.sku_code,
            name=variant.name(locale),
            specs=specs_in(variant, locale),
            price=MoneyAnswer.of(variant.price(currency)),
            original_price=MoneyAnswer.maybe(variant.original_price(currency)),
            image=Image.of(variant.image, locale) if variant.image else None,
            status=variant.status,
            max_per_order=variant.max_per_order,
            requires_shipping=variant.requires_shipping,
            stock=Stock(available=stock.available, low=stock.low, sold_out=stock.sold_out),
        )


class Card(Wire):
    """A product as lists show it."""

    id: str
    slug: str
    name: str
    subtitle: str
    category_id: str
    category_path: list[str]
    brand: str
    image: Image | None
    price_from: MoneyAnswer | None
    # Above `price_from` where some variants cost more.
    price_to: MoneyAnswer | None
    original_price_from: MoneyAnswer | None
    is_hot: bool
    is_new: bool
    preorder: bool
    in_stock: bool
    rating: str
    review_count: int
    tags: list[str]

    @staticmethod
    def fields_of(entry: Listed, locale: str) -> dict[str, Any]:
        item = entry.product
        return {
            "id": item.product_id,
            "slug": item.slug,
            "name": localised(item.name, locale),
            "subtitle": localised(item.subtitle, locale),
            "category_id": item.category_id,
            "category_path": entry.category_path,
            "brand": item.brand,
            "image": Image.of(item.images[0], locale) if item.images else None,
            "price_from": MoneyAnswer.maybe(entry.price),
            "price_to": MoneyAnswer.maybe(entry.dearest),
            "original_price_from": MoneyAnswer.maybe(entry.original_price),
            "is_hot": item.is_hot,
            "is_new": item.is_new,
            "preorder": item.preorder,
            "in_stock": entry.in_stock,
            "rating": item.rating,
            "review_count": int(item.review_count),
            "tags": item.tags,
        }


class Pagination(Wire):
    page: int
    page_size: int
    total: int
    total_pages: int


class ProductList(Wire):
    items: list[Card]
    pagination: Pagination

    @classmethod
    def of(cls, page: Page, locale: str) -> "ProductList":
        pages = -(-page.total // page.size)
        return cls(
            items=[Card(**Card.fields_of(entry, locale)) for entry in page.entries],
            pagination=Pagination(
                page=page.number, page_size=page.size, total=page.total, total_pages=pages
            ),
        )


class ProductAnswer(Card):
    """A product's own page."""

    description: str
    images: list[Image]
    attributes: list[NamedValue]
    seller: str
    ship_estimate: ShipEstimate | None
    options: list[Option]
    variants: list[VariantAnswer]

    @classmethod
    def of(cls, view: ProductView, locale: str) -> "ProductAnswer":
        item = view.listed.product
        sold_here = [one for one in view.variants if view.currency in one.prices]
        return cls(
            **Card.fields_of(view.listed, locale),
            description=localised(item.description, locale),
            images=[Image.of(image, locale) for image in item.images],
            attributes=[_named(attribute, locale) for attribute in item.attributes],
            seller=item.seller,
            ship_estimate=ShipEstimate(**item.ship_estimate) if item.ship_estimate else None,
            options=[_option(option, locale) for option in item.options],
            variants=[
                VariantAnswer.of(one, view.stock[one.variant_id], view.currency, locale)
                for one in sold_here
            ],
        )


def specs_in(variant: Variant, locale: str) -> dict[str, str]:
    """A variant's options in one language: `{"Colour": "Pearl White"}`."""
    return {localised(one.name, locale): localised(one.value, locale) for one in variant.specs}


def _named(attribute: Any, locale: str) -> NamedValue:
    return NamedValue(
        name=localised(attribute["name"], locale), value=localised(attribute["value"], locale)
    )


def _option(option: Any, locale: str) -> Option:
    return Option(
        name=localised(option["name"], locale),
        values=[
            OptionValue(name=localised(value["name"], locale), swatch=value.get("swatch"))
            for value in option["values"]
        ],
    )
