"""The cart: what is wished, what the shop agrees to, and what two tabs see."""

from playwright.sync_api import expect

from tests.browser.pages import Cart, Checkout, ListPage, ProductPage

MUG = "Stoneware mug"


def test_many_clicks_make_few_requests_and_the_last_wish_wins(visitor) -> None:
    cart = ProductPage(visitor()).open("stone-mug").add()
    asked: list[str] = []
    cart.page.on(
        "request", lambda request: request.url.endswith("/update") and asked.append(request.url)
    )
    for _ in range(5):
        cart.more(MUG)
    expect(cart.quantity(MUG)).to_have_value("6")
    expect(cart.subtotal).to_have_text("$96.00")
    assert 1 <= len(asked) <= 3


def test_a_wish_beyond_the_stock_is_taken_back_with_the_reason(visitor, other_shopper) -> None:
    variant = "field-backpack-moss"
    cart = ProductPage(visitor()).open("field-backpack", variant).add()
    left = other_shopper.available(variant)
    other_shopper.take(variant, left - 2)
    cart.set("Field backpack", left)
    notice = cart.line("Field backpack").locator(".notice-bad")
    expect(notice).to_contain_text(cart.t("cart.onlyLeft", count=2))
    expect(cart.quantity("Field backpack")).to_have_value("1")


def test_the_last_unit_lost_to_somebody_else_is_said_clearly(visitor, other_shopper) -> None:
    variant = "quillon-7-256gb-rose"
    checkout = ProductPage(visitor()).open("quillon-7", variant).add().check_out()
    other_shopper.take(variant, other_shopper.available(variant))
    typed = checkout.fill().field("email").input_value()
    checkout.pay_button.click()
    summary = checkout.page.locator("#error-summary")
    expect(summary).to_contain_text("Quillon 7")
    expect(summary).to_contain_text(checkout.t("cart.soldOut"))
    # Nothing that was typed is lost, and the cart says the same.
    expect(checkout.field("email")).to_have_value(typed)
    cart = Cart(checkout.visitor).open()
    expect(cart.line("Quillon 7")).to_contain_text(checkout.t("notice.SOLD_OUT"))


def test_what_the_shop_changed_meanwhile_is_told_before_checkout(visitor) -> None:
    cart = ProductPage(visitor()).open("stone-mug").add()
    page, codes = cart.page, ["WITHDRAWN", "PRICE_UNAVAILABLE", "QUANTITY_LIMIT"]
    with page.expect_response("**/update") as caught:
        cart.more(MUG)
    # The shop's answer, as it were if it had changed the mug since.
    body = caught.value.json()
    for line in body["data"]["lines"]:
        line |= {"maxPerOrder": 1, "notices": [{"code": code} for code in codes]}
    page.route("**/api/cart/*", lambda route: route.fulfill(json=body))
    page.goto("/checkout.html")
    for code in codes:
        expect(page.locator(".summary")).to_contain_text(cart.t(f"notice.{code}", count=1))
    Cart(cart.visitor).open()
    for code in codes:
        expect(cart.line(MUG)).to_contain_text(cart.t(f"notice.{code}", count=1))


def test_what_is_gone_from_the_catalogue_has_no_link_that_leads_nowhere(visitor) -> None:
    cart = ProductPage(visitor()).open("stone-mug").add()
    page = cart.page
    with page.expect_response("**/update") as caught:
        cart.more(MUG)
    body = caught.value.json()
    # As the shop answers once the variant is deleted.
    for line in body["data"]["lines"]:
        line |= {"productId": None, "slug": None, "name": "Gone", "specs": {}, "image": None}
        line |= {"available": 0, "maxPerOrder": 0, "notices": [{"code": "WITHDRAWN"}]}
    page.route("**/api/cart/*", lambda route: route.fulfill(json=body))
    page.goto("/")
    gone = Cart(cart.visitor).open().line("Gone")
    expect(gone).to_have_count(1)
    expect(gone.get_by_role("link")).to_have_count(0)


def test_what_was_removed_can_be_put_back(visitor) -> None:
    cart = ProductPage(visitor()).open("stone-mug").add()
    cart.remove(MUG)
    expect(cart.lines).to_have_count(0)
    undo = cart.button("cart.undo")
    expect(undo).to_be_focused()
    undo.click()
    expect(cart.line(MUG)).to_have_count(1)


def test_two_tabs_show_the_same_cart(visitor) -> None:
    first = visitor()
    product = ProductPage(first).open("stone-mug")
    second = first.another_tab()
    ListPage(second).open()
    product.add()
    expect(second.page.locator(".bubble")).to_have_text("1")
    cart = Cart(second).open()
    cart.more(MUG)
    expect(Cart(first).quantity(MUG)).to_have_value("2")


def test_the_cart_is_still_there_on_the_next_visit(visitor) -> None:
    shopper = visitor()
    ProductPage(shopper).open("stone-mug").add()
    ListPage(shopper).open()
    expect(shopper.page.locator(".bubble")).to_have_text("1")
    expect(Cart(shopper).open().line(MUG)).to_have_count(1)


def test_leaving_at_once_does_not_lose_the_last_click(visitor) -> None:
    shopper = visitor()
    cart = ProductPage(shopper).open("stone-mug").add()
    cart.more(MUG)
    shopper.page.goto("/checkout.html")
    checkout = Checkout(shopper).arrived()
    shopper.page.reload()
    expect(checkout.page.locator(".summary")).to_contain_text(shopper.t("line.quantity", count=2))


def test_what_is_added_after_a_checkout_goes_into_a_new_cart(visitor) -> None:
    shopper = visitor()
    hosted = ProductPage(shopper).open("stone-mug").add().check_out().fill().pay()
    hosted.leave().expect_state("unpaid")
    cart = ProductPage(shopper).open("press-pot").add()
    expect(cart.lines).to_have_count(1)
    expect(cart.line("French press")).to_have_count(1)


def test_a_cart_that_has_ended_is_followed_by_a_new_one(visitor) -> None:
    shopper = visitor()
    product = ProductPage(shopper).open("stone-mug")
    product.page.evaluate("localStorage.setItem('cartwright.cart', '\"crt_gone\"')")
    product.page.reload()
    expect(ProductPage(shopper).open("stone-mug").add().line(MUG)).to_have_count(1)
