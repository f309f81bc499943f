"""Everything that can happen between the pay button and the money."""

import re

from playwright.sync_api import expect

from tests.browser.pages import Cart, Checkout, Hosted, OrderPage, ProductPage


def at_the_payment_page(visitor, slug: str = "stone-mug", **wishes) -> Hosted:
    """A shopper with one thing, standing before the provider's page."""
    product = ProductPage(visitor(**wishes)).open(slug)
    return product.add().check_out().fill().pay()


def test_a_declined_card_can_be_followed_by_a_good_one(visitor) -> None:
    hosted = at_the_payment_page(visitor).decline()
    hosted.press("pay").expect_state("paid")


def test_an_order_left_unpaid_expires_and_its_units_come_back(
    visitor, provider, other_shopper
) -> None:
    variant = "field-backpack-navy"
    before = other_shopper.available(variant)
    product = ProductPage(visitor()).open("field-backpack", variant)
    hosted = product.add().check_out().fill().pay()
    assert other_shopper.available(variant) == before - 1
    reference = hosted.reference
    order = hosted.leave().expect_state("unpaid")
    expect(order.page.locator(".countdown")).to_be_visible()
    # The shopper goes on looking at the page while the time runs out.
    provider.act(reference, "expire")
    order.expect_state("expired")
    assert other_shopper.available(variant) == before
    expect(order.pay_link).to_have_count(0)


def test_buying_again_puts_the_lines_of_a_lost_order_into_a_new_cart(visitor, provider) -> None:
    hosted = at_the_payment_page(visitor)
    reference = hosted.reference
    order = hosted.leave()
    provider.act(reference, "expire")
    order.expect_state("expired").button("order.again").click()
    cart = Cart(order.visitor)
    expect(cart.lines).to_have_count(1)
    cart.check_out().fill().pay().press("pay").expect_state("paid")


def test_who_closes_the_payment_page_can_pay_from_the_order_page(visitor) -> None:
    hosted = at_the_payment_page(visitor)
    order = hosted.leave().expect_state("unpaid")
    order.pay_link.click()
    Hosted(order.visitor).arrived().press("pay").expect_state("paid")


def test_back_from_the_payment_page_finds_the_order_and_types_nothing_again(visitor) -> None:
    hosted = at_the_payment_page(visitor)
    hosted.page.go_back()
    checkout = Checkout(hosted.visitor)
    link = checkout.page.locator("main").get_by_role("link", name=checkout.t("cart.toOrder"))
    link.click()
    order = OrderPage(hosted.visitor).arrived().expect_state("unpaid")
    order.pay_link.click()
    Hosted(order.visitor).arrived().press("pay").expect_state("paid")


def test_two_clicks_on_pay_make_one_paid_order(visitor) -> None:
    order = at_the_payment_page(visitor).press("twice").expect_state("paid")
    expect(order.steps).to_have_text(["Order placed", "Payment received"])


def test_a_late_notification_keeps_nobody_waiting(visitor, provider) -> None:
    order = at_the_payment_page(visitor).press("late").expect_state("paid")
    provider.deliver_what_waits()
    order.expect_state("paid")


def test_an_order_page_follows_a_payment_made_elsewhere(visitor) -> None:
    hosted = at_the_payment_page(visitor)
    payment = hosted.page.url
    order = hosted.leave().expect_state("unpaid")
    phone = visitor()
    phone.page.goto(payment)
    Hosted(phone).press("pay").expect_state("paid")
    order.expect_state("paid")


def test_a_double_click_on_the_button_places_one_order(visitor) -> None:
    checkout = ProductPage(visitor()).open("stone-mug").add().check_out().fill()
    asked: list[str] = []
    checkout.page.on(
        "request",
        lambda request: request.url.endswith("/checkout") and asked.append(request.url),
    )
    checkout.pay_button.dblclick()
    Hosted(checkout.visitor).arrived()
    assert len(asked) == 1


def test_an_order_is_shown_to_nobody_without_its_key(visitor) -> None:
    order = at_the_payment_page(visitor).leave().expect_state("unpaid")
    stranger = visitor()
    stranger.page.goto(f"/order.html#order={order.order_id}&token=guessed")
    expect(OrderPage(stranger).heading).to_have_text(stranger.t("order.unknown"))
    stranger.page.goto("/order.html")
    expect(OrderPage(stranger).heading).to_have_text(stranger.t("order.unknown"))


def test_the_order_page_works_again_on_another_device(visitor) -> None:
    order = at_the_payment_page(visitor).press("pay").expect_state("paid")
    address = re.sub(r"\?[^#]*", "", order.page.url)
    other = visitor(language="zh-CN")
    other.page.goto(address)
    OrderPage(other).expect_state("paid")
