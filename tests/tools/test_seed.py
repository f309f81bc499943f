"""Loading the demo shop into a stage's tables, once and again."""

from dataclasses import replace

import pytest

from chalicelib.catalog import categories, service
from chalicelib.kernel.db import dynamo
from tests import factory
from tools.demo import DemoShop, load
from tools.seed import seed, tree_of


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
