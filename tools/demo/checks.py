"""What must hold in the demo data; every rule yields one sentence per finding."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from chalicelib.payments import registry
from tools.demo import photos
from tools.demo.data import LANGUAGES, DemoShop, Record, load

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
IMAGE = re.compile(r"images/[a-z0-9]+(-[a-z0-9]+)*\.svg")
SWATCH = re.compile(r"#[0-9a-f]{6}")
MAX_DEPTH = 3
# Card networks take at most eight digits of an amount.
MAX_AMOUNT = 99_999_999
INTERVALS = ("day", "week", "month", "year")


class DemoDataError(ValueError):
    """The demo data contradict themselves; `problems` lists every finding as one sentence."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("demo data are broken:\n  " + "\n  ".join(problems))


def check(shop: DemoShop | None = None) -> None:
    """Raise DemoDataError if a reference, a price or a translation of `shop` is broken."""
    found = problems(load() if shop is None else shop)
    if found:
        raise DemoDataError(found)


def problems(shop: DemoShop) -> list[str]:
    """All findings in `shop`, empty when it is sound."""
    return [
        *_settings(shop.settings),
        *_categories(shop.categories),
        *_unique("product", (p["id"] for p in shop.products)),
        *_unique("slug", (p["slug"] for p in shop.products)),
        *_unique("variant", (v["id"] for v in shop.variants())),
        *_unique("skuCode", (v["skuCode"] for v in shop.variants())),
        *_unique("barcode", (v["barcode"] for v in shop.variants())),
        *(finding for product in shop.products for finding in _product(product, shop)),
    ]


