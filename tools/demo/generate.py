"""A large catalogue for load and search tests.

    python -m tools.demo.generate COUNT OUT.jsonl

writes up to 100,000 products, one JSON object per line, in the shape of the demo products.
Each is modelled on a demo product, whose category, options and pictures it borrows. Product
`n` depends on its number alone: a longer catalogue begins with the shorter one.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO, TypeVar

from tools.demo.data import HERE, DemoShop, Record, load
from tools.demo.progress import Progress

MAX_COUNT = 100_000
SEED = "cartwright"

Item = TypeVar("Item")
# Minor units per US cent, and the step to which a price in that currency is rounded.
PRICES = {
    "USD": (1.0, 1),
    "EUR": (0.93, 10),
    "CNY": (7.1, 100),
    "JPY": (1.5, 10),
    "KWD": (3.07, 50),
}
SOLD_OUT_SHARE = 0.04
VARIANT_SLOTS = 64  # barcodes set aside per product


def products(count: int, shop: DemoShop | None = None) -> Iterator[Record]:
    """The first `count` generated products; raises ValueError outside 1 to MAX_COUNT."""
    if not 1 <= count <= MAX_COUNT:
        raise ValueError(f"COUNT must be 1 to {MAX_COUNT:,}, not {count:,}")
    words: Record = json.loads((HERE / "vocabulary.json").read_text(encoding="utf-8"))
    models = {product["id"]: product for product in (shop or load()).products}
    return (_product(n, words, models) for n in range(1, count + 1))


def write(count: int, target: Path, bar: IO[str] | None = None) -> None:
    """Write `count` products to `target`, with a progress bar on `bar`."""
    progress = Progress(count, "products", bar)
    with target.open("w", encoding="utf-8", newline="\n") as out:
        for product in products(count):
            out.write(json.dumps(product, ensure_ascii=False, separators=(",", ":")) + "\n")
            progress.step()
    progress.end()


def _product(n: int, words: Record, models: dict[str, Record]) -> Record:
    dice = Random(f"{SEED}:{n}")
    line = _pick(dice, words["lines"])
    model = models[line["like"]]
    brand = _pick(dice, words["brandStarts"]) + _pick(dice, words["brandEnds"])
    quality, noun = _pick(dice, words["qualities"]), line["noun"]
    material = _pick(dice, words["materials"][line["materials"]])
    name = {
        "en": f"{brand} {quality['en'].lower()} {noun['en']}",
        "zh-CN": f"{brand} {quality['zh-CN']}{noun['zh-CN']}",
    }
    options = [_some_values(dice, option) for option in model["options"]]
    shape = re.sub(r"[^a-z0-9]+", "-", noun["en"].lower())
    number = f"{shape}-{n:06d}"
    reviews = int(10 ** (dice.random() * 3.2)) - 1
    return {
        "id": number,
        "slug": f"{brand.lower()}-{number}",
        "name": name,
        "subtitle": {
            "en": f"In {material['en'].lower()}, no. {n}",
            "zh-CN": f"{material['zh-CN']}，编号 {n}",
        },
        "description": _description(dice, words, name),
        "categoryId": model["categoryId"],
        "brand": brand,
        "seller": "cartwright",
        "attributes": _attributes(dice, material),
        "tags": [shape, quality["en"].lower().replace(" ", "-")],
        "isHot": dice.random() < 0.05,
        "isNew": dice.random() < 0.1,
        "preorder": False,
        "shipEstimate": None,
        "rating": f"{3.4 + dice.random() * 1.5:.1f}" if reviews else "0.0",
        "reviewCount": reviews,
        "salesCount": reviews * (2 + _below(dice, 9)) + _below(dice, 20),
        "sortOrder": 1000 + n,
        "options": options,
        "images": _images(model, options, name),
        "variants": _variants(dice, n, number, line, model, options),
    }


def _description(dice: Random, words: Record, name: Record) -> Record:
    fact, closing = _pick(dice, words["facts"]), _pick(dice, words["closings"])
    return {
        "en": f"The {name['en']} is one of many. {fact['en']} {closing['en']}",
        "zh-CN": f"{name['zh-CN']}是众多商品之一。{fact['zh-CN']}{closing['zh-CN']}",
    }


def _attributes(dice: Random, material: Record) -> list[Record]:
    years = 1 + _below(dice, 5)
    return [
        {"name": {"en": "Material", "zh-CN": "材质"}, "value": dict(material)},
        {
            "name": {"en": "Warranty", "zh-CN": "保修"},
            "value": {"en": f"{years} year{'s' * (years > 1)}", "zh-CN": f"{years} 年"},
        },
    ]


def _some_values(dice: Random, option: Record) -> Record:
    """The option with a run of its values, at least one."""
    values = option["values"]
    start = _below(dice, len(values))
    stop = start + 1 + _below(dice, len(values) - start)
    return {"id": option["id"], "name": option["name"], "values": values[start:stop]}


def _images(model: Record, options: list[Record], name: Record) -> list[Record]:
    """The model's pictures in the colours that are offered, described anew."""
    files = {image["file"] for image in model["images"]}
    found = []
    for value in (value for option in options for value in option["values"]):
        file = f"images/{model['id']}-{value['id']}.svg"
        if file in files:
            alt = {
                "en": f"{name['en']} in {value['name']['en'].lower()}",
                "zh-CN": f"{value['name']['zh-CN']} {name['zh-CN']}",
            }
            found.append({"file": file, "alt": alt})
    return found or [{"file": model["images"][0]["file"], "alt": dict(name)}]


