"""An account from the first mail to its end, in the browser against the real shop."""

import json
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.account_pages import Account, Person
from tests.browser.mailbox import RESET, VERIFY
from tests.browser.pages import OrderPage, ProductPage
from tests.browser.visitor import PHONE


def test_from_registering_to_an_order_of_ones_own(visitor, mailbox) -> None:
    person, account = Person.new(), Account(visitor()).open()
    account.link("account.register.title").click()
    account.at("register").fill(email=person.email, username="ada", password=person.password)
    account.submit.click()
    expect(account.notice).to_have_text(account.t("account.register.sent", email=person.email))
    account.link_of_a_mail("verify", mailbox.token(VERIFY, person.email))
    expect(account.notice).to_have_text(account.t("account.verify.done"))
    # The token does not stay in the address.
    assert "token" not in account.page.url
    account.link("account.sign-in.title").click()
    account.sign_in(person).expect_no_token_kept()
    expect(account.header_link).to_have_accessible_name(account.t("header.account"))
    account.go("profile")
    expect(account.page.get_by_text(account.t("account.profile.verified"))).to_be_visible()
    account.go("addresses").add_address()
    checkout = ProductPage(account.visitor).open("stone-mug").add().check_out()
    expect(checkout.field("email")).to_have_value(person.email)
    expect(checkout.field("address.line1")).to_have_value("12 Analytical Row")
    order = checkout.pay().press("pay").expect_state("paid")
    number = order.page.locator(".facts-list .number").inner_text()
    account.open()
    expect(account.rows).to_have_count(1)
    expect(account.rows).to_contain_text(number)
    account.rows.get_by_role("link").click()
    OrderPage(account.visitor).arrived().expect_state("paid")
    account.open().sign_out()
    expect(account.header_link).to_have_accessible_name(account.t("header.signIn"))
    assert account.cookie() is None
    account.page.reload()
    account.at("sign-in")


def test_the_refresh_token_is_a_cookie_that_no_script_reads(visitor, person) -> None:
    account = Account(visitor()).enter(person)
    cookie = account.cookie()
    assert cookie is not None
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert cookie["path"] == "/api/auth"
    account.expect_no_token_kept()


def test_an_unknown_account_and_a_wrong_password_read_the_same(visitor, person) -> None:
    account = Account(visitor()).open()
    for email in (person.email, Person.new().email):
        account.fill(email=email, password="Wrong-1842").submit.click()
        expect(account.trouble).to_have_text(account.t("error.WRONG_CREDENTIALS"))
        expect(account.trouble).to_be_focused()
        # Nothing typed is lost.
        expect(account.field("email")).to_have_value(email)
        expect(account.field("password")).to_have_value("Wrong-1842")


def test_the_rules_of_a_password_are_ticked_off_while_typing(visitor) -> None:
    account = Account(visitor()).open("register").fill(email="ada@example.com", password="short")
    met = account.page.locator(".rule-met")
    expect(met).to_have_count(2)
    account.submit.click()
    expect(account.fault("password")).to_have_text(account.t("field.passwordWeak"))
    account.fill(password="Long-enough-1")
    expect(met).to_have_count(6)
    expect(account.field("password")).to_have_attribute("type", "password")
    account.button("password.show").click()
    expect(account.field("password")).to_have_attribute("type", "text")


def test_a_forgotten_password_is_replaced_and_ends_all_sessions(visitor, person, mailbox) -> None:
    elsewhere = Account(visitor()).enter(person)
    account = Account(visitor()).open()
    account.link("account.sign-in.forgot").click()
    account.at("forgot").fill(email=person.email).submit.click()
    expect(account.notice).to_have_text(account.t("account.forgot.sent", email=person.email))
    account.link_of_a_mail("reset", mailbox.token(RESET, person.email))
    account.fill(newPassword="Another-1843").submit.click()
    expect(account.notice).to_have_text(account.t("account.reset.done"))
    account.link("account.sign-in.title").click()
    account.sign_in(Person(person.email, "Another-1843"))
    # The other device learns of it with its next step.
    elsewhere.page.reload()
    elsewhere.at("sign-in")
    expect(elsewhere.notice).to_have_text(elsewhere.t("account.left.ended"))


def test_a_link_that_is_not_good_says_so(visitor) -> None:
    account = Account(visitor()).link_of_a_mail("verify", "made-up")
    expect(account.notice).to_have_text(account.t("error.LINK_INVALID"))
    account.open("verify")
    expect(account.page.get_by_text(account.t("account.link.incomplete"))).to_be_visible()


def test_a_profile_is_kept_and_two_tabs_do_not_overwrite_each_other(visitor, person) -> None:
    account = Account(visitor()).enter(person).go("profile")
    expect(account.field("phone")).to_be_visible()
    late = Account(account.visitor.another_tab()).open("profile")
    expect(late.field("username")).to_be_visible()
    account.fill(username="ada_l", phone="+1 415 555 2671", birthday="1985-12-10")
    account.field("gender").select_option("female")
    account.submit.click()
    expect(account.page.locator(".saved")).to_be_visible()
    late.fill(username="somebody").submit.click()
    expect(late.trouble).to_have_text(late.t("error.PROFILE_CHANGED"))
    expect(late.field("username")).to_have_value("somebody")
    account.page.reload()
    expect(account.field("username")).to_have_value("ada_l")
    expect(account.field("phone")).to_have_value("+14155552671")
    expect(account.field("gender")).to_have_value("female")


