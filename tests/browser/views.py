"""All that there is to see in the shop, and how a visitor comes to see it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.account_pages import Account, Person
from tests.browser.pages import Cart, Checkout, ListPage, OrderPage, ProductPage
from tests.browser.visitor import Visitor

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
