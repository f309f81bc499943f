"""The shelf: its state is its address, and a product says what can be had."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import ListPage, ProductPage


def test_filter_order_and_page_stand_in_the_address(visitor) -> None:
    shelf = ListPage(visitor()).open("?brand=Ardovale")
    expect(shelf.page.locator(".toolbar-count")).to_contain_text("product")
    found = shelf.names()
    shelf.page.locator("select").last.select_option("-price")
    expect(shelf.page).to_have_url(re.compile(r"brand=Ardovale&sort=-price"))
    expect(shelf.page.locator("#results")).to_have_attribute("aria-busy", "false")
    assert sorted(shelf.names()) == sorted(found)
    shelf.page.go_back()
    expect(shelf.page).not_to_have_url(re.compile("sort"))
    expect(shelf.cards.first).to_contain_text(found[0])


def test_the_next_page_begins_at_the_top_of_the_list(visitor) -> None:
    shelf = ListPage(visitor()).open()
    first = shelf.names()[0]
    shelf.link("pager.next").click()
    expect(shelf.page).to_have_url(re.compile("page=2"))
    expect(shelf.cards.first).not_to_contain_text(first)
    expect(shelf.page.locator("#results")).to_be_focused()


def test_a_mistyped_address_shows_the_shop_all_the_same(visitor) -> None:
    shelf = ListPage(visitor()).open("?sort=sideways&page=-3&pageSize=9000")
    expect(shelf.heading).to_have_text(shelf.t("list.title"))


def test_a_list_without_products_offers_everything(visitor) -> None:
    shopper = visitor()
    shopper.page.goto("/?brand=Nobody")
    expect(shopper.page.locator("main")).to_contain_text(shopper.t("list.empty"))
    ListPage(shopper).link("list.clear").click()
    expect(ListPage(shopper).cards.first).to_be_visible()


def test_the_language_changes_in_place_and_is_remembered(visitor) -> None:
    shopper = visitor()
    shelf = ListPage(shopper).open()
    shopper.page.get_by_role("button", name="中文").click()
    expect(shopper.page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(shopper.page).to_have_url(re.compile("lang=zh-CN"))
    expect(shelf.cards.filter(has_text="旅行版").first).to_be_visible()
    product = ProductPage(shopper).open("rolla")
    expect(product.heading).to_have_text("Rolla 卷轴随身屏")


def test_a_sold_out_variant_says_so_and_cannot_be_added(visitor) -> None:
    product = ProductPage(visitor()).open("model-pi", "model-pi-performance-ember-red")
    expect(product.stock).to_have_text(product.t("stock.soldOut"))
    expect(product.page.get_by_role("radio", name="Ember red")).to_be_checked()
    expect(product.page.locator("#buy button[type=submit]").first).to_be_disabled()
    # The name of the choice says it, too, for those who hear it.
    expect(product.page.locator(".choice", has_text="Ember red")).to_contain_text(
        product.t("choice.soldOut")
    )
    product.choose("Graphite")
    expect(product.page.locator("#buy button[type=submit]").first).to_be_enabled()


def test_choosing_a_colour_changes_the_picture_and_the_address(visitor) -> None:
    product = ProductPage(visitor()).open("rolla")
    product.choose("Lilac")
    expect(product.page.locator(".gallery-stage img")).to_have_attribute("src", re.compile("lilac"))
    product.page.reload()
    expect(product.page.locator(".choices-chosen")).to_have_text("Lilac")


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", 1999, "USD", "$19.99"),
        ("en", 5, "USD", "$0.05"),
        ("en", -1999, "USD", "-$19.99"),
        ("en", 7480000, "JPY", "¥7,480,000"),
        ("en", 1500, "KWD", "KWD 1.500"),
        ("zh-CN", 46090, "CNY", "¥460.90"),
        # Beyond what binary fractions can count in cents.
        ("en", 9007199254740991, "USD", "$90,071,992,547,409.91"),
    ],
)
def test_money_is_written_as_the_language_does(
    visitor, language: str, amount: int, currency: str, text: str
) -> None:
    shopper = visitor(language=language)
    ListPage(shopper).open()
    written = shopper.page.evaluate(
        "async price => (await import('/lib/money.js')).money(price)",
        {"amount": amount, "currency": currency},
    )
    assert written.replace("\u00a0", " ") == text


def test_an_unknown_product_leads_back_to_the_shop(visitor) -> None:
    shopper = visitor()
    shopper.page.goto("/product.html?slug=never-made")
    expect(ListPage(shopper).heading).to_have_text(shopper.t("missing.product"))
