"""Every picture that the demo data name is drawn, small, still and self-contained."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.demo import DemoShop, images, load
from tools.demo.pictures import KINDS, draw

SVG = "{http://www.w3.org/2000/svg}"
DRAWING = {
    *("svg", "defs", "g", "use", "clipPath", "linearGradient", "radialGradient", "stop"),
    *("rect", "circle", "ellipse", "path"),
}
LIMIT = 6 * 1024


@pytest.fixture(scope="module")
def shop() -> DemoShop:
    return load()


@pytest.fixture(scope="module")
def drawn(shop: DemoShop) -> dict[str, str]:
    return dict(images.pictures(shop))


def test_every_image_of_the_data_is_written_and_no_other(shop: DemoShop, tmp_path: Path) -> None:
    count = images.write(tmp_path / "out", tmp_path / "kept", shop)
    written = {
        str(path.relative_to(tmp_path / "out")) for path in tmp_path.rglob("*") if path.is_file()
    }
    assert written == set(shop.images())
    assert count == len(written)


def test_a_picture_is_well_formed_and_only_draws(drawn: dict[str, str]) -> None:
    for name, text in drawn.items():
        root = ElementTree.fromstring(text)
        assert (root.tag, root.get("viewBox")) == (SVG + "svg", "0 0 800 600"), name
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWING, name


def test_a_picture_refers_to_nothing_outside_itself(drawn: dict[str, str]) -> None:
    for name, text in drawn.items():
        root = ElementTree.fromstring(text)
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), name
        values = [value for element in root.iter() for value in element.attrib.values()]
        hrefs = [element.get("href", "#") for element in root.iter()]
        assert all(href.startswith("#") for href in hrefs), name
        assert not any(key.startswith("on") for e in root.iter() for key in e.attrib), name
        used = {i for value in values for i in re.findall(r"url\(#(\w+)\)", value)}
        assert used <= set(ids), name
        assert all("url(" not in value or "url(#" in value for value in values), name


def test_a_picture_is_smaller_than_six_kilobytes(drawn: dict[str, str]) -> None:
    assert {name: len(text.encode()) for name, text in drawn.items() if len(text) >= LIMIT} == {}


def test_drawing_twice_gives_the_same_bytes(shop: DemoShop, drawn: dict[str, str]) -> None:
    assert dict(images.pictures(shop)) == drawn


def test_colours_of_one_product_look_different(shop: DemoShop, drawn: dict[str, str]) -> None:
    for product in shop.products:
        texts = [drawn[image["file"]] for image in product["images"]]
        assert len(set(texts)) == len(texts), product["id"]


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#b3312c"])
def test_every_kind_can_be_drawn_in_any_colour(kind: str, colour: str) -> None:
    text = draw(kind, colour)
    ElementTree.fromstring(text)
    assert len(text.encode()) < LIMIT


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        draw("unicorn", "#ffffff")
