"""Somebody at the shop: a browser profile of their own, a language, a screen."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

TEXTS = Path(__file__).parents[2] / "storefront" / "shop" / "texts"
PATIENCE_MS = 15_000

DESKTOP = (1280, 850)
PHONE = (360, 740)


@dataclass
class Visitor:
    """A page of the shop, and all that went wrong on it (`troubles`)."""

    context: BrowserContext
    page: Page
    shop: str
    language: str
    troubles: list[str] = field(default_factory=list)
    # Answers of 500 and above that a test causes on purpose.
    expects_failures: bool = False
    # Files that a test lets nobody have.
    expects_lost: bool = False

    @classmethod
    def arrive(
        cls,
        browser: Browser,
        shop: str,
        *,
        language: str = "en",
        screen: tuple[int, int] = DESKTOP,
        scheme: str = "light",
        **options: Any,
    ) -> Self:
        """A new profile; `options` are Playwright's own for a context."""
        context = browser.new_context(
            base_url=shop,
            locale="en-US" if language == "en" else language,
            viewport={"width": screen[0], "height": screen[1]},
            color_scheme=scheme,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        # A function that was just deployed takes its time over its first answer.
        expect.set_options(timeout=PATIENCE_MS)
        visitor = cls(context, context.new_page(), shop, language)
        visitor.watch(visitor.page)
        return visitor

    def watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # The browser reports every answer of 400 and above; the shop's refusals are no fault,
        # and what is not the shop's (the payment page) is not judged here.
        lost = "Failed to load resource" in message.text
        refusal = lost and ("/api/" in address or self.expects_lost)
        if message.type == "error" and address.startswith(self.shop) and not refusal:
            self.troubles.append(f"console: {message.text} ({address})")

    def _answered(self, response: Response) -> None:
        ours = response.url.startswith(self.shop)
        if ours and response.status >= 500 and not self.expects_failures:
            self.troubles.append(f"{response.status}: {response.url}")

    def another_tab(self) -> Self:
        """The same person in a second tab."""
        page = self.context.new_page()
        tab = type(self)(self.context, page, self.shop, self.language, self.troubles)
        tab.watch(page)
        return tab

    def t(self, key: str, **params: Any) -> str:
        """A text of the shop in the visitor's language."""
        text = texts(self.language)[key]
        if isinstance(text, dict):
            text = text["one" if params["count"] == 1 and "one" in text else "other"]
        for name, value in params.items():
            text = text.replace("{" + name + "}", str(value))
        return text


def texts(language: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for folder in (TEXTS, TEXTS / "account", TEXTS / "order"):
        found |= json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
    return found
