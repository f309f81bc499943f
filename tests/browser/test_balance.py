"""The store balance in the browser: it pays a part of an order, or all of it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.account_pages import Account, Person
from tests.browser.pages import Checkout, OrderPage, ProductPage


@pytest.fixture
def credit(cloud) -> Any:
    """Puts money into somebody's balance, as an administrator does."""
    owner = {"X-Api-Key": cloud.secrets["admin/key"]}

    def give(person: Person, amount: int) -> None:
        found = cloud.http.get(f"/api/admin/users?q={person.email}", owner).json()["data"]["items"]
        body = {
            "userId": found[0]["id"],
            "amount": {"amount": amount, "currency": "USD"},
            "reason": "a broken mug",
        }
        answer = cloud.http.post("/api/admin/balance/adjust", body, owner)
        assert answer.status == 200, answer.text

    return give


def check_out(account: Account, person: Person) -> Checkout:
    account.enter(person).go("addresses").add_address()
    return ProductPage(account.visitor).open("stone-mug").add().check_out()


def test_a_balance_pays_a_part_and_the_card_the_rest(visitor, person, credit) -> None:
    credit(person, 1200)
    account = Account(visitor())
    checkout = check_out(account, person)
    whole = checkout.pay_button.inner_text()
    use = checkout.page.get_by_label(account.t("checkout.useBalance", there="$12.00"))
    use.check()
    expect(checkout.pay_button).not_to_have_text(whole)
    rest = checkout.pay_button.inner_text().split("$")[1]
    hosted = checkout.pay()
    expect(hosted.total).to_contain_text(rest)
    order = hosted.press("pay").expect_state("paid")
    expect(order.page.locator(".sums")).to_contain_text(account.t("sum.byBalance"))
    account.open("balance")
    expect(account.rows.first).to_contain_text("$0.00")
    expect(account.rows).to_have_count(3)


def test_a_balance_that_is_enough_pays_at_once(visitor, person, credit) -> None:
    credit(person, 50_000)
    account = Account(visitor())
    checkout = check_out(account, person)
    checkout.page.locator("input[name=useBalance]").check()
    expect(checkout.pay_button).to_have_text(account.t("checkout.payByBalance"))
    checkout.pay_button.click()
    OrderPage(account.visitor).arrived().expect_state("paid")


def test_who_has_nothing_is_offered_nothing(visitor, person) -> None:
    checkout = check_out(Account(visitor()), person)
    expect(checkout.field("address.line1")).to_have_value("12 Analytical Row")
    expect(checkout.page.locator("input[name=useBalance]")).to_have_count(0)
    expect(checkout.page.locator("input[name=paymentMethod][value=balance]")).to_have_count(0)
