"""What five walks enter and call: files of the shop, contexts, and calls to DynamoDB.

    make bench-walks

A file counts when a function of it runs, not when it is imported. In this process, on tables in
memory and with the sandbox of payments; the figures are the same on every machine. A walk that is
well cut enters few files and reads nothing twice.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from botocore.client import BaseClient

import chalicelib
from bench.stock.report import Report
from chalicelib.kernel import clock
from chalicelib.kernel.ids import token
from chalicelib.settlement import expire
from localcloud.sandbox import Sandbox
from tests import factory, stage
from tests.shop import Shop

ROOT = Path(str(chalicelib.__file__)).parent
VALUES = ("rules.py", "ports.py", "facts.py")
# What all contexts stand on, and is none.
GROUND = ("kernel/", "config.py", "composition.py", "__init__.py")
BUYER = {
    "email": "somebody@shop.test",
    "address": factory.ADDRESS,
    "shippingMethod": "standard",
    "paymentMethod": "stripe",
}
# Past a page's end and its hold's.
AFTER_THE_END = 3 * 3600
OWNER = {"X-Api-Key": stage.SECRETS["admin/key"]}


class Visit(NamedTuple):
    """A call from one context into another one: both by their files, and the function's name."""

    by: str
    file: str
    function: str


@dataclass
class Walked:
    """What one walk entered and called."""

    files: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    # Items that were read by their key, `orders ord_1`, and how often.
    items: Counter[str] = field(default_factory=Counter)
    # Functions of one context that were called from another, in the order of the calls.
    visits: list[Visit] = field(default_factory=list)

    @property
    def own_files(self) -> set[str]:
        """The files of contexts: not the kernel's, which nearly all walks share."""
        return {file for file in self.files if not file.startswith(("kernel/", "config"))}

    def entered_by(self, context: str) -> list[str]:
        """The contexts that one context went into, in order; what came one after the other in the
        same is once. Values (rules, ports, facts) are handed around: to ask one is no entry."""
        found = (
            _context(visit.file)
            for visit in self.visits
            if _context(visit.by) == context and Path(visit.file).name not in VALUES
        )
        return [name for name, _ in groupby(found)]

    @property
    def contexts(self) -> set[str]:
        return {name.split("/")[0] for name in self.files}


@contextmanager
def watched() -> Iterator[Walked]:
    """Note which files' functions run, and each call to DynamoDB, while the block runs."""
    found, real = Walked(), BaseClient._make_api_call
    tool = sys.monitoring.PROFILER_ID

    def started(code: CodeType, offset: int) -> Any:
        file = _file_of(code)
        if file is None or code.co_name == "<module>":
            return sys.monitoring.DISABLE
        found.files.add(file)
        by = _caller(sys._getframe(1).f_back)
        if by and not file.startswith(GROUND) and _context(by) != _context(file):
            found.visits.append(Visit(by, file, code.co_name))
        return None

    def call(client: Any, operation: str, sent: Any) -> Any:
        if client.meta.service_model.service_name == "dynamodb":
            found.calls[operation] += 1
            found.items.update(_items_read(operation, sent))
        return real(client, operation, sent)

    sys.monitoring.use_tool_id(tool, "walks")
    sys.monitoring.register_callback(tool, sys.monitoring.events.PY_START, started)
    sys.monitoring.set_events(tool, sys.monitoring.events.PY_START)
    sys.monitoring.restart_events()
    BaseClient._make_api_call = call
    try:
        yield found
    finally:
        BaseClient._make_api_call = real
        sys.monitoring.set_events(tool, 0)
        sys.monitoring.free_tool_id(tool)


