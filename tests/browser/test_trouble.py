"""When the shop answers badly, slowly or not at all, the page says so and can go on."""

import json
import re

from playwright.sync_api import Route, expect

from tests.browser.pages import ListPage, ProductPage


def refusal(status: int, code: str, **headers: str):
    """An answer of the shop that refuses, as the gateway would give it."""
    body = {"success": False, "code": code, "message": "", "data": None, "requestId": "req-7"}

    def answer(route: Route) -> None:
        route.fulfill(
            status=status,
            headers={"Content-Type": "application/json", **headers},
            body=json.dumps(body),
        )

    return answer


def test_a_list_that_fails_can_be_asked_for_again(visitor) -> None:
    shopper = visitor()
    shopper.expects_failures = True
    shopper.page.route("**/api/products?*", refusal(500, "INTERNAL_ERROR"))
    shopper.page.goto("/")
    alert = shopper.page.get_by_role("alert")
    # A code without words of its own shows the number to tell the shop.
    expect(alert).to_contain_text("req-7")
    shopper.page.unroute("**/api/products?*")
    alert.get_by_role("button", name=shopper.t("retry")).click()
    expect(ListPage(shopper).cards.first).to_be_visible()


def test_a_read_that_fails_once_is_tried_again_unseen(visitor) -> None:
    shopper = visitor()
    shopper.expects_failures = True
    shopper.page.route(
        "**/api/products?*", refusal(503, "UNAVAILABLE", **{"Retry-After": "1"}), times=1
    )
    ListPage(shopper).open()


def test_too_many_requests_says_how_long_to_wait(visitor) -> None:
    product = ProductPage(visitor()).open("stone-mug")
    product.page.route(
        "**/api/cart/create", refusal(429, "TOO_MANY_REQUESTS", **{"Retry-After": "7"})
    )
    product.page.locator("#buy button[type=submit]").first.click()
    expect(product.page.get_by_role("alert")).to_have_text(
        product.t("error.TOO_MANY_REQUESTS", minutes=1)
    )


def test_a_checkout_that_fails_loses_nothing_and_can_be_repeated(visitor) -> None:
    shopper = visitor()
    shopper.expects_failures = True
    checkout = ProductPage(shopper).open("stone-mug").add().check_out().fill()
    shopper.page.route("**/checkout", refusal(502, "PROVIDER_FAILED"))
    checkout.pay_button.click()
    expect(shopper.page.locator("#error-summary")).to_have_text(shopper.t("error.PROVIDER_FAILED"))
    shopper.page.unroute("**/checkout")
    checkout.pay().press("pay").expect_state("paid")


def test_somebody_with_too_many_unpaid_orders_is_told_so(visitor) -> None:
    checkout = ProductPage(visitor()).open("stone-mug").add().check_out().fill()
    checkout.page.route("**/checkout", refusal(429, "TOO_MANY_HOLDS", **{"Retry-After": "890"}))
    checkout.pay_button.click()
    expect(checkout.page.locator("#error-summary")).to_have_text(
        checkout.t("error.TOO_MANY_HOLDS", minutes=15)
    )


def test_being_offline_is_said_and_ends_by_itself(visitor) -> None:
    shopper = visitor()
    ListPage(shopper).open()
    shopper.page.wait_for_load_state("networkidle")
    shopper.context.set_offline(True)
    expect(shopper.page.get_by_role("alert")).to_have_text(shopper.t("offline"))
    shopper.context.set_offline(False)
    expect(shopper.page.get_by_role("alert")).to_have_count(0)


def test_what_the_shop_refuses_stands_beside_its_field(visitor) -> None:
    checkout = ProductPage(visitor()).open("stone-mug").add().check_out()
    # It looks like an address to the page, but not to the shop.
    checkout.fill().field("email").fill("ada;@example.com")
    checkout.pay_button.click()
    expect(checkout.fault("email")).to_be_visible()
    expect(checkout.field("email")).to_have_attribute("aria-invalid", "true")
    expect(checkout.page.locator("#error-summary")).to_be_focused()


def test_missing_fields_are_named_before_anything_is_sent(visitor) -> None:
    checkout = ProductPage(visitor()).open("stone-mug").add().check_out()
    asked: list[str] = []
    checkout.page.on(
        "request",
        lambda request: request.url.endswith("/checkout") and asked.append(request.url),
    )
    checkout.pay_button.click()
    for name in ("email", "address.name", "address.line1", "address.postalCode", "address.city"):
        expect(checkout.fault(name)).to_have_text(checkout.t("field.missing"))
    assert asked == []
    # What is mended is no fault any more; the others are.
    checkout.page.locator("[name='email']").fill("ada@shop.test")
    expect(checkout.fault("email")).to_have_count(0)
    expect(checkout.fault("address.city")).to_have_text(checkout.t("field.missing"))


def lose(shopper, pattern: str) -> None:
    """Let a module not be had; that the browser says so is meant."""
    shopper.expects_lost = True
    shopper.page.route(pattern, lambda route: route.abort())


def test_a_module_that_was_lost_once_is_asked_for_again(visitor) -> None:
    shopper = visitor()
    product = ProductPage(shopper).open("stone-mug")
    lose(shopper, "**/cart-drawer.js")
    product.page.locator(".header-cart").click()
    expect(product.page.get_by_role("dialog")).to_be_visible()


def test_without_the_carts_module_the_cart_is_seen_at_the_checkout(visitor) -> None:
    shopper = visitor()
    product = ProductPage(shopper).open("stone-mug")
    lose(shopper, "**/cart-drawer.js*")
    product.page.locator(".header-cart").click()
    expect(product.page).to_have_url(re.compile("/checkout.html"))


def test_an_order_whose_actions_were_lost_says_so_and_gets_them_on_asking(visitor) -> None:
    shopper = visitor()
    checkout = ProductPage(shopper).open("stone-mug").add().check_out().fill()
    lose(shopper, "**/order-actions.js*")
    checkout.pay().leave()
    retry = shopper.page.get_by_role("alert").get_by_role("button", name=shopper.t("retry"))
    expect(retry).to_be_visible()
    shopper.page.unroute("**/order-actions.js*")
    retry.click()
    expect(retry).to_have_count(0)
