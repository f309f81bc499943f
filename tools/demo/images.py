"""Draw every picture that the demo data name.

    python -m tools.demo.images OUTDIR

writes `OUTDIR/images/….svg`. `pictures.json` says for each product what it looks like: a kind
of object, a colour for products that come in one only, and further views. The pictures of a
product with colours are named after the colour: `images/<product>-<colour>.svg`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.demo.data import HERE, DemoShop, Record, load
from tools.demo.pictures import draw

NEUTRAL = "#9aa3ad"


def pictures(shop: DemoShop) -> Iterator[tuple[str, str]]:
    """Name and SVG text of each picture of `shop`, in the order of the data.

    Raises KeyError if `pictures.json` does not know a product or names an unknown kind.
    """
    looks: Record = json.loads((HERE / "pictures.json").read_text(encoding="utf-8"))
    for product in shop.products:
        look = looks[product["id"]]
        swatches = _swatches(product)
        for image in product["images"]:
            view = image["file"].removeprefix(f"images/{product['id']}").removesuffix(".svg")[1:]
            kind = look.get("views", {}).get(view, look["kind"])
            colour = swatches.get(view) or look.get("colour", NEUTRAL)
            yield image["file"], draw(kind, colour)


def write(folder: Path, shop: DemoShop | None = None) -> int:
    """Write all pictures below `folder`; returns how many. Raises OSError if it cannot."""
    count = 0
    for name, text in pictures(load() if shop is None else shop):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        count += 1
    return count


def _swatches(product: Record) -> dict[str, str]:
    values = (value for option in product["options"] for value in option["values"])
    return {value["id"]: value["swatch"] for value in values if "swatch" in value}


def main(arguments: list[str]) -> int:
    """Command line: one argument, the folder to write to."""
    if len(arguments) != 1:
        print("usage: python -m tools.demo.images OUTDIR", file=sys.stderr)
        return 2
    count = write(Path(arguments[0]))
    print(f"{count} pictures below {arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
