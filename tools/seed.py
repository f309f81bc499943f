"""Load the demo shop into a stage's tables: `python -m tools.seed [FILE …]`.

Takes STAGE and TABLE_PREFIX (and where AWS is) from the environment, as the functions do. Safe to
run again: products, categories and settings are written anew, stock is given once and never touched
after. With FILEs of tools/demo only what stands in them is written: the products of a product file
or of a photograph, the settings of shop.json, the tree of categories.json.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path
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
from chalicelib.kernel.db import dynamo
from tools import demo
from tools.demo import photos

SEASON_SECONDS = 90 * 86_400
PICTURE = {"width": 800, "height": 600}


def seed(shop: demo.DemoShop, *, now: int) -> dict[str, int]:
    """Write everything; answers how many products, variants and first stocks were written."""
    _load_settings(shop.settings, now)
    _load_categories(tree_of(shop), now)
    return _load_products(shop, {product["id"] for product in shop.products}, now)


def seed_files(shop: demo.DemoShop, files: Iterable[Path], *, now: int) -> dict[str, int]:
    """Write what stands in these files of tools/demo, and answer as `seed` does."""
    wanted: set[str] = set()
    for path in files:
        name = path.relative_to(demo.HERE).as_posix()
        if name == "shop.json":
            _load_settings(shop.settings, now)
        elif name == "categories.json":
            _load_categories(tree_of(shop), now)
        else:
            wanted |= demo.products_of(shop, name)
    return _load_products(shop, wanted, now)


def _load_settings(value: dict[str, Any], now: int) -> None:
    """Under the next version: who read the settings before can't write them back unawares."""
    before = dynamo.get(SettingItem, SHOP)
    version = int(before.version) + 1 if before else 0
    SettingItem(SHOP, value=value, version=version, updated_at=now).save()


def _load_products(shop: demo.DemoShop, wanted: Set[str], now: int) -> dict[str, int]:
    written = {"products": 0, "variants": 0, "stocked": 0}
    for index, product in enumerate(shop.products):
        if product["id"] not in wanted:
            continue
        item = product_item(product, listed_at=_listed_at(product, index, now))
        # Whether it is on sale is the owner's word, once it is in the shop.
        before = dynamo.get(ProductItem, product["id"])
        item.status = before.status if before else item.status
        item.save()
        for variant in product["variants"]:
            variant_item(product, variant).save()
            written["variants"] += 1
            written["stocked"] += inventory.stock_new(
                variant["id"], variant["stock"], low_stock_at=variant["lowStockAt"], now=now
            )
        written["products"] += 1
        _progress(written["products"], len(wanted))
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
    """As it is stored: with its size, and the other sizes of a photograph."""
    if not photos.is_photo(image["file"]):
        return {"url": f"/{image['file']}", "alt": image["alt"], **PICTURE}
    sizes = photos.sizes(image["file"])
    usual = sizes[0]
    return {
        "url": f"/{usual.name}",
        "alt": image["alt"],
        "width": usual.width,
        "height": usual.height,
        "srcset": ", ".join(f"/{each.name} {each.width}w" for each in sizes),
    }


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


def main(arguments: Sequence[str]) -> int:
    shop, files = demo.load(), [Path(each).resolve() for each in arguments]
    if strange := [str(each) for each in files if demo.HERE not in each.parents]:
        print(f"not a file of tools/demo: {', '.join(strange)}", file=sys.stderr)
        return 2
    if missing := [str(each) for each in files if not each.is_file()]:
        print(f"no such file: {', '.join(missing)}", file=sys.stderr)
        return 2
    try:
        # All at once: what can't be loaded leaves the shop as it was.
        demo.check(shop)
        now = clock.now()
        written = seed_files(shop, files, now=now) if files else seed(shop, now=now)
    except (demo.DemoDataError, photos.NoPhoto) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{written['products']} products with {written['variants']} variants loaded, "
        f"{written['stocked']} of them stocked for the first time"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
