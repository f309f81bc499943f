"""From the shelf to a paid order, with mouse, on a phone in Chinese, and by keyboard alone."""

import re

from playwright.sync_api import expect

from tests.browser.pages import Cart, Checkout, Hosted, ListPage, OrderPage, ProductPage
from tests.browser.visitor import PHONE


def test_a_shopper_buys_on_a_desk_in_english(visitor) -> None:
    product = ListPage(visitor()).open().enter("Rolla pocket display")
    product.choose("Lagoon")
    expect(product.page).to_have_url(re.compile("variant=rolla-lagoon"))
    cart = product.add()
    expect(cart.subtotal).to_have_text("$399.00")
    cart.more("Rolla pocket display")
    expect(cart.quantity("Rolla pocket display")).to_have_value("2")
    expect(cart.subtotal).to_have_text("$798.00")
    checkout = cart.check_out().fill()
    expect(checkout.pay_button).to_have_text("Pay $803.00")
    hosted = checkout.pay()
    expect(hosted.total).to_have_text("$803.00")
    order = hosted.press("pay").expect_state("paid")
    expect(order.steps).to_have_text(["Order placed", "Payment received"])
    expect(order.page.locator(".sum-total dd")).to_have_text("$803.00")
    # What has been bought is no longer in the cart.
    expect(Cart(order.visitor).open().dialog).to_contain_text(order.t("cart.empty"))


def test_a_shopper_buys_on_a_phone_in_chinese(visitor) -> None:
    shelf = ListPage(visitor(language="zh-CN", screen=PHONE)).open()
    expect(shelf.heading).to_have_text(shelf.t("list.title"))
    product = shelf.enter("Rolla 卷轴随身屏")
    product.choose("珊瑚橙")
    # The button has scrolled away; the bar at the bottom takes its place.
    product.page.mouse.wheel(0, 2000)
    product.page.locator(".buybar").get_by_role("button", name=product.t("buy.preorder")).click()
    checkout = Cart(product.visitor).check_out()
    expect(checkout.page.locator("html")).to_have_attribute("lang", "zh-CN")
    checkout.fill(country="CN").field("shippingMethod").nth(1).check()
    expect(checkout.pay_button).to_have_text("支付 $414.00")
    order = checkout.pay().press("pay").expect_state("paid")
    expect(order.page.locator(".order")).to_contain_text("Rolla 卷轴随身屏")
    expect(order.page.locator(".address")).to_contain_text("中国")


def test_a_shopper_buys_with_the_keyboard_alone(visitor) -> None:
    shopper = visitor()
    page = shopper.page
    ListPage(shopper).open("?brand=Rollavue")

    def tab_to(locator) -> None:
        """As far as Tab goes; what it does not reach cannot be had without a mouse."""
        for _ in range(60):
            page.keyboard.press("Tab")
            if locator.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab never reaches {locator}")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=shopper.t("skip"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page.get_by_role("link", name="Rolla pocket display", exact=True))
    page.keyboard.press("Enter")
    product = ProductPage(shopper)
    expect(product.heading).to_have_text("Rolla pocket display")
    tab_to(page.locator(".choice-input:checked"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".choices-chosen")).to_have_text("Coral")
    tab_to(page.locator("#buy button[type=submit]").first)
    page.keyboard.press("Enter")
    cart = Cart(shopper)
    expect(cart.dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(cart.dialog).to_be_hidden()
    expect(page.locator("#buy button[type=submit]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(cart.quantity("Rolla pocket display")).to_have_value("2")
    tab_to(cart.dialog.get_by_role("link", name=shopper.t("cart.checkout")))
    page.keyboard.press("Enter")
    checkout = Checkout(shopper).arrived()
    tab_to(checkout.field("email"))
    # Enter in a field sends the form: what is missing is named, and focus goes there.
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    tab_to(page.locator("#error-summary a").first)
    page.keyboard.press("Enter")
    expect(checkout.field("email")).to_be_focused()
    page.keyboard.type("ada@example.com")
    for name, text in (
        ("address.name", "Ada Example"),
        ("address.line1", "12 Analytical Row"),
        ("address.city", "Springfield"),
        # A list is typed into as well.
        ("address.region", "New York"),
        ("address.postalCode", "12345"),
    ):
        tab_to(checkout.field(name))
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    hosted = Hosted(shopper).arrived()
    tab_to(page.locator("button[value=pay]"))
    page.keyboard.press("Enter")
    assert hosted
    OrderPage(shopper).arrived().expect_state("paid")