@cache
def _file_of(code: CodeType) -> str | None:
    """The file of a function of the shop, from its folder on."""
    path = Path(code.co_filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else None


def _caller(frame: FrameType | None) -> str | None:
    """The file that called, past whatever is no context: libraries, the kernel."""
    while frame is not None:
        file = _file_of(frame.f_code)
        if file and not file.startswith(GROUND):
            return file
        frame = frame.f_back
    return None


def _context(file: str) -> str:
    return file.split("/")[0]


def _items_read(operation: str, sent: Any) -> Iterator[str]:
    """What GetItem and BatchGetItem ask for: a table without its stage, and the item's key."""
    wanted = {}
    if operation == "GetItem":
        wanted = {sent["TableName"]: [sent["Key"]]}
    elif operation == "BatchGetItem":
        wanted = {table: part["Keys"] for table, part in sent["RequestItems"].items()}
    for table, keys in wanted.items():
        for key in keys:
            names = [str(value) for each in key.values() for value in each.values()]
            yield " ".join([table.split("-", 2)[2], *names])


def _call(shop: Shop, method: str, path: str, body: Any, **headers: str) -> Any:
    answer = shop.call(method, path, body, **{"Idempotency-Key": token(), **headers})
    assert answer.status_code in (200, 201), answer.body
    return answer.json_body["data"]


def add_to_cart(shop: Shop) -> Walked:
    cart = _call(shop, "POST", "/api/cart/create", {})["id"]
    with watched() as found:
        _call(shop, "POST", f"/api/cart/{cart}/add", {"variantId": "mug", "quantity": 1})
    return found


def checkout(shop: Shop) -> Walked:
    cart = factory.cart_with({"mug": 1, "cup": 1})
    with watched() as found:
        _call(shop, "POST", f"/api/cart/{cart}/checkout", BUYER)
    return found


def worker_until_paid(shop: Shop) -> Walked:
    events = shop.pay(shop.buy({"mug": 1}))
    for event in events:
        assert shop.deliver(event).status_code == 200
    with watched() as found:
        shop.drain()
    return found


def sweep_of_an_unpaid_order(shop: Shop) -> Walked:
    shop.buy({"mug": 1})
    with watched() as found:
        swept = expire.sweep(clock.now() + AFTER_THE_END)
    assert swept.ended == 1, swept
    return found


def refund(shop: Shop) -> Walked:
    placed = shop.buy({"mug": 1})
    shop.settle(placed)
    body = {"reason": "did not fit"}
    with watched() as found:
        _call(shop, "POST", f"/api/admin/orders/{placed.order.order_id}/refund", body, **OWNER)
    return found


WALKS: dict[str, Callable[[Shop], Walked]] = {
    "add to cart": add_to_cart,
    "checkout": checkout,
    "worker until PAID": worker_until_paid,
    "sweep of one unpaid order": sweep_of_an_unpaid_order,
    "refund": refund,
}


def measured() -> dict[str, Walked]:
    """Every walk, each in a stage of its own; walked once before, so that all is warm."""
    found = {}
    with Sandbox(webhook_secret=stage.SECRETS["stripe/webhook_secret"]) as sandbox:
        for name, walk in WALKS.items():
            for _ in range(2):
                with stage.in_process({"stripe/api_base": sandbox.url}):
                    sandbox.reset()
                    shop = Shop(sandbox)
                    shop.open()
                    for variant in ("mug", "cup"):
                        shop.sell(variant, stock=9)
                    # What is remembered for seconds does not hang on how busy the machine is.
                    clock.freeze(clock.now())
                    try:
                        found[name] = walk(shop)
                    finally:
                        clock.freeze(None)
    return found


def main() -> int:
    report = Report()
    with redirect_stdout(StringIO()):  # logs and metrics, a line each
        walks = measured()
    for name, found in walks.items():
        made = ", ".join(f"{count} {kind}" for kind, count in found.calls.most_common())
        own, kernel = len(found.own_files), len(found.files - found.own_files)
        row = {"walk": name, "files": own, "and kernel": kernel}
        report.add(
            "walks",
            {
                **row,
                "contexts": len(found.contexts),
                "calls": sum(found.calls.values()),
                "of": made,
            },
        )
    report.show()
    if "--files" in sys.argv:
        for name, found in walks.items():
            print(f"\n{name}\n  " + "\n  ".join(sorted(found.files)))
    print(report.keep("walks.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
