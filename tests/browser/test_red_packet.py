"""Paying by a red packet: handed in on the order's page, confirmed by the owner, followed live."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chalicelib.kernel.ids import token
from localcloud import Cloud
from tests import factory
from tests.browser.axe import AXE, faults
from tests.browser.pages import OrderPage
from tests.browser.visitor import PHONE, Visitor

# What sticks out of the page.
SIDEWAYS = """() => [...document.querySelectorAll("body *")]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => element.outerHTML.slice(0, 120))"""
Owner = Callable[[str, dict[str, Any]], None]


@pytest.fixture
def placed(cloud: Cloud) -> dict[str, Any]:
    """An order in yuan, to be paid by red packet."""
    body = {
        "variantId": "stone-mug-moss",
        "email": f"{token()}@shop.test",
        "address": factory.ADDRESS,
        "shippingMethod": "standard",
        "paymentMethod": "alipay-redpacket",
        "currency": "CNY",
    }
    answer = cloud.http.post("/api/checkout", body)
    assert answer.status < 300, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


@pytest.fixture
def owner(cloud: Cloud, placed: dict[str, Any]) -> Owner:
    """What the shop's owner says of what was handed in."""

    def says(what: str, body: dict[str, Any]) -> None:
        path = f"/api/admin/payments/{placed['paymentId']}/{what}"
        key = {"X-Api-Key": cloud.addresses["adminKey"]}
        answer = cloud.http.post(path, body, headers=key)
        assert answer.status < 300, answer.text

    return says


def hand_in(page: Page, end: str) -> None:
    """A passphrase that nobody has handed in before."""
    page.locator("#field-passphrase").fill(f"口令 {token()} {end}")
    page.locator(".packet button[type=submit]").click()


def open_order(visitor: Visitor, placed: dict[str, Any]) -> OrderPage:
    visitor.page.goto(placed["url"])
    return OrderPage(visitor).expect_state("unpaid")


def judged(visitor: Visitor) -> list[str]:
    return faults(visitor) if AXE.is_file() else []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_handed_in_rejected_handed_in_again_and_paid(
    visitor: Any, placed: dict[str, Any], owner: Owner, language: str
) -> None:
    shopper = visitor(language=language, screen=PHONE)
    order = open_order(shopper, placed)
    page = shopper.page
    expect(page.locator(".packet-steps li")).to_have_count(3)
    expect(order.pay_link).to_have_count(0)
    assert judged(shopper) == []
    assert page.evaluate(SIDEWAYS) == []
    page.locator(".packet button[type=submit]").click()
    expect(page.locator("#field-passphrase-error")).to_have_text(shopper.t("packet.missing"))
    expect(page.locator("#field-passphrase")).to_be_focused()
    hand_in(page, "21")
    order.expect_state("processing")
    expect(page.locator(".packet-mask")).to_have_text(["••••21"])
    expect(page.locator("#field-passphrase")).to_have_count(0)
    owner("reject", {"reason": "ALREADY_CLAIMED"})
    order.expect_state("unpaid")
    notice = page.locator(".packet .notice-bad")
    expect(notice).to_contain_text(shopper.t("packet.rejected.ALREADY_CLAIMED"))
    assert judged(shopper) == []
    hand_in(page, "44")
    order.expect_state("processing")
    page.goto("about:blank")
    page.goto(placed["url"])
    order.expect_state("processing")
    seen = page.locator(".packet-mask")
    expect(seen).to_have_text(["••••21", "••••44"])


def test_the_owner_confirms_and_the_page_follows(
    visitor: Any, placed: dict[str, Any], owner: Owner
) -> None:
    shopper = visitor()
    order = open_order(shopper, placed)
    hand_in(shopper.page, "66")
    order.expect_state("processing")
    owner("confirm", {"received": placed["total"]["amount"]})
    order.expect_state("paid")
    expect(shopper.page.locator(".packet")).to_have_count(0)
