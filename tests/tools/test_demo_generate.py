"""The generator makes a large catalogue that is sound and always the same."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path

import pytest

from tools.demo import DemoShop, Record, check, generate, load


@pytest.fixture(scope="module")
def made() -> list[Record]:
    return list(generate.products(2000))


def _keys(value: object) -> object:
    """The field names of `value` and of what its lists hold, without what they contain."""
    assert isinstance(value, dict)
    return {key: set(part[0]) if key in ("variants", "images") else None
            for key, part in value.items()}  # fmt: skip


def test_generated_products_pass_the_checks_of_the_demo_data(made: list[Record]) -> None:
    demo = load()
    check(DemoShop(demo.settings, demo.categories, made))


def test_generated_products_live_beside_the_demo_products(made: list[Record]) -> None:
    demo = load()
    check(DemoShop(demo.settings, demo.categories, demo.products + made))


def test_generated_products_have_the_fields_of_the_demo_products(made: list[Record]) -> None:
    pattern = _keys(load().products[0])
    assert all(_keys(product) == pattern for product in made)


def test_generated_products_show_pictures_that_the_demo_shop_has(made: list[Record]) -> None:
    known = set(load().images())
    assert {image["file"] for product in made for image in product["images"]} <= known


def test_a_longer_catalogue_begins_with_the_shorter_one(made: list[Record]) -> None:
    assert list(itertools.islice(generate.products(generate.MAX_COUNT), 50)) == made[:50]


def test_names_brands_and_categories_are_varied(made: list[Record]) -> None:
    assert len({p["name"]["en"] for p in made}) > 1500
    assert len({p["brand"] for p in made}) > 200
    assert len({p["categoryId"] for p in made}) > 10


def test_the_file_holds_one_product_a_line_and_the_bar_reaches_its_end(tmp_path: Path) -> None:
    bar = io.StringIO()
    generate.write(120, tmp_path / "out.jsonl", bar)
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == list(generate.products(120))
    assert "100 % 120 products" in bar.getvalue()


@pytest.mark.parametrize("count", [0, -1, generate.MAX_COUNT + 1])
def test_a_count_beyond_the_limits_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="COUNT must be"):
        generate.products(count)


def test_a_wrong_command_line_says_how_to_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["many"]) == 2
    assert "usage" in capsys.readouterr().err
