"""Paying by PayPal and in coins, chosen on the checkout page, on each provider's own page."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import Checkout, OrderPage, ProductPage

PAGES = {"paypal": "**/paypal/checkoutnow**", "oxapay": "**/oxapay/pay/**"}


def choose(visitor, way: str, **wishes) -> Checkout:
    """A shopper at the checkout who has chosen this way to pay."""
    checkout = ProductPage(visitor(**wishes)).open("stone-mug").add().check_out().fill()
    checkout.page.locator(f"input[name=paymentMethod][value={way}]").check()
    return checkout


@pytest.mark.parametrize("way", PAGES)
def test_a_shopper_pays_on_the_page_of_the_provider_chosen(visitor, way) -> None:
    checkout = choose(visitor, way)
    checkout.pay_button.click()
    checkout.page.wait_for_url(PAGES[way])
    checkout.page.locator("button[value=pay]").click()
    order = OrderPage(checkout.visitor).arrived().expect_state("paid")
    expect(order.steps).to_have_text(["Order placed", "Payment received"])


def test_the_ways_are_named_in_the_shoppers_language(visitor) -> None:
    checkout = choose(visitor, "oxapay", language="zh-CN")
    legend = checkout.page.locator("legend", has_text=checkout.t("checkout.payBy"))
    expect(legend).to_be_visible()
    ways = checkout.page.locator("fieldset", has=legend).locator(".way-name")
    expect(ways).to_have_text([re.compile("银行卡"), "PayPal", re.compile("加密货币")])


def test_a_card_is_chosen_unless_somebody_says_otherwise(visitor) -> None:
    checkout = ProductPage(visitor()).open("stone-mug").add().check_out().fill()
    expect(checkout.page.locator("input[name=paymentMethod][value=stripe]")).to_be_checked()
