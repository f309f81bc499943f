"""Reading the demo shop from the JSON files beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LANGUAGES = ("en", "zh-CN")

Record = dict[str, Any]


@dataclass(frozen=True)
class DemoShop:
    """Everything that seeds a shop.

    settings: the object of `shop.json`; prices in minor units by currency.
    categories: parents before children, as `categories.json` lists them.
    products: by their sortOrder, as the shop lists them.
    """

    settings: Record
    categories: list[Record]
    products: list[Record]

    def images(self) -> list[str]:
        """Names of all pictures, each once, in the order of first mention."""
        return list(dict.fromkeys(i["file"] for p in self.products for i in p["images"]))

    def variants(self) -> list[Record]:
        """The variants of all products, in order."""
        return [variant for product in self.products for variant in product["variants"]]


def load(folder: Path = HERE) -> DemoShop:
    """Read the demo shop from `folder`; raises OSError or json.JSONDecodeError if it cannot."""
    products: list[Record] = []
    for path in sorted((folder / "products").glob("*.json")):
        products.extend(_read(path))
    products.sort(key=lambda product: product["sortOrder"])
    return DemoShop(_read(folder / "shop.json"), _read(folder / "categories.json"), products)


def products_of(shop: DemoShop, name: str, folder: Path = HERE) -> set[str]:
    """Ids of the products that a file of `folder` concerns: those that stand in it, or those that
    show it, if it is a photograph. `name` is relative to the folder."""
    if name.startswith("products/"):
        path = folder / name
        return {product["id"] for product in _read(path)} if path.exists() else set()
    return {p["id"] for p in shop.products for i in p["images"] if i["file"] == name}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
