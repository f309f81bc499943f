"""The address is asked for as its country writes it, at the checkout and in the address book."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.account_pages import Account
from tests.browser.pages import Checkout, ProductPage
from tests.browser.visitor import PHONE


def at_the_checkout(visitor, **wishes) -> Checkout:
    return ProductPage(visitor(**wishes)).open("stone-mug").add().check_out()


def label(checkout: Checkout, name: str) -> Locator:
    return checkout.page.locator(f"label[for='field-{name.replace('.', '-')}']")


def names(checkout: Checkout) -> list[str]:
    """The fields of the address, in the order of the page, without the country."""
    return checkout.page.locator("[name^='address.']").evaluate_all(
        "all => all.map((one) => one.name.slice(8)).filter((name) => name !== 'country')"
    )


def test_fields_and_their_names_follow_the_country(visitor) -> None:
    checkout = at_the_checkout(visitor)
    checkout.field("address.country").select_option("US")
    expect(label(checkout, "address.region")).to_contain_text("State")
    expect(label(checkout, "address.postalCode")).to_contain_text("ZIP code")
    checkout.field("address.country").select_option("AE")
    expect(label(checkout, "address.region")).to_contain_text("Emirate")
    expect(checkout.field("address.postalCode")).to_have_count(0)
    assert names(checkout) == ["name", "line1", "line2", "region", "phone"]


def test_a_region_is_of_its_country_and_what_was_typed_stays(visitor) -> None:
    checkout = at_the_checkout(visitor)
    checkout.fill()
    checkout.field("address.country").select_option("CA")
    expect(label(checkout, "address.region")).to_contain_text("Province")
    expect(checkout.field("address.region")).to_have_value("")
    expect(checkout.field("address.line1")).to_have_value("12 Analytical Row")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_a_chinese_reader_fills_in_a_chinese_form(visitor, scheme) -> None:
    checkout = at_the_checkout(visitor, language="zh-CN", screen=PHONE, scheme=scheme)
    checkout.field("address.country").select_option("CN")
    expect(label(checkout, "address.district")).to_have_count(1)
    assert names(checkout)[:4] == ["postalCode", "region", "city", "district"]
    checkout.pay_button.click()
    # The carriers there call; the form says so before anything is sent.
    expect(checkout.fault("address.phone")).to_be_visible()
    expect(checkout.fault("address.region")).to_be_visible()
    assert checkout.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_what_the_shop_alone_can_tell_stands_beside_its_field(visitor) -> None:
    checkout = at_the_checkout(visitor).fill()
    # A ZIP code, but none of New York's.
    checkout.field("address.postalCode").fill("95014")
    checkout.pay_button.click()
    expect(checkout.fault("address.postalCode")).to_be_visible()
    checkout.field("address.postalCode").fill("12345")
    checkout.pay()


def test_without_the_country_s_form_an_order_still_can_be_placed(visitor) -> None:
    arrived = visitor()
    arrived.expects_failures = True
    arrived.page.route("**/api/address-forms/*", lambda route: route.abort())
    checkout = ProductPage(arrived).open("stone-mug").add().check_out()
    checkout.field("email").fill("ada@example.com")
    for name, value in {
        "name": "Ada",
        "line1": "12 Analytical Row",
        "city": "Springfield",
        "region": "New York",
        "postalCode": "12345",
    }.items():
        checkout.field(f"address.{name}").fill(value)
    checkout.field("address.country").select_option("US")
    checkout.field("address.region").fill("New York")
    checkout.pay()


def test_the_address_book_asks_as_the_country_does(visitor, person) -> None:
    account = Account(visitor(screen=PHONE)).enter(person).go("addresses")
    account.button("account.addresses.add").click()
    account.field("country").select_option("HK")
    expect(account.page.locator("label[for='field-region']")).to_contain_text("Area")
    account.field("region").select_option("Kowloon")
    account.fill(name="Ada Example", line1="1 Nathan Road")
    account.button("account.save").click()
    expect(account.cards).to_contain_text("Kowloon")
