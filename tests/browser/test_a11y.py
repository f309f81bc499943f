"""Everybody can use it: axe finds nothing, nothing scrolls sideways, targets can be hit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import AXE, RULES, faults
from tests.browser.pages import Cart, ProductPage
from tests.browser.views import (
    VIEWS,
    Show,
    account_addresses,
    account_profile,
    account_security,
    cart_drawer,
    checkout_page,
    list_page,
    product_page,
    register_page,
)
from tests.browser.visitor import DESKTOP, PHONE, Visitor

# What night can change: everything else is the same page.
COLOURS = ["color-contrast", "link-in-text-block"]
# WCAG 2.2 asks for 24; a thumb is happier with more.
LEAST_TARGET = 44

# Radio buttons and ticks are hit on their whole label.
SMALL_TARGETS = """least => [...document.querySelectorAll(
    "button, select, input:not([type=radio], [type=checkbox]), "
    + ".choice, .chip:not(.chip-active), .way, .tick, .pager-link, .header-account, .account-link")]
  .map(element => [element, element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < least || box.width < 24))
  .map(([element, box]) => `${element.outerHTML.slice(0, 120)} ${box.width}x${box.height}`)"""
# Past the last element focus visits the browser's own controls; never the page behind.
FOCUS_IN_DIALOG = (
    "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
)
LANGUAGES = ("en", "zh-CN")


def pytest_generate_tests(metafunc) -> None:
    """Every view in one of the languages, in turn; in both of them with `--everything`."""
    if "language" not in metafunc.fixturenames:
        return
    both = metafunc.config.getoption("--everything")
    pairs = [
        (show, language)
        for number, show in enumerate(VIEWS)
        for turn, language in enumerate(LANGUAGES)
        if both or number % len(LANGUAGES) == turn
    ]
    names = [f"{show.__name__}-{language}" for show, language in pairs]
    metafunc.parametrize(("show", "language"), pairs, ids=names)


@pytest.fixture
def axe() -> Callable[[Visitor], list[str]]:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; `npm ci` in storefront/ brings it")
    return faults


def test_everybody_can_use_it_by_day_by_night_and_on_a_narrow_phone(
    visitor, axe, show: Show, language: str
) -> None:
    # axe writes into the page in ways that the policy refuses; most other tests run with it.
    shopper = visitor(language=language, bypass_csp=True)
    show(shopper)
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        shopper.page.emulate_media(color_scheme=scheme)
        assert axe(shopper, rules) == [], scheme
    for width in (360, 320):
        shopper.page.set_viewport_size({"width": width, "height": 700})
        assert overflow(shopper) <= 0, f"scrolls sideways at {width} px"


def test_axe_would_find_a_fault(visitor, axe) -> None:
    shopper = visitor(bypass_csp=True)
    list_page(shopper)
    shopper.page.evaluate("document.querySelector('h1').after(document.createElement('button'))")
    assert any("button-name" in fault for fault in axe(shopper))


def test_a_page_that_is_too_wide_would_be_noticed(visitor) -> None:
    shopper = visitor(screen=PHONE)
    list_page(shopper)
    shopper.page.evaluate("document.querySelector('h1').style.minWidth = '500px'")
    assert overflow(shopper) > 0


def test_twice_the_text_still_fits(visitor) -> None:
    shopper = visitor(screen=DESKTOP)
    for show in (list_page, product_page, checkout_page, register_page):
        show(shopper)
        shopper.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert overflow(shopper) <= 0, show.__name__


@pytest.mark.parametrize(
    "show",
    [
        list_page,
        product_page,
        cart_drawer,
        checkout_page,
        register_page,
        account_profile,
        account_addresses,
        account_security,
    ],
)
def test_buttons_and_fields_can_be_hit_with_a_thumb(visitor, show: Show) -> None:
    shopper = visitor(screen=PHONE)
    show(shopper)
    assert shopper.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []


def test_the_drawer_keeps_focus_and_gives_it_back(visitor) -> None:
    shopper = visitor()
    list_page(shopper)
    cart = Cart(shopper).open()
    for _ in range(6):
        shopper.page.keyboard.press("Tab")
        assert shopper.page.evaluate(FOCUS_IN_DIALOG)
    shopper.page.keyboard.press("Escape")
    expect(cart.dialog).to_be_hidden()
    expect(shopper.page.locator(".header-cart")).to_be_focused()


def test_what_changes_is_said_aloud(visitor) -> None:
    shopper = visitor()
    status = shopper.page.locator("p.sr[role=status]")
    list_page(shopper)
    expect(status).to_contain_text("products")
    product = ProductPage(shopper).open("stone-mug")
    product.add()
    expect(status).to_have_text(product.t("cart.added", name="Stoneware mug"))


def overflow(visitor: Visitor) -> int:
    """How far the page is wider than its window, in pixels."""
    wide: int = visitor.page.evaluate(
        "Math.max(...[document.documentElement, ...document.querySelectorAll('dialog[open]')]"
        ".map(box => box.scrollWidth - box.clientWidth))"
    )
    return wide