def _unique(what: str, values: Iterable[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{what} {value!r} is used {count} times"


def _texts(where: str, texts: Record) -> Iterator[str]:
    for language in LANGUAGES:
        if not str(texts.get(language) or "").strip():
            yield f"{where} has no text in {language}"


def steps(settings: Record) -> dict[str, int]:
    """What prices must be multiples of, by currency, for the shop's providers to charge them."""
    found: dict[str, int] = {}
    for way in settings["paymentMethods"]:
        if way["id"] in registry.PROVIDERS:
            own = registry.capabilities(way["id"]).steps
            for currency in way["currencies"]:
                found[currency] = math.lcm(found.get(currency, 1), own.get(currency, 1))
    return found


def _amounts(where: str, amounts: Record, settings: Record) -> Iterator[str]:
    currencies, step = settings["currencies"], steps(settings)
    if set(amounts) != set(currencies):
        yield f"{where} is not given in exactly {', '.join(currencies)}"
    for currency, amount in amounts.items():
        if not isinstance(amount, int) or not 0 < amount <= MAX_AMOUNT:
            yield f"{where} in {currency} is {amount!r}, not 1 to {MAX_AMOUNT} minor units"
        elif amount % step.get(currency, 1):
            yield f"{where} in {currency} is {amount}, not a multiple of {step[currency]}"


def _settings(settings: Record) -> Iterator[str]:
    currencies = settings["currencies"]
    yield from _texts("siteName", settings["siteName"])
    if settings["currency"] not in currencies:
        yield f"the shop's currency {settings['currency']!r} is not among its currencies"
    yield from _unique("plan", (plan["id"] for plan in settings["plans"]))
    for plan in settings["plans"]:
        where = f"plan {plan['id']!r}"
        yield from _texts(where, plan["name"])
        yield from _amounts(where, plan["prices"], settings)
        if plan["interval"] not in INTERVALS or plan["intervalCount"] < 1:
            yield f"{where} comes each {plan['intervalCount']} {plan['interval']!r}"
    for method in settings["shippingMethods"]:
        where = f"shipping method {method['id']!r}"
        yield from _texts(where, method["name"])
        yield from _amounts(where, method["prices"], settings)
        if not 0 < method["minDays"] <= method["maxDays"]:
            yield f"{where} arrives before it is sent"
    yield from _payment_methods(settings["paymentMethods"], currencies)


def _payment_methods(methods: list[Record], currencies: list[str]) -> Iterator[str]:
    for method in methods:
        if method["id"] not in registry.PROVIDERS:
            yield f"payment method {method['id']!r} is none of {', '.join(registry.PROVIDERS)}"
        yield from _texts(f"payment method {method['id']!r}", method["name"])
        for currency in set(method["currencies"]) - set(currencies):
            yield f"payment method {method['id']!r} takes {currency}, which the shop does not"
        for currency, bounds in method.get("limits", {}).items():
            if currency not in method["currencies"] or not 0 < bounds["least"] <= bounds["most"]:
                yield f"payment method {method['id']!r} has odd limits in {currency}"


def _categories(categories: list[Record]) -> Iterator[str]:
    yield from _unique("category", (c["id"] for c in categories))
    depth: dict[str | None, int] = {None: 0}
    for category in categories:
        where = f"category {category['id']!r}"
        if not ID.fullmatch(category["id"]):
            yield f"{where} is not a well-formed id"
        if category["parentId"] not in depth:
            yield f"{where} has no parent {category['parentId']!r} before it"
        depth[category["id"]] = depth.get(category["parentId"], 0) + 1
        if depth[category["id"]] > MAX_DEPTH:
            yield f"{where} lies deeper than {MAX_DEPTH} levels"
        yield from _texts(f"{where} name", category["name"])
        yield from _texts(f"{where} description", category["description"])


def _product(product: Record, shop: DemoShop) -> Iterator[str]:
    where = f"product {product['id']!r}"
    if not ID.fullmatch(product["id"]):
        yield f"{where} is not a well-formed id"
    if product["categoryId"] not in {c["id"] for c in shop.categories}:
        yield f"{where} is in no known category: {product['categoryId']!r}"
    for field in ("name", "subtitle", "description"):
        yield from _texts(f"{where} {field}", product[field])
    for attribute in product["attributes"]:
        yield from _texts(f"{where} attribute", attribute["name"])
        yield from _texts(f"{where} attribute value", attribute["value"])
    if product["preorder"] != (product["shipEstimate"] is not None):
        yield f"{where}: a ship estimate belongs to preorders, and to them alone"
    yield from _options(where, product["options"])
    yield from _images(where, product["images"])
    if not product["variants"]:
        yield f"{where} has no variants"
    for variant in product["variants"]:
        yield from _variant(product, variant, shop.settings)


def _options(where: str, options: list[Record]) -> Iterator[str]:
    yield from _unique(f"{where} option", (o["id"] for o in options))
    for option in options:
        here = f"{where} option {option['id']!r}"
        yield from _texts(here, option["name"])
        yield from _unique(f"{here} value", (v["id"] for v in option["values"]))
        for value in option["values"]:
            yield from _texts(f"{here} value {value['id']!r}", value["name"])
            if "swatch" in value and not SWATCH.fullmatch(value["swatch"]):
                yield f"{here} value {value['id']!r} has no colour as its swatch"


def _images(where: str, images: list[Record]) -> Iterator[str]:
    if not images:
        yield f"{where} has no image"
    yield from _unique(f"{where} image", (i["file"] for i in images))
    for image in images:
        yield from _texts(f"{where} image {image['file']!r} alt", image["alt"])
        if photos.is_photo(image["file"]):
            if wrong := photos.complaint(image["file"]):
                yield f"{where} image {image['file']!r} {wrong}"
        elif not IMAGE.fullmatch(image["file"]):
            yield f"{where} image {image['file']!r} is not a well-formed name"


def _variant(product: Record, variant: Record, settings: Record) -> Iterator[str]:
    where = f"variant {variant['id']!r}"
    if not ID.fullmatch(variant["id"]) or not variant["id"].startswith(product["id"] + "-"):
        yield f"{where} does not start with its product's id"
    if variant["image"] not in {i["file"] for i in product["images"]}:
        yield f"{where} shows {variant['image']!r}, which its product does not list"
    if variant["requiresShipping"] != (variant["weightGrams"] is not None):
        yield f"{where}: what is shipped has a weight, what is not has none"
    if variant["stock"] < 0 or variant["lowStockAt"] < 0 or variant["maxPerOrder"] < 1:
        yield f"{where} has a stock or a limit that is not possible"
    yield from _specs(where, product, variant)
    yield from _prices(where, variant, settings)


def _specs(where: str, product: Record, variant: Record) -> Iterator[str]:
    choices = {o["id"]: {v["id"] for v in o["values"]} for o in product["options"]}
    if set(variant["specs"]) != set(choices):
        yield f"{where} does not choose a value of each option"
    for option, value in variant["specs"].items():
        if value not in choices.get(option, ()):
            yield f"{where} chooses {option} {value!r}, which its product does not offer"


def _prices(where: str, variant: Record, settings: Record) -> Iterator[str]:
    yield from _amounts(f"{where} price", variant["prices"], settings)
    before = variant["originalPrices"]
    if before is None:
        return
    yield from _amounts(f"{where} original price", before, settings)
    for currency, amount in variant["prices"].items():
        if before.get(currency, 0) <= amount:
            yield f"{where} was not dearer before in {currency}"
