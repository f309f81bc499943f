"""The hosted page in a real browser, scripts off: a person pays and comes back to the shop."""

import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from localcloud.sandbox import Sandbox
from localcloud.sandbox.testing import client, order

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium (apt-get install chromium)")


class _Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>the shop</title><h1>Thank you</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://shop.localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def visit(browser, sandbox, shop) -> Iterator[object]:
    """Opens the page of a new session; the page and the session's id."""
    contexts = []

    def go(*, width: int = 1280, locale: str = "en", **changes: object):
        urls = {
            "success_url": f"{shop}/order.html?session={{CHECKOUT_SESSION_ID}}#order=1&token=a",
            "cancel_url": f"{shop}/order.html?cancelled=1#order=1",
        }
        made = client(sandbox.url).v1.checkout.sessions.create(
            params=order(locale=locale, **urls, **changes)
        )
        context = browser.new_context(
            java_script_enabled=False, viewport={"width": width, "height": 800}
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(made.url)
        return page, made.id

    yield go
    for context in contexts:
        context.close()


def test_pay_leads_back_with_the_session_and_the_fragment(visit, shop):
    page, session = visit()
    page.get_by_role("button", name="Pay $45.98").click()
    page.wait_for_url(f"{shop}/order.html?session={session}#order=1&token=a")
    assert page.title() == "the shop"


def test_a_declined_payer_is_told_and_can_pay_on(visit, shop):
    page, session = visit()
    page.get_by_role("button", name="Decline the card").click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_role("button", name="Pay $45.98").click()
    page.wait_for_url(f"{shop}/order.html?session={session}*")


def test_leaving_goes_to_the_cancel_url_and_the_session_stays_open(visit, shop, sandbox):
    page, session = visit()
    page.get_by_role("link", name="Leave unpaid").click()
    page.wait_for_url(f"{shop}/order.html?cancelled=1#order=1")
    assert client(sandbox.url).v1.checkout.sessions.retrieve(session).status == "open"


def test_an_expired_session_offers_the_way_back(visit, shop):
    page, _ = visit()
    page.get_by_role("button", name="Let it expire").click()
    page.get_by_role("heading", name="This session has ended").wait_for()
    page.get_by_role("link", name="Back to the shop").click()
    page.wait_for_url(f"{shop}/order.html?cancelled=1#order=1")


def test_a_payer_without_an_address_is_asked_for_one(visit, shop):
    page, _ = visit(customer_email=None)
    page.get_by_role("button", name="Pay $45.98").click()
    assert "/c/pay/" in page.url
    page.get_by_label("E-mail").fill("lee@example.com")
    page.get_by_role("button", name="Pay $45.98").click()
    page.wait_for_url(f"{shop}/order.html*")


def test_the_keyboard_is_enough(visit, shop):
    page, _ = visit(locale="zh")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{shop}/order.html?session=*")


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_page_fits_a_narrow_phone(visit, locale):
    page, _ = visit(width=320, locale=locale)
    boxes = [element.bounding_box() for element in page.locator("h1, button, a, select, p").all()]
    assert all(box["x"] + box["width"] <= 320 for box in boxes if box and box["x"] >= 0)
