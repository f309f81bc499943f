"""The shop's pages as people speak of them."""

import re
from typing import Any, Self
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor

ADDRESS = {
    "address.name": "Ada Example",
    "address.line1": "12 Analytical Row",
    "address.city": "Springfield",
}
# What the countries of the tests ask for besides: regions are chosen, the rest is written.
REGIONS = {
    "US": {"en": "NY", "zh-CN": "NY"},
    "CN": {"en": "Guangdong Sheng", "zh-CN": "广东省"},
}
MORE = {
    "US": {"address.postalCode": "12345"},
    "GB": {"address.postalCode": "SW1A 1AA"},
    "CN": {"address.postalCode": "510000", "address.phone": "138 0013 8000"},
}


class Part:
    """Something on a page of the shop."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page: Page = visitor.page
        self.t = visitor.t

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def button(self, key: str, **params: Any) -> Locator:
        return self.page.get_by_role("button", name=self.t(key, **params), exact=True)

    def link(self, key: str, **params: Any) -> Locator:
        return self.page.get_by_role("link", name=self.t(key, **params), exact=True)


class ListPage(Part):
    def open(self, query: str = "") -> Self:
        self.page.goto(f"/{query}")
        expect(self.cards.first).to_be_visible()
        return self

    @property
    def cards(self) -> Locator:
        return self.page.get_by_role("article")

    def names(self) -> list[str]:
        return self.cards.get_by_role("heading").all_inner_texts()

    def enter(self, name: str) -> "ProductPage":
        self.cards.get_by_role("link", name=name, exact=True).click()
        product = ProductPage(self.visitor)
        expect(product.heading).to_have_text(name)
        return product


class ProductPage(Part):
    def open(self, slug: str, variant: str = "") -> Self:
        self.page.goto(f"/product.html?slug={slug}" + (f"&variant={variant}" if variant else ""))
        expect(self.page.locator("#buy")).to_be_visible()
        return self

    @property
    def stock(self) -> Locator:
        return self.page.locator(".stock")

    @property
    def price(self) -> Locator:
        return self.page.locator(".product-price .price")

    def choose(self, value: str) -> Self:
        self.page.locator(".choice", has_text=value).click()
        return self

    def add(self) -> "Cart":
        self.page.locator("#buy").locator("button[type=submit]").first.click()
        cart = Cart(self.visitor)
        expect(cart.dialog).to_be_visible()
        return cart


class Cart(Part):
    def open(self) -> Self:
        self.page.locator(".header-cart").click()
        expect(self.dialog).to_be_visible()
        return self

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def lines(self) -> Locator:
        return self.dialog.locator(".cart-line")

    def line(self, name: str) -> Locator:
        return self.lines.filter(has_text=name)

    def quantity(self, name: str) -> Locator:
        return self.line(name).get_by_role("spinbutton")

    def more(self, name: str) -> None:
        self.line(name).get_by_role("button", name=self.t("quantity.more")).click()

    def set(self, name: str, quantity: int) -> None:
        self.quantity(name).fill(str(quantity))
        self.quantity(name).press("Tab")

    def remove(self, name: str) -> None:
        self.line(name).get_by_role("button", name=self.t("cart.remove")).click()

    @property
    def subtotal(self) -> Locator:
        return self.dialog.locator(".cart-sum strong")

    def check_out(self) -> "Checkout":
        self.dialog.get_by_role("link", name=self.t("cart.checkout")).click()
        return Checkout(self.visitor).arrived()


class Checkout(Part):
    def open(self) -> Self:
        self.page.goto("/checkout.html")
        return self.arrived()

    def arrived(self) -> Self:
        expect(self.page.locator("#checkout")).to_be_visible()
        return self

    def field(self, name: str) -> Locator:
        return self.page.locator(f"[name='{name}']")

    def fault(self, name: str) -> Locator:
        return self.page.locator(f"#field-{name.replace('.', '-')}-error")

    def fill(self, country: str = "US", email: str = "") -> Self:
        """Everything that is asked for; a mail address of its own, as one may hold only so much."""
        self.field("email").fill(email or f"ada-{uuid4().hex[:12]}@example.com")
        # First the country: the other fields are its own.
        self.field("address.country").select_option(country)
        if country in REGIONS:
            self.field("address.region").select_option(REGIONS[country][self.visitor.language])
        for name, value in (ADDRESS | MORE[country]).items():
            self.field(name).fill(value)
        return self

    @property
    def pay_button(self) -> Locator:
        return self.page.locator(".paybar button")

    def pay(self) -> "Hosted":
        self.pay_button.click()
        return Hosted(self.visitor).arrived()


class Hosted(Part):
    """The payment sandbox's page, which stands in for the provider's own."""

    def arrived(self) -> Self:
        self.page.wait_for_url(re.compile(r"/c/pay/"))
        return self

    @property
    def total(self) -> Locator:
        return self.page.locator("#total")

    @property
    def reference(self) -> str:
        return self.page.url.split("/c/pay/")[1].split("?")[0].split("#")[0]

    def press(self, action: str) -> "OrderPage":
        """`pay`, `twice`, `late` …: whatever brings the payer back to the shop."""
        self.page.locator(f"button[name=action][value={action}]").click()
        return OrderPage(self.visitor).arrived()

    def decline(self) -> Self:
        self.page.locator("button[value=fail]").click()
        expect(self.page.get_by_role("alert")).to_be_visible()
        return self

    def leave(self) -> "OrderPage":
        self.page.locator("a.back").click()
        return OrderPage(self.visitor).arrived()


class OrderPage(Part):
    def arrived(self) -> Self:
        self.page.wait_for_url(re.compile(r"/order\.html"))
        return self

    def expect_state(self, view: str) -> Self:
        """Waits for it; nobody loads the page again."""
        expect(self.page.locator(".state")).to_have_attribute("data-state", view, timeout=45_000)
        expect(self.heading).to_have_text(self.t(f"order.{view}.title"))
        return self

    @property
    def order_id(self) -> str:
        found = re.search(r"order=([^&]+)", self.page.url)
        assert found, self.page.url
        return found[1]

    @property
    def steps(self) -> Locator:
        return self.page.locator(".timeline-what")

    @property
    def pay_link(self) -> Locator:
        return self.link("order.pay")
