"""Reading the catalogue: the list, a product, the variants of a cart, categories and settings."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from chalicelib.catalog import tables
from chalicelib.catalog.rules import (
    PHONE_REQUIRED_IN,
    Listed,
    ProductFilter,
    ProductNotFound,
    Shop,
    Variant,
    VariantNotFound,
    select,
)
from chalicelib.catalog.tables import ProductItem, SettingItem, VariantItem
from chalicelib.catalog.tree import Category, Tree
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Availability, StockState
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.contact import addresses
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import FieldError, Invalid, Unavailable
from chalicelib.kernel.money import Money

SHOP = "shop"

_shelf: Memory[list[ProductItem]] = Memory(seconds=10, size=1)
_shop: Memory[Shop] = Memory(seconds=30, size=1)
_tree: Memory[Tree] = Memory(seconds=30, size=1)
_products: Memory[ProductItem | None] = Memory(seconds=10)
_variants: Memory[Variant] = Memory(seconds=10, size=2000)


@dataclass(frozen=True)
class Page:
    """One page of a list, and how many there are in all."""

    entries: list[Listed]
    number: int
    size: int
    total: int


@dataclass(frozen=True)
class ProductView:
    """A product with its variants and their stock."""

    listed: Listed
    variants: list[Variant]
    stock: dict[str, Availability]
    currency: str


def shop() -> Shop:
    """The shop's settings, up to half a minute old. Raises Unavailable before they are loaded."""

    def read() -> Shop:
        item = dynamo.get(SettingItem, SHOP)
        if item is None:
            raise Unavailable()
        return tables.shop_of(item.value)

    return _shop.get_or_fetch(SHOP, read)


def forget_shop() -> None:
    """Read the settings anew the next time: they were written just now."""
    _shop.delete(SHOP)


def categories() -> Tree:
    """The tree of categories, up to half a minute old."""
    return _tree.get_or_fetch(tables.TREE, tables.category_tree)


def forget_categories() -> None:
    """Read the categories anew the next time: they were written just now."""
    _tree.delete(tables.TREE)


def filters(currency: str) -> tuple[list[Category], list[str]]:
    """Categories (in the shop's order) and brands that have something for sale in a currency."""
    sold = [product for product in _on_shelf() if currency in product.prices_from]
    tree = categories()
    filled = {category_id for product in sold for category_id in tree.path(product.category_id)}
    shown = [one for one in tree.categories if one.id in filled]
    return shown, sorted({product.brand for product in sold})


def _on_shelf() -> list[ProductItem]:
    return _shelf.get_or_fetch("shelf", lambda: list(tables.shelf()))


def products(wanted: ProductFilter, *, locale: str, page: int, page_size: int) -> Page:
    """The products on sale that fit, one page of them."""
    shelf = _on_shelf()
    ids = [variant_id for product in shelf for variant_id in product.variant_ids]
    states = inventory.shelf_states(ids)
    gone = {key for key, state in states.items() if state == StockState.SOLD_OUT}
    tree = categories()
    listed = [_listed(product, tree, gone, wanted.currency) for product in shelf]
    fitting = select(listed, wanted, locale)
    start = (page - 1) * page_size
    return Page(fitting[start : start + page_size], page, page_size, len(fitting))


def product(slug_or_id: str, currency: str) -> ProductView:
    """One product with its variants and stock. Raises ProductNotFound."""
    item = _products.get_or_fetch(slug_or_id, lambda: _read_product(slug_or_id))
    if item is None or item.status != "ACTIVE":
        raise ProductNotFound()
    found = variants(item.variant_ids)
    on_sale = [found[key] for key in item.variant_ids if key in found and found[key].sold]
    stock = inventory.availability_for_show(variant.variant_id for variant in on_sale)
    # What is not on sale can't be had, whatever lies in stock of it.
    gone = {key for key in item.variant_ids if key not in stock or stock[key].sold_out}
    listed = _listed(item, categories(), gone, currency)
    return ProductView(listed, on_sale, stock, currency)


def variants(variant_ids: Iterable[str]) -> dict[str, Variant]:
    """The variants that exist among the ids, up to ten seconds old: for showing."""
    return _variants.get_or_fetch_many(variant_ids, variants_now)


def variant(variant_id: str) -> Variant:
    """One variant, up to ten seconds old. Raises VariantNotFound."""
    found = variants([variant_id]).get(variant_id)
    if found is None:
        raise VariantNotFound()
    return found


def variant_with_stock(variant_id: str) -> tuple[Variant, Availability]:
    """A variant and what is available of it. Raises VariantNotFound."""
    return variant(variant_id), inventory.availability_for_show([variant_id])[variant_id]


def stock_totals() -> dict[str, int]:
    """How many variants are on the shelf; how many of them can be had, are low, are sold out."""
    keys = [key for product in _on_shelf() for key in product.variant_ids]
    counts = Counter(inventory.shelf_states(keys).values())
    return {
        "variants": len(keys),
        "in_stock": counts[StockState.IN_STOCK] + counts[StockState.LOW],
        "low": counts[StockState.LOW],
        "sold_out": counts[StockState.SOLD_OUT],
    }


def stock_report(
    warehouse_id: str, *, limit: int, after: str | None
) -> list[tuple[str, dict[str, int], Variant | None]]:
    """A page of a warehouse's variants: id, counters over all places, and the variant itself."""
    ids = inventory.stocked_variants(warehouse_id, limit=limit, after=after)
    known = variants_now(ids)
    return [(key, inventory.totals(key), known.get(key)) for key in ids]


def variants_now(variant_ids: Iterable[str]) -> dict[str, Variant]:
    """The variants as they are at this moment: what a checkout charges."""
    return {
        item.variant_id: item.as_variant() for item in dynamo.get_many(VariantItem, variant_ids)
    }


def _read_product(slug_or_id: str) -> ProductItem | None:
    return tables.product_at(slug_or_id) or dynamo.get(ProductItem, slug_or_id)


def _listed(item: ProductItem, tree: Tree, gone: Container[str], currency: str) -> Listed:
    price = item.prices_from.get(currency)
    dearest = item.prices_to.get(currency)
    original = item.original_prices_from.get(currency)
    return Listed(
        product=item,
        category_path=tree.path(item.category_id),
        price=Money(price, currency) if price is not None else None,
        dearest=Money(dearest, currency) if dearest is not None else None,
        original_price=Money(original, currency) if original and original > (price or 0) else None,
        in_stock=any(key not in gone for key in item.variant_ids),
    )


def check_currency(field: str, currency: str) -> None:
    """Raises Invalid, naming the field, for a currency that the shop does not sell in."""
    if currency not in shop().currencies:
        raise Invalid(FieldError(field, "field.currency"))


def check_phone(address: Mapping[str, str]) -> None:
    """Raises Invalid for an address without a phone number where the carriers need one."""
    if address.get("phone"):
        return
    try:
        countries = shop().phone_required_in
    except Unavailable:
        # An address is written down all the same; the checkout looks again.
        countries = PHONE_REQUIRED_IN
    if address["country"] in countries:
        raise Invalid(addresses.phone_needed())