def test_what_the_shop_refuses_of_a_profile_stands_beside_its_field(visitor, person) -> None:
    account = Account(visitor()).enter(person).go("profile")
    # It looks like a number to the page, but not to the shop.
    account.fill(username="ada", phone="0123456").submit.click()
    expect(account.fault("phone")).to_be_visible()
    expect(account.trouble).to_be_focused()
    expect(account.field("username")).to_have_value("ada")


def test_an_address_book_is_kept_with_one_default(visitor, person) -> None:
    account = Account(visitor(screen=PHONE)).enter(person).go("addresses")
    expect(account.page.get_by_text(account.t("account.addresses.empty"))).to_be_visible()
    account.add_address()
    account.add_address(country="GB", name="Charles Example", line1="1 Mill Lane")
    expect(account.cards).to_have_count(2)
    default = account.cards.filter(has=account.page.locator(".mark"))
    expect(default).to_contain_text("12 Analytical Row")
    mill = account.cards.filter(has_text="1 Mill Lane")
    mill.get_by_role("button", name=account.t("account.addresses.makeDefault")).click()
    expect(default).to_contain_text("1 Mill Lane")
    expect(default).to_have_count(1)
    mill.get_by_role("button", name=account.t("account.edit")).click()
    account.fill(line1="2 Mill Lane").button("account.save").click()
    expect(default).to_contain_text("2 Mill Lane")
    default.get_by_role("button", name=account.t("cart.remove")).click()
    expect(account.cards).to_have_count(1)
    expect(account.button("cart.undo")).to_be_focused()
    account.button("cart.undo").click()
    expect(account.cards).to_have_count(2)
    expect(default).to_contain_text("2 Mill Lane")


def test_an_address_with_faults_names_them_and_loses_nothing(visitor, person) -> None:
    account = Account(visitor()).enter(person).go("addresses")
    account.button("account.addresses.add").click()
    account.fill(name="Ada Example", city="Springfield").button("account.save").click()
    # What else is needed, the country says.
    for name in ("country", "line1"):
        expect(account.fault(name)).to_be_visible()
    expect(account.trouble).to_be_focused()
    expect(account.field("city")).to_have_value("Springfield")


def test_a_password_is_changed_here_and_signs_others_out(visitor, person) -> None:
    elsewhere = Account(visitor()).enter(person)
    account = Account(visitor()).enter(person).go("security")
    change = account.button("account.security.change")
    account.fill(currentPassword="Wrong-1842", newPassword="Another-1843")
    change.click()
    expect(account.fault("currentPassword")).to_be_visible()
    account.fill(currentPassword=person.password)
    change.click()
    expect(account.page.locator(".saved")).to_be_visible()
    # Emptied, and this device stays signed in.
    expect(account.field("newPassword")).to_have_value("")
    account.go("orders").page.reload()
    account.at("orders")
    elsewhere.page.reload()
    elsewhere.at("sign-in")


def test_what_the_shop_knows_is_taken_along_as_a_file(visitor, person) -> None:
    account = Account(visitor()).enter(person).go("addresses").add_address().go("data")
    with account.page.expect_download() as download:
        account.button("account.data.exportButton").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert isinstance(json.loads(text), dict)
    assert person.email in text
    assert "12 Analytical Row" in text


def test_an_account_is_erased_by_its_password_and_is_gone(visitor, person) -> None:
    account = Account(visitor()).enter(person).go("data")
    account.button("account.data.eraseButton").click()
    account.fill(password="Wrong-1842").button("account.data.eraseNow").click()
    expect(
        account.page.locator(".erase").locator("#error-summary, .field-error").first
    ).to_be_visible()
    account.fill(password=person.password).button("account.data.eraseNow").click()
    account.at("sign-in")
    expect(account.notice).to_have_text(account.t("account.left.erased"))
    account.fill(email=person.email, password=person.password).submit.click()
    expect(account.trouble).to_have_text(account.t("error.WRONG_CREDENTIALS"))


def test_the_account_is_used_in_chinese_on_a_phone_by_keyboard_alone(visitor, person) -> None:
    account = Account(visitor(language="zh-CN", screen=PHONE)).open()
    keys = account.page.keyboard

    def tab_to(locator: Locator) -> None:
        for _ in range(40):
            keys.press("Tab")
            if locator.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab never reaches {locator}")

    tab_to(account.field("email"))
    # Enter sends the form: what is missing is named, and focus goes there.
    keys.press("Enter")
    expect(account.trouble).to_be_focused()
    tab_to(account.trouble.get_by_role("link").first)
    keys.press("Enter")
    expect(account.field("email")).to_be_focused()
    keys.type(person.email)
    tab_to(account.field("password"))
    keys.type(person.password)
    keys.press("Enter")
    account.at("orders")
    expect(account.heading).to_be_focused()
    # The menu stands before the heading.
    for _ in range(5):
        keys.press("Shift+Tab")
    expect(account.page.locator(".account-link:focus")).to_have_text(
        account.t("account.profile.title")
    )
    keys.press("Enter")
    account.at("profile")
    expect(account.heading).to_be_focused()
    expect(account.field("username")).to_be_visible()
    keys.press("Tab")
    expect(account.button("account.profile.sendLink")).to_be_focused()
