"""What an order costs in DynamoDB's units, from an empty cart to a paid order.

    make bench-orders

A guest, as the storefront's pages do it: a cart, two lines, the checkout's form, its order's page,
the payment, and the page once more. Then everything that the payment sets going: the provider's
webhooks as it sends them, the queue's worker, the stock stream's function. In this process, on
tables in memory, so that the count is the same on every machine; bench/meter.py says how it is
counted. The figures stand in bench/budgets.toml, and a test holds them there.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from bench import budgets
from bench.meter import Meter
from bench.stock.report import Report
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem
from chalicelib.inventory import service as inventory
from chalicelib.inventory import workers as inventory_workers
from chalicelib.kernel import cache, clock
from chalicelib.kernel.ids import token
from localcloud.sandbox import Sandbox
from tests import factory, stage
from tests.shop import Shop
from tools import demo
from tools.seed import product_item, variant_item

ORDER = "order of a guest, two lines"
BUYER = {
    "email": "somebody@shop.test",
    "address": factory.ADDRESS,
    "shippingMethod": "standard",
    "paymentMethod": "stripe",
}


@dataclass
class Cost:
    """Units of one walk: by step, and within each by table."""

    writes: dict[str, Counter[str]] = field(default_factory=dict)
    reads: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, step: str, meter: Meter) -> None:
        self.writes[step] = Counter(meter.writes)
        self.reads[step] = Counter(meter.reads)

    @property
    def write_units(self) -> float:
        return float(sum(sum(each.values()) for each in self.writes.values()))

    @property
    def read_units(self) -> float:
        return float(sum(sum(each.values()) for each in self.reads.values()))


class Walk:
    """A guest's way through the shop, each step metered by itself."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.cost = shop, Cost()
        self._seen = 0
        # What was stocked before is nobody's order.
        inventory_workers.ledger({"Records": self._fresh()}, None)

    def step(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A call as the storefront makes it; the envelope's data."""
        keyed = {"Idempotency-Key": token()} if method != "GET" else {}
        with Meter() as meter:
            answer = self.shop.call(method, path, body, **keyed, **headers)
        assert answer.status_code in (200, 201), answer.body
        self.cost.add(name, meter)
        return answer.json_body["data"]

    def stream(self, name: str) -> None:
        """Hand the stock stream's new records to its function, in one batch."""
        fresh = self._fresh()
        with Meter() as meter:
            inventory_workers.ledger({"Records": fresh}, None)
        self.cost.add(name, meter)

    def _fresh(self) -> list[dict[str, Any]]:
        """The stream's records since it was looked at last."""
        records = stage.moto_here.stream("stock")
        fresh, self._seen = records[self._seen :], len(records)
        return fresh


def seeded(shop: Shop) -> list[str]:
    """Two products of the demo shop, as large as a shop's own; a variant of each."""
    made = demo.load()
    SettingItem(SHOP, value=made.settings).save()
    sold = []
    for product in made.products[:2]:
        variant = product["variants"][0]
        product_item(product, listed_at=1).save()
        variant_item(product, variant).save()
        inventory.stock_new(variant["id"], 100, low_stock_at=2, now=clock.now())
        sold.append(variant["id"])
    cache.forget_all()
    return sold


def guest_order(shop: Shop) -> Cost:
    """From an empty cart to a paid order of two lines."""
    with standing_still():
        return _guest_order(shop)


def _guest_order(shop: Shop) -> Cost:
    variants = seeded(shop)
    walk = Walk(shop)
    cart = walk.step("cart", "POST", "/api/cart/create", {})["id"]
    for number, variant in enumerate(variants, start=1):
        wish = {"variantId": variant, "quantity": 1}
        walk.step(f"line {number}", "POST", f"/api/cart/{cart}/add", wish)
    placed = walk.step("checkout", "POST", f"/api/cart/{cart}/checkout", BUYER)
    page, opens = f"/api/order-status/{placed['orderId']}", {"X-Order-Token": placed["accessToken"]}
    walk.step("page", "GET", page, **opens)
    walk.stream("stock held")
    pay(walk, placed["orderId"])
    walk.stream("stock sold")
    paid = walk.step("page, paid", "GET", page, **opens)
    assert paid["status"] == "PAID", paid
    return walk.cost


def pay(walk: Walk, order_id: str) -> None:
    """Pay at the provider, which sends events; they are worked off."""
    shop = walk.shop
    sessions = shop.sandbox.state()["stripe"]["sessions"]
    session = next(one["id"] for one in sessions if one["client_reference_id"] == order_id)
    before = {event["id"] for event in shop.events()}
    shop.sandbox.control("stripe", session, "pay", lose=True)
    sent = [event for event in shop.events() if event["id"] not in before]
    with Meter() as meter:
        for event in sent:
            assert shop.deliver(event).status_code == 200
    walk.cost.add("webhooks in", meter)
    with Meter() as meter:
        shop.drain()
    walk.cost.add("webhooks worked off", meter)


def measured() -> dict[str, Cost]:
    """Every walk there is, each in a stage of its own."""
    with (
        Sandbox(webhook_secret=stage.SECRETS["stripe/webhook_secret"]) as sandbox,
        stage.in_process({"stripe/api_base": sandbox.url}),
    ):
        return {ORDER: guest_order(Shop(sandbox))}


@contextmanager
def standing_still() -> Iterator[None]:
    """No second passes: what a function remembers for seconds is read once, on any machine."""
    clock.freeze(time.time())
    try:
        yield
    finally:
        clock.freeze(None)


def main() -> int:
    report = Report()
    with redirect_stdout(StringIO()):  # metrics, a line each
        costs = measured()
    for name, cost in costs.items():
        for step, units in cost.writes.items():
            row = {"step": step, "writes": sum(units.values())}
            counts = ", ".join(f"{table} {count}" for table, count in sorted(units.items()))
            reads = {"reads": float(sum(cost.reads[step].values()))}
            report.add(name, {**row, **reads, "written": counts or "-"})
    kept = budgets.read()
    for name, cost in costs.items():
        row = kept[name]
        found = budgets.Found(cost.write_units, cost.read_units)
        report.add("against bench/budgets.toml", row.shown(found), row.dearer(found))
    report.show()
    print(report.keep("orders.json"))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
