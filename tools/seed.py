"""Load the demo shop into a stage's tables: `python -m tools.seed`.

Takes STAGE and TABLE_PREFIX (and where AWS is) from the environment, as the functions do. Safe to
run again: products and settings are written anew, stock is given once and never touched after.
"""

import sys
from collections.abc import Iterator
from typing import Any

from chalicelib.catalog import categories
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import (
    CategoryItem,
    ProductItem,
    SettingItem,
    TreeItem,
    VariantItem,
)
from chalicelib.catalog.tree import Category, Tree
from chalicelib.inventory import service as inventory
from chalicelib.kernel import cache, clock
from tools import demo

SEASON_SECONDS = 90 * 86_400
PICTURE = {"width": 800, "height": 600}


def seed(shop: demo.DemoShop, *, now: int) -> dict[str, int]:
    """Write everything; answers how many products, variants and first stocks were written."""
    SettingItem(SHOP, value=shop.settings).save()
    _load_categories(tree_of(shop), now)
    written = {"products": 0, "variants": 0, "stocked": 0}
    for index, product in enumerate(shop.products):
        product_item(product, listed_at=_listed_at(product, index, now)).save()
        for variant in product["variants"]:
            variant_item(product, variant).save()
            written["variants"] += 1
            written["stocked"] += inventory.stock_new(
                variant["id"], variant["stock"], low_stock_at=variant["lowStockAt"], now=now
            )
        written["products"] += 1
        _progress(written["products"], len(shop.products))
    cache.forget_all()
    return written


def tree_of(shop: demo.DemoShop) -> Tree:
    """The demo shop's categories, each under its id as its address."""
    return Tree(
        [Category(one["id"], one["parentId"], one["id"], one["name"]) for one in shop.categories]
    )


def _load_categories(tree: Tree, now: int) -> None:
    """Write the tree whole, whatever there was: item by item, for it may be large.

    Its version goes up last. Who reads in between then reads the old version, and can't write.
    """
    before, positions = categories.read(), tree.positions()
    version = before.version + 1
    for one in before.tree.categories:
        if one.id not in positions:
            CategoryItem.at(one.id).delete()
    for one in tree.categories:
        CategoryItem.of(one, position=positions[one.id], version=version).save()
    TreeItem(version=version, updated_at=now).save()


def product_item(product: dict[str, Any], listed_at: int) -> ProductItem:
    """A product of the demo data as it is stored."""
    variants = product["variants"]
    return ProductItem(
        product["id"],
        slug=product["slug"],
        status="ACTIVE",
        sort_order=product["sortOrder"],
        name=product["name"],
        subtitle=product["subtitle"],
        description=product["description"],
        category_id=product["categoryId"],
        brand=product["brand"],
        seller=product["seller"],
        images=[_image(image) for image in product["images"]],
        attributes=product["attributes"],
        options=product["options"],
        tags=product["tags"],
        variant_ids=[variant["id"] for variant in variants],
        prices_from=_lowest(variant["prices"] for variant in variants),
        prices_to=_highest(variant["prices"] for variant in variants),
        original_prices_from=_lowest(variant["originalPrices"] or {} for variant in variants),
        is_hot=product["isHot"],
        is_new=product["isNew"],
        preorder=product["preorder"],
        ship_estimate=product["shipEstimate"],
        rating=product["rating"],
        review_count=product["reviewCount"],
        sales_count=product["salesCount"],
        listed_at=listed_at,
    )


def variant_item(product: dict[str, Any], variant: dict[str, Any]) -> VariantItem:
    """A variant of the demo data as it is stored, with what a cart's line shows of it."""
    return VariantItem(
        variant["id"],
        product_id=product["id"],
        slug=product["slug"],
        sku_code=variant["skuCode"],
        product_name=product["name"],
        specs=list(_specs(product, variant)),
        image=_picture_of(product, variant),
        prices=variant["prices"],
        original_prices=variant["originalPrices"] or {},
        points_price=variant["pointsPrice"],
        barcode=variant["barcode"],
        weight_grams=variant["weightGrams"],
        status=variant["status"],
        max_per_order=variant["maxPerOrder"],
        requires_shipping=variant["requiresShipping"],
    )


def _listed_at(product: dict[str, Any], index: int, now: int) -> int:
    """What is marked new came this month, the rest a season ago; each a little apart."""
    return now - index - (0 if product["isNew"] else SEASON_SECONDS)


def _specs(product: dict[str, Any], variant: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for option in product["options"]:
        chosen = variant["specs"].get(option["id"])
        for value in option["values"]:
            if value["id"] == chosen:
                yield {"name": option["name"], "value": value["name"]}


def _picture_of(product: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any] | None:
    for image in product["images"]:
        if image["file"] == variant["image"]:
            return _image(image)
    return _image(product["images"][0]) if product["images"] else None


def _image(image: dict[str, Any]) -> dict[str, Any]:
    return {"url": f"/{image['file']}", "alt": image["alt"], **PICTURE}


def _lowest(prices: Any) -> dict[str, int]:
    lowest: dict[str, int] = {}
    for by_currency in prices:
        for currency, amount in by_currency.items():
            lowest[currency] = min(amount, lowest.get(currency, amount))
    return lowest


def _highest(prices: Any) -> dict[str, int]:
    highest: dict[str, int] = {}
    for by_currency in prices:
        for currency, amount in by_currency.items():
            highest[currency] = max(amount, highest.get(currency, amount))
    return highest


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r  {done}/{of} products", end="\n" if done == of else "", file=sys.stderr)


def main() -> None:
    written = seed(demo.load(), now=clock.now())
    print(
        f"{written['products']} products with {written['variants']} variants loaded, "
        f"{written['stocked']} of them stocked for the first time"
    )


if __name__ == "__main__":
    main()
