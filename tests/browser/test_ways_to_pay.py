"""Paying by PayPal and in coins, chosen on the checkout page, on each provider's own page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Checkout, OrderPage, ProductPage
from tests.browser.visitor import PHONE

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
    expect(ways).to_have_text(
        [
            re.compile("银行卡"),
            "PayPal",
            re.compile("加密货币"),
            re.compile("TRC20"),
            re.compile("ERC20"),
        ]
    )


def test_a_card_is_chosen_unless_somebody_says_otherwise(visitor) -> None:
    checkout = ProductPage(visitor()).open("stone-mug").add().check_out().fill()
    expect(checkout.page.locator("input[name=paymentMethod][value=stripe]")).to_be_checked()


def send(order: OrderPage, sandbox: str) -> str:
    """Send what the order's page asks for from a wallet, and have it confirmed; the hash."""
    amount, address = order.page.locator(".pay-here .copied-text").all_text_contents()
    wallet: Page = order.visitor.context.new_page()
    wallet.goto(f"{sandbox}/usdt/wallet/usdt-trc20")
    wallet.locator("#address").fill(address)
    wallet.locator("#amount").fill(amount.split()[0])
    wallet.locator("button[value=send]").click()
    sent = wallet.locator("#hash").inner_text()
    wallet.locator("button[value=confirm]").click()
    expect(wallet.get_by_role("status")).to_be_visible()
    wallet.close()
    return sent


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_shopper_sends_coins_and_hands_the_hash_in(visitor, cloud, language) -> None:
    checkout = choose(visitor, "usdt-trc20", screen=PHONE, language=language)
    checkout.pay_button.click()
    order = OrderPage(checkout.visitor).arrived().expect_state("unpaid")
    panel = order.page.locator(".pay-here")
    expect(panel.locator("h2")).to_be_visible()
    expect(panel.get_by_role("img", name=order.visitor.t("pay.transfer.qr"))).to_be_visible()
    expect(order.page.get_by_role("timer")).to_be_visible()
    field, button = panel.locator("[name=hash]"), panel.locator("button[type=submit]")
    checkout.visitor.expects_failures = True
    field.fill("half a hash")
    button.click()
    expect(order.page.locator("#field-hash-error")).to_contain_text("64")
    field.fill(send(order, cloud.addresses["sandbox"]))
    button.click()
    order.expect_state("paid")
