"""The account's pages as people speak of them."""

import re
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from playwright.sync_api import Locator, expect

from localcloud.aws import Http
from tests.browser.pages import ADDRESS, MORE, REGIONS, Part

PASSWORD = "Teapot-1842"


@dataclass
class Person:
    """Somebody with an account."""

    email: str
    password: str = PASSWORD

    @classmethod
    def new(cls) -> "Person":
        return cls(f"ada-{uuid4().hex[:12]}@example.com")

    @classmethod
    def registered(cls, shop: str) -> "Person":
        """Registered over the API of the shop at this address: most tests begin after that."""
        person = cls.new()
        body = {"email": person.email, "password": person.password}
        answer = Http(shop).post("/api/auth/register", body)
        assert answer.status == 201, answer.text
        return person


class Account(Part):
    def open(self, section: str = "", extra: str = "") -> Self:
        self.page.goto(f"/account.html?section={section}{extra}")
        expect(self.heading).to_be_visible()
        return self

    def link_of_a_mail(self, section: str, token: str) -> Self:
        return self.open(section, f"#token={token}")

    def link(self, key: str, **params: Any) -> Locator:
        """In the page's own part; the header has a way to the account, too."""
        main = self.page.locator("main")
        return main.get_by_role("link", name=self.t(key, **params), exact=True)

    def field(self, name: str) -> Locator:
        return self.page.locator(f"[name='{name}']")

    def fault(self, name: str) -> Locator:
        return self.page.locator(f"#field-{name}-error")

    def fill(self, **values: str) -> Self:
        for name, value in values.items():
            self.field(name).fill(value)
        return self

    @property
    def submit(self) -> Locator:
        return self.page.locator("main form button[type=submit]")

    @property
    def trouble(self) -> Locator:
        return self.page.locator("#error-summary")

    @property
    def notice(self) -> Locator:
        return self.page.locator("main .notice")

    @property
    def header_link(self) -> Locator:
        return self.page.locator(".header-account")

    def at(self, section: str) -> Self:
        expect(self.heading).to_have_text(self.t(f"account.{section}.title"))
        return self

    def go(self, section: str) -> Self:
        """By the menu; focus goes where the section begins."""
        self.page.locator(".account-menu").get_by_role(
            "link", name=self.t(f"account.{section}.title"), exact=True
        ).click()
        return self.at(section)

    def sign_in(self, person: Person) -> Self:
        self.fill(email=person.email, password=person.password).submit.click()
        return self.at("orders")

    def sign_out(self) -> Self:
        self.button("account.signOut").click()
        return self.at("sign-in")

    def enter(self, person: Person) -> Self:
        """Open the page and sign in."""
        return self.open().sign_in(person)

    @property
    def rows(self) -> Locator:
        return self.page.locator(".rows .row")

    # ---- address book --------------------------------------------------------------------

    @property
    def cards(self) -> Locator:
        return self.page.locator(".address-card")

    def add_address(self, country: str = "US", **changes: str) -> Self:
        self.button("account.addresses.add").click()
        known = (ADDRESS | MORE[country]).items()
        words = {name.removeprefix("address."): value for name, value in known}
        self.field("country").select_option(country)
        if country in REGIONS:
            self.field("region").select_option(REGIONS[country][self.visitor.language])
        self.fill(**{**words, **changes})
        self.button("account.save").click()
        expect(self.page.locator("main form")).to_have_count(0)
        return self

    def cookie(self) -> dict[str, object] | None:
        """The refresh token's cookie as the browser keeps it."""
        found = [one for one in self.visitor.context.cookies() if one["name"] == "refresh"]
        return dict(found[0]) if found else None

    def expect_no_token_kept(self) -> Self:
        """No token lies in any store that a script can read."""
        kept = self.page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
        )
        assert not re.search(r"eyJ|refresh|\.[0-9]+\.[\w-]{20}", kept), kept
        return self
