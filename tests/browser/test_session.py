"""Staying signed in, and leaving: tabs, devices, the cart that comes along, and guests."""

import json

from playwright.sync_api import Route, expect

from tests.browser.account_pages import Account, Person
from tests.browser.mailbox import VERIFY
from tests.browser.pages import Cart, Checkout, Hosted, ListPage, OrderPage, ProductPage


def reload_at_once(*accounts: Account) -> None:
    """Start loading all pages again before any of them has an answer."""
    for account in accounts:
        account.page.evaluate("void setTimeout(() => location.reload())")
    for account in accounts:
        account.page.wait_for_load_state("networkidle")


def test_tabs_that_refresh_at_once_all_stay_signed_in(visitor, person) -> None:
    first = Account(visitor()).enter(person)
    tabs = [first, *[Account(first.visitor.another_tab()).open() for _ in range(3)]]
    for _ in range(3):
        reload_at_once(*tabs)
        for tab in tabs:
            tab.at("orders")
    first.page.reload()
    first.at("orders")


def test_a_token_that_has_ended_is_renewed_unseen(visitor, person) -> None:
    account = Account(visitor()).enter(person)
    answered: list[int] = []

    def once_refused(route: Route) -> None:
        """The shop's answer to a token whose time is over."""
        body = {"success": False, "code": "TOKEN_INVALID", "message": "", "data": None}
        route.fulfill(status=401, content_type="application/json", body=json.dumps(body))

    account.page.route("**/api/user/profile", once_refused, times=1)
    account.page.on(
        "response",
        lambda answer: answer.url.endswith("/profile") and answered.append(answer.status),
    )
    account.go("profile")
    expect(account.field("username")).to_be_visible()
    assert answered == [401, 200]


def test_signing_out_in_one_tab_empties_the_other(visitor, person) -> None:
    first = Account(visitor()).enter(person).go("profile")
    second = Account(first.visitor.another_tab()).open("addresses")
    first.sign_out()
    # Nobody touches the second tab.
    second.at("sign-in")
    expect(second.header_link).to_have_accessible_name(second.t("header.signIn"))


def test_who_pays_before_the_address_has_come_into_the_form_is_not_asked_for_it(
    visitor, person
) -> None:
    shopper = visitor()
    Account(shopper).enter(person).go("addresses").add_address()
    product = ProductPage(shopper).open("stone-mug").add()
    held: list[Route] = []
    shopper.page.route("**/api/user/addresses", lambda route: held.append(route), times=1)
    with shopper.page.expect_request("**/api/user/addresses"):
        checkout = product.check_out()
    checkout.pay_button.click()
    held[0].continue_()
    Hosted(shopper).arrived()


def test_signing_out_leaves_no_order_and_no_address_in_other_tabs(visitor, person) -> None:
    shopper = visitor()
    Account(shopper).enter(person).go("addresses").add_address()
    ProductPage(shopper).open("stone-mug").add().check_out().pay().press("pay").expect_state("paid")
    Account(shopper).open().rows.get_by_role("link").click()
    order = OrderPage(shopper).arrived().expect_state("paid")
    desk = shopper.another_tab()
    checkout = ProductPage(desk).open("stone-mug").add().check_out()
    expect(checkout.field("address.line1")).to_have_value("12 Analytical Row")
    Account(shopper.another_tab()).open().sign_out()
    expect(order.heading).to_have_text(order.t("order.unknown"))
    expect(order.page.get_by_text("12 Analytical Row")).to_have_count(0)
    Account(desk).at("sign-in")