def _variants(
    dice: Random, n: int, number: str, line: Record, model: Record, options: list[Record]
) -> list[Record]:
    low, high = line["usd"]
    cents = (low + _below(dice, high - low)) // 100 * 100 + 90
    reduced = dice.random() < 0.15
    pattern = model["variants"][0]
    files = {image["file"] for image in model["images"]}
    made = []
    for place, specs in enumerate(_combinations(options)):
        colour = f"images/{model['id']}-{specs.get('colour', '')}.svg"
        made.append(
            {
                "id": "-".join([number, *(specs.values() or ["one"])]),
                "skuCode": f"G{n:06d}-{place + 1:02d}",
                "specs": specs,
                "prices": _prices(cents),
                "originalPrices": _prices(cents * 5 // 4 + 100) if reduced else None,
                "pointsPrice": cents if pattern["pointsPrice"] else None,
                "image": colour if colour in files else model["images"][0]["file"],
                "barcode": _barcode(n * VARIANT_SLOTS + place),
                "weightGrams": pattern["weightGrams"],
                "requiresShipping": pattern["requiresShipping"],
                "maxPerOrder": pattern["maxPerOrder"],
                "status": "ACTIVE",
                "stock": 0 if dice.random() < SOLD_OUT_SHARE else 6 + _below(dice, 195),
                "lowStockAt": 5,
            }
        )
    return made


def _combinations(options: list[Record]) -> list[dict[str, str]]:
    combinations: list[dict[str, str]] = [{}]
    for option in options:
        combinations = [
            {**specs, option["id"]: value["id"]}
            for specs in combinations
            for value in option["values"]
        ]
    return combinations


def _prices(cents: int) -> dict[str, int]:
    return {
        currency: max(step, round(cents * rate / step) * step)
        for currency, (rate, step) in PRICES.items()
    }


def _barcode(number: int) -> str:
    """An EAN-13 from the range that shops may number themselves (prefix 29)."""
    digits = f"29{number:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _below(dice: Random, limit: int) -> int:
    # `random()` is promised to repeat across Python versions, `choice` and its kin are not.
    return int(dice.random() * limit)


def _pick(dice: Random, items: list[Item]) -> Item:
    return items[_below(dice, len(items))]


def main(arguments: list[str]) -> int:
    """Command line: the number of products and the file to write."""
    if len(arguments) != 2 or not arguments[0].isdecimal():
        print("usage: python -m tools.demo.generate COUNT OUT.jsonl", file=sys.stderr)
        return 2
    try:
        write(int(arguments[0]), Path(arguments[1]), sys.stderr)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
