"""Subscribing, changing one's mind and one's plan, in the browser against the real shop."""

from typing import Self

from playwright.sync_api import Locator, expect

from tests.browser.account_pages import Account
from tests.browser.visitor import PHONE

# From paying to the page that shows it: webhook, queue, a worker that starts cold, the next look.
WEBHOOK_MS = 30_000
MONTHLY, YEARLY = "Care plan, monthly", "Care plan, yearly"


class Subscriptions(Account):
    def row(self, name: str) -> Locator:
        named = self.page.locator(".row-name", has_text=name)
        return self.page.locator(".subscription").filter(has=named)

    def plan(self, name: str) -> Locator:
        return self.page.locator(".plan").filter(has_text=name)

    def subscribe(self, name: str, press: str = "pay") -> Self:
        """Begin a plan, and press a button of the payment page."""
        self.plan(name).get_by_role("button").click()
        self.page.wait_for_url("**/c/pay/**")
        self.page.locator(f"button[value={press}]").click()
        return self

    def expect_status(self, name: str, status: str) -> Self:
        wanted = self.t(f"account.subscriptions.status.{status}")
        expect(self.row(name).locator(".mark")).to_have_text(wanted, timeout=WEBHOOK_MS)
        return self

    def press(self, name: str, deed: str) -> Self:
        self.row(name).get_by_role("button", name=self.t(f"account.subscriptions.{deed}")).click()
        return self


def test_a_plan_is_begun_cancelled_kept_after_all_and_changed(visitor, person) -> None:
    account = Subscriptions(visitor()).enter(person).go("subscriptions")
    expect(account.page.get_by_text(account.t("account.subscriptions.empty"))).to_be_visible()
    account.subscribe(MONTHLY)
    # Back from the payment page; the page looks again until the shop has been told.
    account.at("subscriptions").expect_status(MONTHLY, "ACTIVE")
    expect(account.row(MONTHLY)).to_contain_text("$9.00 a month")
    expect(account.plan(MONTHLY)).to_have_count(0)
    account.press(MONTHLY, "cancel")
    expect(account.row(MONTHLY)).to_contain_text("ends ")
    expect(account.heading).to_be_focused()
    account.press(MONTHLY, "resume")
    expect(account.row(MONTHLY)).to_contain_text("renews ")
    account.row(MONTHLY).locator("select").select_option("care-year")
    account.expect_status(YEARLY, "ACTIVE")
    expect(account.row(YEARLY)).to_contain_text("$90.00 a year")
    expect(account.row(MONTHLY)).to_have_count(0)
    account.page.reload()
    account.at("subscriptions").expect_status(YEARLY, "ACTIVE")


def test_what_was_not_paid_can_be_paid_or_left(visitor, person) -> None:
    account = Subscriptions(visitor(language="zh-CN", screen=PHONE)).enter(person)
    account.go("subscriptions")
    account.plan("月付").get_by_role("button").click()
    account.page.wait_for_url("**/c/pay/**")
    paying = account.page.url
    account.open("subscriptions").expect_status("月付", "INCOMPLETE")
    expect(account.row("月付").get_by_role("link")).to_have_attribute("href", paying)
    account.press("月付", "cancel")
    expect(account.row("月付")).to_have_count(0)
    account.subscribe("月付")
    account.at("subscriptions").expect_status("月付", "ACTIVE")


def test_a_refused_renewal_is_shown_with_where_to_pay_it(visitor, person, provider) -> None:
    account = Subscriptions(visitor()).enter(person).go("subscriptions")
    account.subscribe(MONTHLY).at("subscriptions").expect_status(MONTHLY, "ACTIVE")
    state = provider.http.get("/_control/state").json()["stripe"]
    email = {one["id"]: one.get("email") for one in state["customers"]}
    (mine,) = [one for one in state["subscriptions"] if email[one["customer"]] == person.email]
    provider.act(mine["id"], "fail-renewal")
    provider.deliver_what_waits()
    expect_reloaded(account, "PAST_DUE")
    link = account.row(MONTHLY).get_by_role("link", name=account.t("account.subscriptions.pay"))
    expect(link).to_be_visible()
    provider.act(mine["id"], "pay-invoice")
    provider.deliver_what_waits()
    expect_reloaded(account, "ACTIVE")
    expect(link).to_have_count(0)


def expect_reloaded(account: Subscriptions, status: str) -> None:
    """The row once the shop has worked off what it was told."""
    wanted = account.t(f"account.subscriptions.status.{status}")
    mark = account.row(MONTHLY).locator(".mark")
    for _ in range(20):
        account.page.reload()
        expect(mark).to_be_visible()
        if mark.inner_text() == wanted:
            return
    expect(mark).to_have_text(wanted)
