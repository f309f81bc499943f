"""Everybody can use it: axe finds nothing, nothing scrolls sideways, targets can be hit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.account_pages import Account, Person
from tests.browser.pages import Cart, Checkout, ListPage, OrderPage, ProductPage
from tests.browser.visitor import DESKTOP, PHONE, Visitor

AXE = Path(__file__).parents[2] / "storefront" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
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

Show = Callable[[Visitor], None]


def list_page(visitor: Visitor) -> None:
    ListPage(visitor).open()


def filtered_list(visitor: Visitor) -> None:
    ListPage(visitor).open("?brand=Ardovale&sort=price")


def empty_list(visitor: Visitor) -> None:
    visitor.page.goto("/?brand=Nobody")
    expect(ListPage(visitor).link("list.clear")).to_be_visible()


def product_page(visitor: Visitor) -> None:
    ProductPage(visitor).open("model-pi")


def sold_out_product(visitor: Visitor) -> None:
    ProductPage(visitor).open("model-pi", "model-pi-performance-ember-red")


def cart_drawer(visitor: Visitor) -> None:
    expect(ProductPage(visitor).open("rolla").add().lines).to_have_count(1)


def empty_cart(visitor: Visitor) -> None:
    ListPage(visitor).open()
    Cart(visitor).open()


def checkout_page(visitor: Visitor) -> Checkout:
    ProductPage(visitor).open("stone-mug").add()
    return Checkout(visitor).open()


def checkout_with_faults(visitor: Visitor) -> None:
    checkout_page(visitor).pay_button.click()
    expect(visitor.page.locator("#error-summary")).to_be_focused()


def unpaid_order(visitor: Visitor) -> OrderPage:
    return checkout_page(visitor).fill().pay().leave().expect_state("unpaid")


def order_to_be_paid_here(visitor: Visitor) -> None:
    checkout = checkout_page(visitor).fill()
    checkout.page.locator("input[name=paymentMethod][value=usdt-trc20]").check()
    checkout.pay_button.click()
    expect(checkout.page.locator(".pay-here [name=hash]")).to_be_visible()


def paid_order(visitor: Visitor) -> None:
    checkout_page(visitor).fill().pay().press("pay").expect_state("paid")


def unknown_order(visitor: Visitor) -> None:
    visitor.page.goto("/order.html")
    expect(OrderPage(visitor).heading).to_be_visible()


def sign_in_page(visitor: Visitor) -> None:
    Account(visitor).open()


def sign_in_with_faults(visitor: Visitor) -> None:
    Account(visitor).open().submit.click()
    expect(visitor.page.locator("#error-summary")).to_be_focused()


def register_page(visitor: Visitor) -> None:
    expect(Account(visitor).open("register").fill(password="Half-way").submit).to_be_visible()


def refused_link(visitor: Visitor) -> None:
    expect(Account(visitor).link_of_a_mail("verify", "made-up").notice).to_be_visible()


def signed_in(visitor: Visitor) -> Account:
    return Account(visitor).enter(Person.registered(visitor.shop))


def account_balance(visitor: Visitor) -> None:
    account = signed_in(visitor).go("balance")
    expect(account.page.get_by_text(visitor.t("account.balance.empty"))).to_be_visible()


def account_orders(visitor: Visitor) -> None:
    expect(signed_in(visitor).page.get_by_text(visitor.t("account.orders.empty"))).to_be_visible()


def account_subscriptions(visitor: Visitor) -> None:
    """One that waits to be paid, and what else there is."""
    account = signed_in(visitor).go("subscriptions")
    account.page.locator(".plan").first.get_by_role("button").click()
    account.page.wait_for_url("**/c/pay/**")
    account.open("subscriptions")
    expect(account.page.locator(".subscription")).to_be_visible()


def account_profile(visitor: Visitor) -> None:
    expect(signed_in(visitor).go("profile").field("username")).to_be_visible()


def account_addresses(visitor: Visitor) -> None:
    expect(signed_in(visitor).go("addresses").add_address().cards).to_have_count(1)


def address_form(visitor: Visitor) -> None:
    account = signed_in(visitor).go("addresses")
    account.button("account.addresses.add").click()
    account.button("account.save").click()
    expect(account.trouble).to_be_focused()


def account_security(visitor: Visitor) -> None:
    expect(signed_in(visitor).go("security").rows).to_have_count(1)


def account_data(visitor: Visitor) -> None:
    account = signed_in(visitor).go("data")
    account.button("account.data.eraseButton").click()
    expect(account.field("password")).to_be_visible()


def missing_page(visitor: Visitor) -> None:
    visitor.page.goto("/404.html")
    expect(ListPage(visitor).heading).to_be_visible()


VIEWS: list[Show] = [
    list_page,
    filtered_list,
    empty_list,
    product_page,
    sold_out_product,
    cart_drawer,
    empty_cart,
    checkout_page,
    checkout_with_faults,
    unpaid_order,
    paid_order,
    unknown_order,
    sign_in_page,
    sign_in_with_faults,
    register_page,
    refused_link,
    account_orders,
    account_balance,
    account_profile,
    account_addresses,
    address_form,
    account_security,
    account_data,
    missing_page,
    account_subscriptions,
    order_to_be_paid_here,
]
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
    source = AXE.read_text(encoding="utf-8")

    def judge(visitor: Visitor, rules: list[str] = RULES) -> list[str]:
        visitor.page.evaluate(source)
        found: dict[str, Any] = visitor.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
        )
        return [
            f"{one['id']}: {node['html']} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    return judge


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
