"""Debian's Chromium under Playwright, with nothing running in its background."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET_IT = (
    "There is no Chromium here, so the shop is not tried in a browser: "
    "`apt-get install chromium fonts-wqy-microhei` brings one (and a Chinese font)."
)


def path() -> str | None:
    # The shell is the same engine without windows, tabs and menus, which nobody looks at here.
    programs = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, programs)), None)


def require() -> str:
    """Where Chromium is. Without one a test is skipped; on CI, which must have it, it fails."""
    found = path()
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(HOW_TO_GET_IT, pytrace=False)
    pytest.skip(HOW_TO_GET_IT)


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, headless=True, args=list(FLAGS)
        )
        try:
            yield browser
        finally:
            browser.close()
