"""Products, variants, categories and settings.

Access patterns
    read   the shelf: all products on sale   Query  products.by_status (status, sort_order)
    read   a product by its address          Query  products.by_slug (slug)
    read   a product                         Get    products (product_id)
    write  a product's status                Update  products, conditional on the status read
    read   variants of a page, a cart        Batch  variants (variant_id)
    read   the tree of categories            Query  categories (tree), entry begins with category#
    read   the tree's version                Get    categories (tree, "version")
    write  the tree                          Transaction over the version and the categories that
                                             change, conditional on the version read
    read   products of a category to go      Query  products.by_status, one for each status
    read   the shop's settings               Get    settings (name)
    write  the shop's settings               Put    settings, conditional on the version read

A product keeps its category alone and not the path to it, so that moving a category writes no
product. All categories lie in one partition: a shop has hundreds, they are read together, and every
change must know of every other. An entry of another kind, such as an address that redirects, lies
beside them under a prefix of its own and is written in the same transaction.

The indexes are for showing; what a checkout charges is read from `variants` itself, consistently.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection

from chalicelib.catalog.rules import (
    PHONE_REQUIRED_IN,
    Localised,
    Plan,
    ShippingMethod,
    Shop,
    Spec,
    Status,
    Variant,
)
from chalicelib.catalog.tree import Category, Tree
from chalicelib.kernel.db import mapping
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
        specs = tuple(Spec(spec["name"], spec["value"]) for spec in self.specs)
        return mapping.loaded(Variant, self, specs=specs)


TREE = "shop"  # the one tree there is
_CATEGORY = "category#"


class CategoryItem(Document):
    class Meta:
        table = "categories"

    tree = UnicodeAttribute(hash_key=True, default=TREE)
    entry = UnicodeAttribute(range_key=True)
    category_id = UnicodeAttribute()
    parent_id = UnicodeAttribute(null=True)
    slug = UnicodeAttribute()
    name = PlainMap()
    # Among those with the same parent, from 0.
    position = NumberAttribute()
    # The tree's version that wrote it.
    version = NumberAttribute()

    @classmethod
    def at(cls, category_id: str) -> "CategoryItem":
        """An item with a category's key alone."""
        return cls(TREE, f"{_CATEGORY}{category_id}")

    @classmethod
    def of(cls, category: Category, *, position: int, version: int) -> "CategoryItem":
        item = cls.at(category.id)
        item.category_id, item.parent_id = category.id, category.parent_id
        item.slug, item.name = category.slug, dict(category.name)
        item.position, item.version = position, version
        return item


class TreeItem(Document):
    """The version of the tree, which each change of any category raises by one."""

    class Meta:
        table = "categories"

    ENTRY = "version"

    tree = UnicodeAttribute(hash_key=True, default=TREE)
    entry = UnicodeAttribute(range_key=True, default=ENTRY)
    version = NumberAttribute()
    updated_at = NumberAttribute()


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


def products_in(category_ids: Collection[str]) -> Counter[str]:
    """How many products that are not deleted lie in each of these categories itself."""
    counts: Counter[str] = Counter()
    for status in Status:
        if status is not Status.DELETED:
            for item in ProductItem.by_status.query(status):
                if item.category_id in category_ids:
                    counts[item.category_id] += 1
    return counts


def category_tree() -> Tree:
    """All categories, read consistently."""
    found = CategoryItem.query(TREE, CategoryItem.entry.startswith(_CATEGORY), consistent_read=True)
    ordered = sorted(found, key=lambda item: (item.position, item.category_id))
    return Tree(
        [
            Category(item.category_id, item.parent_id, item.slug, _localised(item.name))
            for item in ordered
        ]
    )


def at_version(version: int) -> Condition:
    """That the tree is still at the version; before the first change it has none."""
    if version == 0:
        return TreeItem.version.does_not_exist()
    return TreeItem.version == version


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