def test_devices_are_listed_and_one_is_signed_out_from_another(visitor, person) -> None:
    stolen = Account(visitor()).enter(person)
    account = Account(visitor()).enter(person).go("security")
    expect(account.rows).to_have_count(2)
    this = account.rows.filter(has_text=account.t("account.security.this"))
    expect(this).to_have_count(1)
    expect(this.get_by_role("button")).to_have_count(0)
    expect(this).to_contain_text("Linux")
    account.rows.get_by_role("button", name=account.t("account.security.end")).click()
    expect(account.rows).to_have_count(1)
    stolen.page.reload()
    stolen.at("sign-in")
    expect(stolen.notice).to_have_text(stolen.t("account.left.ended"))
    account.page.reload()
    expect(account.rows).to_have_count(1)


def test_signing_out_everywhere_signs_out_every_device(visitor, person) -> None:
    elsewhere = Account(visitor()).enter(person)
    account = Account(visitor()).enter(person).go("security")
    account.button("account.security.endAll").click()
    account.at("sign-in")
    elsewhere.page.reload()
    elsewhere.at("sign-in")


def test_a_guests_cart_comes_along_and_the_page_says_what_merged(visitor, person) -> None:
    shopper = visitor()
    account = Account(shopper).enter(person)
    ProductPage(shopper).open("stone-mug").add()
    account.open().sign_out()
    # Signed out, this browser shows nothing of the account's cart.
    expect(Cart(shopper).open().dialog).to_contain_text(shopper.t("cart.empty"))
    ProductPage(shopper).open("rolla").add()
    account.open("", "&back=checkout").sign_in(person)
    expect(account.notice).to_contain_text(account.t("merged.added", count=1))
    expect(Cart(shopper).open().lines).to_have_count(2)
    shopper.page.keyboard.press("Escape")
    account.notice.get_by_role("link").click()
    Checkout(shopper).arrived()


def test_a_cart_that_was_a_guests_alone_comes_along_to_the_checkout(visitor, person) -> None:
    checkout = ProductPage(visitor()).open("stone-mug").add().check_out()
    checkout.link("checkout.signIn").click()
    account = Account(checkout.visitor).at("sign-in")
    account.fill(email=person.email, password=person.password).submit.click()
    checkout.arrived()
    expect(checkout.field("email")).to_have_value(person.email)
    expect(checkout.page.locator(".summary .line")).to_have_count(1)


def test_the_accounts_cart_is_there_on_another_device(visitor, person) -> None:
    desk = visitor()
    Account(desk).enter(person)
    ProductPage(desk).open("stone-mug").add()
    phone = visitor()
    Account(phone).enter(person)
    expect(Cart(phone).open().lines).to_have_count(1)


def test_orders_of_a_guest_are_claimed_once_the_address_is_verified(visitor, mailbox) -> None:
    person = Person.new()
    shopper = visitor()
    checkout = ProductPage(shopper).open("stone-mug").add().check_out().fill(email=person.email)
    checkout.pay().press("pay").expect_state("paid")
    account = Account(shopper).open("register").fill(email=person.email, password=person.password)
    account.submit.click()
    token = mailbox.token(VERIFY, person.email)
    account.enter(person).button("account.orders.claim").click()
    expect(account.notice).to_have_text(account.t("error.EMAIL_NOT_VERIFIED"))
    account.link_of_a_mail("verify", token)
    expect(account.notice).to_have_text(account.t("account.verify.done"))
    account.open().button("account.orders.claim").click()
    expect(account.notice).to_have_text(account.t("account.orders.claimed", count=1))
    expect(account.rows).to_have_count(1)
    account.field("status").select_option("CANCELLED")
    expect(account.page.get_by_text(account.t("account.orders.empty"))).to_be_visible()


def test_a_guest_sends_no_token_and_asks_for_none(visitor) -> None:
    shopper = visitor()
    signed: list[str] = []
    shopper.page.on(
        "request",
        lambda request: (
            ("authorization" in request.headers or "/api/auth/" in request.url)
            and signed.append(request.url)
        ),
    )
    ListPage(shopper).open()
    ProductPage(shopper).open("stone-mug").add().check_out().fill().pay().press("pay").expect_state(
        "paid"
    )
    assert signed == []
