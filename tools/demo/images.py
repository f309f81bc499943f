"""Make every picture that the demo data name: draw it, or bring a photograph into its sizes.

    python -m tools.demo.images OUTDIR KEPT

writes `OUTDIR/images/…`; KEPT is a folder that remembers the sizes of photographs (photos.py).
What is drawn ends in `.svg`: `pictures.json` says for each product what it looks like: a kind
of object, a colour for products that come in one only, and further views. The pictures of a
product with colours are named after the colour: `images/<product>-<colour>.svg`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.demo import photos
from tools.demo.data import HERE, DemoShop, Record, load
from tools.demo.pictures import draw

NEUTRAL = "#9aa3ad"


class NoPicture(ValueError):
    """Nobody knows what to draw; the message is one sentence."""


def pictures(shop: DemoShop) -> Iterator[tuple[str, str]]:
    """Name and SVG text of each drawn picture of `shop`, in the order of the data.

    Raises NoPicture if `pictures.json` does not know a product or names an unknown kind.
    """
    looks: Record = json.loads((HERE / "pictures.json").read_text(encoding="utf-8"))
    for product in shop.products:
        drawn = [each for each in product["images"] if not photos.is_photo(each["file"])]
        if drawn and product["id"] not in looks:
            raise NoPicture(
                f"{drawn[0]['file']} is not in pictures.json: name a photograph "
                f"instead (photos/….jpg or .png), or say there what {product['id']} looks like."
            )
        look = looks.get(product["id"], {})
        swatches = _swatches(product)
        for image in drawn:
            view = image["file"].removeprefix(f"images/{product['id']}").removesuffix(".svg")[1:]
            kind = look.get("views", {}).get(view, look["kind"])
            colour = swatches.get(view) or look.get("colour", NEUTRAL)
            try:
                yield image["file"], draw(kind, colour)
            except KeyError as error:
                raise NoPicture(f"{image['file']}: no {error} is drawn.") from error


def write(folder: Path, kept: Path, shop: DemoShop | None = None) -> int:
    """Write all pictures below `folder`; returns how many files.

    Raises OSError if it cannot, NoPicture and photos.NoPhoto for what can't be made.
    """
    shop = load() if shop is None else shop
    photographs = [name for name in shop.images() if photos.is_photo(name)]
    count = sum(photos.write(name, folder, kept) for name in photographs)
    for name, text in pictures(shop):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        count += 1
    return count


def _swatches(product: Record) -> dict[str, str]:
    values = (value for option in product["options"] for value in option["values"])
    return {value["id"]: value["swatch"] for value in values if "swatch" in value}


def main(arguments: list[str]) -> int:
    """Command line: the folder to write to, and the one that remembers photographs' sizes."""
    if len(arguments) != 2:
        print("usage: python -m tools.demo.images OUTDIR KEPT", file=sys.stderr)
        return 2
    try:
        count = write(Path(arguments[0]), Path(arguments[1]))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{count} pictures below {arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
