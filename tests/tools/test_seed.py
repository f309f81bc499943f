"""Loading the demo shop into a stage's tables, once and again."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.catalog import categories, service, settings
from chalicelib.catalog.tables import ProductItem
from chalicelib.kernel.db import dynamo
from tests import factory
from tools.demo import HERE, DemoShop, load, photos
from tools.seed import main, seed, seed_files, tree_of


@pytest.fixture
def demo() -> DemoShop:
    shop = load()
    return replace(shop, products=shop.products[:2])


def test_a_shop_that_was_loaded_sells_and_shows_what_the_files_say(tables, demo):
    written = seed(demo, now=1)
    variants = [variant["id"] for variant in demo.variants()]
    assert written == {"products": 2, "variants": len(variants), "stocked": len(variants)}
    assert service.shop().currency == demo.settings["currency"]
    assert [one.id for one in service.categories().categories] == [
        one["id"] for one in demo.categories
    ]
    view = service.product(demo.products[0]["slug"], "USD")
    assert view.listed.category_path == tree_of(demo).path(demo.products[0]["categoryId"])


def test_loading_again_gives_no_stock_twice(tables, demo):
    seed(demo, now=1)
    before = [factory.stock(variant["id"]) for variant in demo.variants()]
    assert seed(demo, now=2)["stocked"] == 0
    assert [factory.stock(variant["id"]) for variant in demo.variants()] == before


def test_loading_again_leaves_only_the_categories_of_the_files(tables, demo):
    seed(demo, now=1)
    fewer = demo.categories[:3]
    seed(replace(demo, categories=fewer), now=2)
    found = categories.read()
    assert [one.id for one in found.tree.categories] == [one["id"] for one in fewer]
    assert found.version == 2


def test_an_owner_who_read_before_the_tree_was_loaded_again_does_not_undo_it(tables, demo):
    seed(demo, now=1)
    read = categories.read()
    seed(demo, now=2)
    with pytest.raises(categories.CategoriesChanged):
        categories.change(read.tree.categories[:1], version=read.version, now=3)


def test_a_loading_that_was_cut_off_is_finished_by_the_next_one(tables, demo, monkeypatch):
    save = categories.CategoryItem.save
    left = [None] * 5

    def cut_off(item):
        left.pop()
        save(item)

    monkeypatch.setattr(categories.CategoryItem, "save", cut_off)
    with pytest.raises(IndexError):
        seed(demo, now=1)
    monkeypatch.undo()
    seed(demo, now=2)
    found = categories.read()
    assert (len(found.tree.categories), found.version) == (len(demo.categories), 1)
    assert dynamo.get(categories.CategoryItem, "shop", "category#vehicles") is not None


def named(shop: DemoShop, index: int, name: str) -> DemoShop:
    """The shop with another name of one product."""
    products = [dict(product) for product in shop.products]
    products[index]["name"] = {"en": name, "zh-CN": name}
    return replace(shop, products=products)


def name_of(product: dict) -> str:
    item = dynamo.get(ProductItem, product["id"])
    assert item is not None
    return str(item.name["en"])


def file_of(product: dict) -> Path:
    for path in sorted((HERE / "products").glob("*.json")):
        if f'"id": "{product["id"]}"' in path.read_text(encoding="utf-8"):
            return path
    raise AssertionError(product["id"])


def test_a_file_alone_loads_what_stands_in_it_and_leaves_the_owners_settings(tables):
    shop = load()
    shop = replace(shop, products=[shop.products[0], shop.products[-1]])
    seed(shop, now=1)
    before = (settings.read().version, categories.read().version)
    changed = named(named(shop, 0, "First"), 1, "Last")
    written = seed_files(changed, [file_of(shop.products[0])], now=2)
    assert written["products"] == 1
    assert (name_of(shop.products[0]), name_of(shop.products[1])) == (
        "First",
        shop.products[1]["name"]["en"],
    )
    assert (settings.read().version, categories.read().version) == before


def test_a_product_that_was_taken_off_sale_stays_so_when_it_is_loaded_again(tables, demo):
    seed(demo, now=1)
    item = dynamo.get(ProductItem, demo.products[0]["id"])
    assert item is not None
    item.update([ProductItem.status.set("INACTIVE")])
    seed(demo, now=2)
    again = [dynamo.get(ProductItem, one["id"]) for one in demo.products[:2]]
    assert [one.status for one in again if one] == ["INACTIVE", "ACTIVE"]


def test_a_file_that_is_not_there_is_named(tables, capsys):
    assert main([str(HERE / "products" / "none.json")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_settings_and_categories_are_loaded_from_their_own_files(tables, demo):
    seed(demo, now=1)
    other = replace(demo, settings={**demo.settings, "countries": ["CH"]})
    assert seed_files(other, [HERE / "shop.json"], now=2)["products"] == 0
    assert settings.read().value["countries"] == ["CH"]
    seed_files(replace(demo, categories=demo.categories[:1]), [HERE / "categories.json"], now=3)
    assert len(categories.read().tree.categories) == 1


def test_settings_that_are_loaded_again_are_a_version_that_nobody_has_read(tables, demo):
    seed(demo, now=1)
    read = settings.read()
    seed(demo, now=2)
    assert settings.read().version == read.version + 1


def test_a_saved_photograph_loads_the_products_that_show_it(tables, demo, monkeypatch):
    name = "photos/mug.jpg"
    sizes = [photos.Served(f"images/mug-1-{width}.webp", width, width) for width in (800, 400)]
    monkeypatch.setattr(photos, "sizes", lambda file: sizes)
    shown = dict(demo.products[0])
    shown["images"] = [{"file": name, "alt": {"en": "A mug", "zh-CN": "杯"}}]
    shop = replace(demo, products=[shown, demo.products[1]])
    written = seed_files(shop, [HERE / name], now=1)
    assert written["products"] == 1
    item = dynamo.get(ProductItem, shown["id"])
    assert item is not None
    (image,) = item.images
    assert (image["url"], image["width"], image["height"]) == ("/images/mug-1-800.webp", 800, 800)
    assert image["srcset"] == "/images/mug-1-800.webp 800w, /images/mug-1-400.webp 400w"


def test_what_is_wrong_is_said_before_anything_is_written(tables, demo, monkeypatch, capsys):
    seed(demo, now=1)
    wrong = named(demo, 0, "")
    monkeypatch.setattr("tools.seed.demo.load", lambda: wrong)
    assert main([]) == 1
    assert "has no text in en" in capsys.readouterr().err
    assert name_of(demo.products[0]) == demo.products[0]["name"]["en"]


def test_a_file_from_elsewhere_is_refused(tables, tmp_path, capsys):
    assert main([str(tmp_path / "products.json")]) == 2
    assert "not a file of tools/demo" in capsys.readouterr().err
