"""Takes the pictures of docs/screenshots/ again: `python -m tests.browser.screenshots [FOLDER]`.

Opens a shop of its own, walks through a purchase as a visitor would, and keeps each picture small.
"""

import base64
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from localcloud import Cloud
from localcloud.processes import free_ports
from tests.browser import chromium
from tests.browser.account_pages import Account, Person
from tests.browser.pages import Checkout, Hosted, ListPage, OrderPage, ProductPage
from tests.browser.visitor import PHONE, Visitor

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
MOST_BYTES = 60_000  # each; a repository keeps its pictures for ever
SCREEN = (1200, 780)

Keep = Callable[[str, Page], None]


def keeper(folder: Path) -> Keep:
    folder.mkdir(parents=True, exist_ok=True)

    def keep(name: str, page: Page) -> None:
        # Pictures of products come after the words; a screenshot wants both.
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement?.blur(), scrollTo(0, 0)")
        for quality in range(90, 20, -5):
            taken = page.screenshot(type="jpeg", quality=quality, animations="disabled")
            if len(taken) <= MOST_BYTES:
                (folder / f"{name}.jpg").write_bytes(taken)
                print(f"  {name}.jpg  {len(taken) // 1000} KB")
                return
        raise SystemExit(f"{name} does not fit into {MOST_BYTES} bytes")

    return keep


def on_a_desk(browser: Browser, shop: str, keep: Keep) -> None:
    visitor = Visitor.arrive(browser, shop, screen=SCREEN)
    page = visitor.page
    ListPage(visitor).open()
    keep("list", page)
    ProductPage(visitor).open("stone-mug", "stone-mug-moss").add()
    product = ProductPage(visitor).open("model-pi", "model-pi-touring-ember-red")
    keep("product", page)
    expect(product.add().lines).to_have_count(2)
    keep("cart", page)
    checkout = Checkout(visitor).open().fill(email="ada@example.com")
    keep("checkout", page)
    checkout.pay()
    keep("payment", page)
    Hosted(visitor).press("pay").expect_state("paid")
    keep("order", page)


def signed_in(browser: Browser, shop: str, keep: Keep) -> None:
    visitor = Visitor.arrive(browser, shop, screen=SCREEN)
    account = Account(visitor).enter(Person.registered(shop)).go("addresses")
    account.add_address().add_address(country="GB", name="Charles Example", line1="1 Mill Lane")
    keep("account", visitor.page)


def in_the_dark(browser: Browser, shop: str, keep: Keep) -> None:
    visitor = Visitor.arrive(browser, shop, screen=SCREEN, scheme="dark")
    ProductPage(visitor).open("rolla", "rolla-lagoon")
    keep("product-dark", visitor.page)


def on_a_phone(browser: Browser, shop: str, keep: Keep) -> None:
    visitor = Visitor.arrive(browser, shop, language="zh-CN", screen=PHONE, device_scale_factor=1.5)
    ListPage(visitor).open()
    keep("list-phone-zh", visitor.page)
    hosted = ProductPage(visitor).open("rolla", "rolla-coral").add().check_out().fill().pay()
    hosted.press("pay")
    OrderPage(visitor).expect_state("paid")
    keep("order-phone-zh", visitor.page)


TOGETHER = """<style>
  body { margin: 0; padding: 36px; background: #e9ebf2; display: grid; gap: 28px;
    grid-template-columns: 1fr 1fr; align-content: start }
  img { display: block; width: 100%; border-radius: 12px; box-shadow: 0 10px 36px #14161b2e }
</style>"""


def together(browser: Browser, folder: Path, keep: Keep) -> None:
    """One picture for the README: a product, the cart, the checkout and the paid order."""
    page = browser.new_page(viewport={"width": 1240, "height": 841})
    pictures = [
        base64.b64encode((folder / f"{name}.jpg").read_bytes()).decode()
        for name in ("product", "cart", "checkout", "order")
    ]
    page.set_content(
        TOGETHER + "".join(f"<img src='data:image/jpeg;base64,{one}'>" for one in pictures)
    )
    keep("shop", page)


def main(folder: Path) -> None:
    executable = chromium.path() or sys.exit(chromium.HOW_TO_GET_IT)
    keep = keeper(folder)
    with (
        tempfile.TemporaryDirectory(prefix="cartwright-pictures-") as state,
        Cloud(Path(state), *free_ports(2)) as cloud,
        chromium.launched(executable) as browser,
    ):
        for walk in (on_a_desk, signed_in, in_the_dark, on_a_phone):
            walk(browser, cloud.addresses["shop"], keep)
        together(browser, folder, keep)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
