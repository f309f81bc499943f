"""The demo shop's data hold together, and `check` notices when they do not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tools.demo import DemoDataError, DemoShop, check, load
from tools.demo import __main__ as command

LANGUAGES = ("en", "zh-CN")
CURRENCIES = {"USD", "EUR", "CNY", "JPY", "KWD"}


@pytest.fixture(scope="module")
def shop() -> DemoShop:
    return load()


def test_the_data_that_ship_are_sound(shop: DemoShop) -> None:
    check(shop)


def test_there_are_about_sixty_products_in_a_tree_of_three_levels(shop: DemoShop) -> None:
    parents = {c["id"]: c["parentId"] for c in shop.categories}
    depths = set()
    for category in parents:
        depth, above = 1, parents[category]
        while above is not None:
            depth, above = depth + 1, parents[above]
        depths.add(depth)
    assert 55 <= len(shop.products) <= 75
    assert depths == {1, 2, 3}


def test_every_leaf_of_the_tree_holds_a_product(shop: DemoShop) -> None:
    inner = {c["parentId"] for c in shop.categories}
    leaves = {c["id"] for c in shop.categories} - inner
    assert leaves == {p["categoryId"] for p in shop.products}


def test_ids_are_unique_and_readable(shop: DemoShop) -> None:
    ids = [v["id"] for v in shop.variants()]
    assert len(ids) == len(set(ids))
    assert "model-pi-standard-pearl-white" in ids
    for product in shop.products:
        for variant in product["variants"]:
            choice = list(variant["specs"].values()) or ["one"]
            assert variant["id"] == "-".join([product["id"], *choice])


def test_every_combination_of_options_is_a_variant(shop: DemoShop) -> None:
    for product in shop.products:
        expected = 1
        for option in product["options"]:
            expected *= len(option["values"])
        chosen = {tuple(v["specs"].items()) for v in product["variants"]}
        assert len(chosen) == len(product["variants"]) == expected, product["id"]


def test_every_text_is_there_in_both_languages(shop: DemoShop) -> None:
    for localised in _localised([shop.settings, shop.categories, shop.products]):
        assert set(localised) == set(LANGUAGES)
        assert all(text.strip() for text in localised.values()), localised


def test_every_variant_has_a_positive_price_in_every_currency(shop: DemoShop) -> None:
    assert set(shop.settings["currencies"]) == CURRENCIES
    for variant in shop.variants():
        assert set(variant["prices"]) == CURRENCIES
        assert all(type(a) is int and a > 0 for a in variant["prices"].values())


def test_prices_in_different_currencies_are_worth_about_the_same(shop: DemoShop) -> None:
    per_cent = {"USD": 1, "EUR": 0.93, "CNY": 7.1, "JPY": 1.5, "KWD": 3.07}
    for variant in shop.variants():
        for currency, rate in per_cent.items():
            worth = variant["prices"][currency] / rate / variant["prices"]["USD"]
            assert 0.8 < worth < 1.25, (variant["id"], currency)


def test_what_the_points_mall_offers_costs_a_hundred_points_a_dollar(shop: DemoShop) -> None:
    mall = {c["id"] for c in shop.categories if c["parentId"] == "points-mall"}
    for product in shop.products:
        for variant in product["variants"]:
            expected = variant["prices"]["USD"] if product["categoryId"] in mall else None
            assert variant["pointsPrice"] == expected, variant["id"]


def test_licences_and_vouchers_are_not_shipped_and_preorders_say_when(shop: DemoShop) -> None:
    for product in shop.products:
        mailed = {"licence", "voucher"} & set(product["tags"])
        assert all(v["requiresShipping"] != bool(mailed) for v in product["variants"])
        if product["preorder"]:
            assert product["shipEstimate"]["from"] < product["shipEstimate"]["to"]
    assert any(p["preorder"] for p in shop.products)


def test_a_product_without_reviews_has_no_rating(shop: DemoShop) -> None:
    for product in shop.products:
        assert (product["reviewCount"] == 0) == (product["rating"] == "0.0"), product["id"]


Damage = Callable[[DemoShop], None]


def _first(shop: DemoShop) -> dict[str, Any]:
    variant: dict[str, Any] = shop.products[0]["variants"][0]
    return variant


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda s: s.products[0].update(categoryId="nowhere"), "no known category"),
        (lambda s: s.products[0]["name"].pop("zh-CN"), "no text in zh-CN"),
        (lambda s: s.products.append(s.products[0]), "is used 2 times"),
        (lambda s: _first(s).update(id="Model Pi"), "does not start with its product's id"),
        (lambda s: _first(s)["specs"].update(colour="plaid"), "does not offer"),
        (lambda s: _first(s)["specs"].pop("colour"), "does not choose a value of each option"),
        (lambda s: _first(s).update(image="images/lost.svg"), "does not list"),
        (lambda s: _first(s)["prices"].pop("KWD"), "is not given in exactly"),
        (lambda s: _first(s)["prices"].update(USD=0), "in USD is 0"),
        (lambda s: _first(s)["prices"].update(KWD=1001), "not a multiple of 10"),
        (lambda s: _first(s).update(originalPrices=_first(s)["prices"]), "was not dearer"),
        (lambda s: _first(s).update(weightGrams=None), "what is shipped has a weight"),
        (lambda s: s.products[0].update(preorder=True), "belongs to preorders"),
        (lambda s: s.categories[1].update(parentId="nowhere"), "has no parent"),
        (lambda s: s.settings.update(currency="XXX"), "is not among its currencies"),
        (lambda s: s.settings["plans"].append(s.settings["plans"][0]), "is used 2 times"),
        (lambda s: s.settings["plans"][0]["prices"].pop("KWD"), "is not given in exactly"),
        (lambda s: s.settings["plans"][0].update(interval="moon"), "comes each 1 'moon'"),
    ],
)
def test_check_names_what_is_broken(shop: DemoShop, damage: Damage, complaint: str) -> None:
    broken = copy.deepcopy(shop)
    damage(broken)
    with pytest.raises(DemoDataError, match=complaint):
        check(broken)


@pytest.mark.parametrize("currency", ["HUF", "TWD"])
def test_what_paypal_takes_in_whole_units_is_priced_in_them(shop: DemoShop, currency: str) -> None:
    broken = copy.deepcopy(shop)
    broken.settings["currencies"].append(currency)
    _first(broken)["prices"][currency] = 199_950
    with pytest.raises(DemoDataError) as by_card:
        check(broken)
    assert "not a multiple of 100" not in str(by_card.value), "a card takes the hundredths"
    paypal = next(way for way in broken.settings["paymentMethods"] if way["id"] == "paypal")
    paypal["currencies"].append(currency)
    with pytest.raises(DemoDataError, match="not a multiple of 100"):
        check(broken)


def _localised(value: Any) -> list[dict[str, str]]:
    """All objects below `value` that are keyed by language."""
    if isinstance(value, list):
        return [found for item in value for found in _localised(item)]
    if not isinstance(value, dict):
        return []
    if set(value) & set(LANGUAGES):
        return [value]
    return _localised(list(value.values()))


def test_the_command_says_what_is_there_and_names_what_can_not_be_read(capsys, monkeypatch):
    assert command.main() == 0
    assert "67 products, 187 variants" in capsys.readouterr().out
    monkeypatch.setattr(command, "load", lambda: json.loads("{"))
    assert command.main() == 1
    assert "can't be read" in capsys.readouterr().err
