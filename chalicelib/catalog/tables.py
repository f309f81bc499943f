"""Products, variants and settings.

Access patterns
    read   the shelf: all products on sale   Query  products.by_status (status, sort_order)
    read   a product by its address          Query  products.by_slug (slug)
    read   a product                         Get    products (product_id)
    read   variants of a page, a cart        Batch  variants (variant_id)
    read   the shop's settings               Get    settings (name)
    write  the shop's settings               Put    settings, conditional on the version read

The indexes are for showing; what a checkout charges is read from `variants` itself, consistently.
"""

from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection

from chalicelib.catalog.rules import (
    PHONE_REQUIRED_IN,
    Category,
    Localised,
    Plan,
    ShippingMethod,
    Shop,
    Spec,
    Status,
    Variant,
)
from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.values import PlainList, PlainMap


class BySlug(Index["ProductItem"]):
    class Meta:
        index_name = "by_slug"
        projection = AllProjection()

    slug = UnicodeAttribute(hash_key=True)


class ByStatus(Index["ProductItem"]):
    class Meta:
        index_name = "by_status"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    sort_order = NumberAttribute(range_key=True)


class ProductItem(Document):
    class Meta:
        table = "products"

    product_id = UnicodeAttribute(hash_key=True)
    slug = UnicodeAttribute()
    status = UnicodeAttribute()
    sort_order = NumberAttribute()
    name = PlainMap()
    subtitle = PlainMap()
    description = PlainMap()
    category_id = UnicodeAttribute()
    # The category and all above it, so that a category's list includes what is below it.
    category_path = PlainList()
    brand = UnicodeAttribute()
    seller = UnicodeAttribute()
    images = PlainList()
    attributes = PlainList()
    options = PlainList()
    tags = PlainList()
    variant_ids = PlainList()
    # The lowest and the highest price of each currency, and what was struck through.
    prices_from = PlainMap()
    prices_to = PlainMap()
    original_prices_from = PlainMap()
    is_hot = BooleanAttribute()
    is_new = BooleanAttribute()
    preorder = BooleanAttribute()
    ship_estimate = PlainMap(null=True)
    rating = UnicodeAttribute()
    review_count = NumberAttribute()
    sales_count = NumberAttribute()
    listed_at = NumberAttribute()

    by_slug = BySlug()
    by_status = ByStatus()


class VariantItem(Document):
    class Meta:
        table = "variants"

    variant_id = UnicodeAttribute(hash_key=True)
    product_id = UnicodeAttribute()
    slug = UnicodeAttribute()
    sku_code = UnicodeAttribute()
    product_name = PlainMap()
    specs = PlainList()
    image = PlainMap(null=True)
    prices = PlainMap()
    original_prices = PlainMap()
    points_price = NumberAttribute(null=True)
    barcode = UnicodeAttribute(null=True)
    weight_grams = NumberAttribute(null=True)
    status = UnicodeAttribute()
    max_per_order = NumberAttribute()
    requires_shipping = BooleanAttribute()

    def as_variant(self) -> Variant:
        return Variant(
            variant_id=self.variant_id,
            product_id=self.product_id,
            slug=self.slug,
            sku_code=self.sku_code,
            product_name=self.product_name,
            specs=tuple(Spec(spec["name"], spec["value"]) for spec in self.specs),
            image=self.image,
            prices=self.prices,
            original_prices=self.original_prices,
            status=Status(self.status),
            max_per_order=int(self.max_per_order),
            requires_shipping=self.requires_shipping,
        )


class SettingItem(Document):
    class Meta:
        table = "settings"

    name = UnicodeAttribute(hash_key=True)
    value = PlainMap()
    # Goes up with each change by the shop's owner.
    version = NumberAttribute(default=0)
    updated_at = NumberAttribute(null=True)


def shelf() -> Iterator[ProductItem]:
    """All products on sale, in the shop's order."""
    yield from ProductItem.by_status.query(Status.ACTIVE)


def product_at(slug: str) -> ProductItem | None:
    """The product at an address."""
    return next(iter(ProductItem.by_slug.query(slug, limit=1)), None)


def shop_of(value: dict[str, Any]) -> Shop:
    """The settings document as a `Shop`."""
    methods = tuple(
        ShippingMethod(
            id=way["id"],
            name=_localised(way["name"]),
            prices=way["prices"],
            min_days=way["minDays"],
            max_days=way["maxDays"],
        )
        for way in value["shippingMethods"]
    )
    return Shop(
        site_name=_localised(value["siteName"]),
        currency=value["currency"],
        currencies=tuple(value["currencies"]),
        rates=tuple(value["rates"]),
        shipping_methods=methods,
        payment_methods=tuple(value["paymentMethods"]),
        countries=tuple(value["countries"]),
        phone_required_in=tuple(value.get("phoneRequiredIn", PHONE_REQUIRED_IN)),
        categories=tuple(
            Category(one["id"], one["parentId"], _localised(one["name"]))
            for one in value.get("categories", ())
        ),
        plans=tuple(
            Plan(
                id=one["id"],
                name=_localised(one["name"]),
                prices=one["prices"],
                interval=one["interval"],
                count=one["intervalCount"],
                status=Status(one["status"]),
            )
            for one in value.get("plans", ())
        ),
    )


def _localised(value: Any) -> Localised:
    names: Localised = value
    return names
