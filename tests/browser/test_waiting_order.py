"""An order that waits: what its page says is true, and its buyer can still act."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.account_pages import Account
from tests.browser.pages import Cart, Hosted, OrderPage, ProductPage
from tests.browser.test_payment import at_the_payment_page
from tests.browser.test_ways_to_pay import choose
from tests.browser.visitor import PHONE

BUSY = json.dumps(
    {"success": False, "code": "PROVIDER_BUSY", "message": "busy", "data": None, "errors": []}
)


def _busy(route) -> None:
    route.fulfill(status=503, content_type="application/json", body=BUSY)


def choices(order: OrderPage, key: str):
    """Opens one of the things that can be done about the order."""
    order.page.locator("details.choices-more summary", has_text=order.t(key)).click()
    return order.page.locator("details.choices-more[open]")


def test_who_has_paid_is_believed_though_the_shop_was_never_told(visitor) -> None:
    at_the_payment_page(visitor).press("lose").expect_state("paid")


def test_a_declined_paypal_payment_says_so_at_once_and_another_way_pays(visitor) -> None:
    checkout = choose(visitor, "paypal")
    checkout.pay_button.click()
    checkout.page.locator("button[value=decline]").click()
    order = OrderPage(checkout.visitor).arrived().expect_state("declined")
    choices(order, "order.otherWay").get_by_role("button").first.click()
    Hosted(order.visitor).arrived().press("pay").expect_state("paid")


def test_while_nobody_knows_nobody_is_told_that_nothing_came(visitor) -> None:
    hosted = at_the_payment_page(visitor)
    hosted.visitor.expects_failures = True
    hosted.page.route("**/api/payment/verify/**", _busy)
    order = hosted.leave().expect_state("unsure")
    expect(order.button("order.ask")).to_be_visible()
    hosted.page.unroute("**/api/payment/verify/**")
    order.button("order.ask").click()
    order.expect_state("unpaid")


@pytest.mark.parametrize("wishes", [{}, {"screen": PHONE, "language": "zh-CN"}], ids=str)
def test_a_cancelled_order_gives_its_units_back_and_fills_the_cart(
    visitor, other_shopper, wishes
) -> None:
    variant = "field-backpack-navy"
    before = other_shopper.available(variant)
    product = ProductPage(visitor(**wishes)).open("field-backpack", variant)
    order = product.add().check_out().fill().pay().leave().expect_state("unpaid")
    box = choices(order, "order.cancel")
    box.get_by_role("button", name=order.t("order.cancelYes"), exact=True).click()
    order.expect_state("cancelled")
    assert other_shopper.available(variant) == before
    order.button("order.toCart").click()
    cart = Cart(order.visitor)
    expect(cart.lines).to_have_count(1)
    cart.check_out().fill().pay().press("pay").expect_state("paid")


def test_a_cancelled_order_seen_later_offers_its_things_once_more(visitor) -> None:
    order = at_the_payment_page(visitor).leave().expect_state("unpaid")
    box = choices(order, "order.cancel")
    box.get_by_role("button", name=order.t("order.cancelYes"), exact=True).click()
    order.expect_state("cancelled")
    order.page.evaluate("localStorage.removeItem('cartwright.cart')")
    order.page.reload()
    order.expect_state("cancelled")
    expect(order.button("order.toCart")).to_have_count(0)
    order.button("order.again").click()
    expect(Cart(order.visitor).lines).to_have_count(1)


def test_a_refusal_of_before_is_not_told_to_who_has_paid_since(visitor) -> None:
    checkout = choose(visitor, "paypal")
    checkout.pay_button.click()
    checkout.page.locator("button[value=decline]").click()
    order = OrderPage(checkout.visitor).arrived().expect_state("declined")
    order.visitor.expects_failures = True
    order.page.route("**/api/payment/verify/**", _busy)
    order.page.reload()
    # They come back as from a page that was paid, and nobody can be asked whether it was.
    expect(order.page.locator(".state")).to_have_attribute("data-state", "confirming")
    order.page.unroute("**/api/payment/verify/**")
    order.page.reload()
    order.expect_state("declined")


def test_who_keeps_the_order_after_all_has_lost_nothing(visitor) -> None:
    order = at_the_payment_page(visitor).leave().expect_state("unpaid")
    box = choices(order, "order.cancel")
    box.get_by_role("button", name=order.t("order.cancelNo"), exact=True).click()
    expect(order.page.locator("details.choices-more[open]")).to_have_count(0)
    order.expect_state("unpaid")


def test_who_has_paid_elsewhere_is_told_so_instead_of_being_cancelled(visitor, provider) -> None:
    hosted = at_the_payment_page(visitor)
    reference = hosted.reference
    order = hosted.leave().expect_state("unpaid")
    order.visitor.expects_failures = True
    # The page itself does not find out before the button is pressed.
    order.page.route("**/api/payment/verify/**", _busy)
    provider.act(reference, "pay", lose=True)
    box = choices(order, "order.cancel")
    box.get_by_role("button", name=order.t("order.cancelYes"), exact=True).click()
    order.expect_state("paid")


def test_a_guest_finds_an_open_order_of_this_browser_again(visitor) -> None:
    order = at_the_payment_page(visitor).leave().expect_state("unpaid")
    page, name = order.page, order.page.locator(".number").first.inner_text()
    page.goto("/")
    cart = Cart(order.visitor).open()
    cart.dialog.get_by_role("button", name=order.t("cart.startNew")).click()
    link = cart.dialog.locator(".open-orders a")
    expect(link).to_have_text(order.t("orders.openOne", number=name))
    account = Account(order.visitor.another_tab())
    account.page.goto("/account.html")
    expect(account.page.locator(".open-orders a")).to_have_count(1)
    link.click()
    OrderPage(order.visitor).arrived().expect_state("unpaid").pay_link.click()
    Hosted(order.visitor).arrived().press("pay").expect_state("paid")
    page.goto("/checkout.html")
    expect(page.locator("main .nothing")).to_be_visible()
    expect(page.locator(".open-orders")).to_have_count(0)


def test_the_address_of_an_open_order_stands_in_no_list_of_somebody_else(visitor) -> None:
    at_the_payment_page(visitor).leave().expect_state("unpaid")
    stranger = visitor()
    stranger.page.goto("/account.html")
    expect(stranger.page.locator("form").first).to_be_visible()
    expect(stranger.page.locator(".open-orders")).to_have_count(0)
    assert not re.search("token=", stranger.page.content())
