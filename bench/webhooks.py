"""Webhooks under load, on the deployed local shop: every event ten times, in any order.

    make bench-webhooks                  1,000 payments over three providers: a quarter of an hour
    make bench-webhooks ARGS=--small     30 payments

Orders are placed and paid while no webhook is sent; then the sandbox sends each event ten times,
shuffled, ten at once. Exits 1 when a paid order is not PAID afterwards, or money is on no order.
Times are told, never judged: emulator, shop and senders share this machine's cores.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.stock.report import Report
from localcloud import Cloud
from localcloud.processes import free_ports
from tests import live
from tests.faults.world import check_world
from tests.journeys.market import Market, buyer

WAYS = {"stripe": "pay", "oxapay": "pay", "paypal": "approve"}
FULL, SMALL = 1_000, 30
COPIES, SENDERS = 10, 10
LONGEST_SECONDS = 1_500
P99 = 0.99


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.webhooks", description="Webhooks under load.")
    parser.add_argument("--small", action="store_true", help=f"{SMALL} payments")
    given = parser.parse_args(arguments)
    report = Report(senders=SENDERS, copies=COPIES)
    folder = Path(tempfile.mkdtemp(prefix="cartwright-bench-"))
    try:
        with Cloud(folder, *free_ports(2)) as cloud, live.on_local_stage(cloud):
            row, wrong = storm(Market(cloud), SMALL if given.small else FULL)
            report.add("L4: webhooks", row, wrong)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.show()
    print(report.keep("webhooks.json"))
    return 1 if report.wrong else 0


def storm(market: Market, payments: int) -> tuple[dict[str, Any], list[str]]:
    """Place, pay, tell everything ten times; the figures, and what is wrong afterwards."""
    variant = market.sell(payments)
    with ThreadPoolExecutor(SENDERS) as crowd:
        ways = [list(WAYS)[number % len(WAYS)] for number in range(payments)]
        orders = list(crowd.map(lambda one: _place(market, variant, *one), enumerate(ways)))
        _say(f"{payments} orders placed")
        sessions = {row["payment_id"]: row["session_id"] for row in market.scan("payments")}
        paid = [
            (way, sessions[order["paymentId"]]) for way, order in zip(ways, orders, strict=True)
        ]
        list(crowd.map(lambda one: market.sandbox.control(*one, WAYS[one[0]], lose=True), paid))
    _say("all paid, nobody told")
    # What follows from those, a capture's own event, is told in the same way.
    market.sandbox.send_webhooks(deliver=COPIES, shuffle=True, atOnce=SENDERS)
    begun = time.monotonic()
    for _, session in paid:
        market.sandbox.deliver(reference=session, times=COPIES, shuffle=True)
    _until(lambda: market.sandbox.quiesce(10), "every webhook is accepted")
    accepted = time.monotonic()
    queue = market.queue()
    _until(lambda: market.waiting(queue) == 0 and market.sandbox.quiesce(1), "the queue is dry")
    drained = time.monotonic()
    figures = _latencies(market)
    row = {
        "payments": payments,
        "webhooks": len(figures),
        "seconds": accepted - begun,
        "per_s": len(figures) / (accepted - begun),
        "p50_ms": figures[len(figures) // 2],
        "p99_ms": figures[int(len(figures) * P99)],
        "drained_s": drained - accepted,
        **Counter(order["status"] for order in market.scan("orders")),
    }
    return row, _wrong(market, payments)


def _place(market: Market, variant: str, number: int, way: str) -> dict[str, Any]:
    body = {**buyer(), "paymentMethod": way}
    cart = market.cart({variant: 1})
    # Each buyer from a network of their own, which only the local gateway believes: the shop bounds
    # how many unpaid orders one address may have.
    home = f"2001:db8:{number:x}::1"
    placed: dict[str, Any] = market.data(
        "POST", f"/cart/{cart}/checkout", body, X_Forwarded_For=home
    )
    return placed


def _latencies(market: Market) -> list[int]:
    """How long the shop took to accept each, in ms, shortest first."""
    rows = market.sandbox.state()["deliveries"]
    return sorted(row["took_ms"] for row in rows if row["status"] == "delivered")


def _wrong(market: Market, payments: int) -> list[str]:
    wrong = []
    orders, books = market.scan("orders"), market.sandbox.state()
    paid = [order for order in orders if order["status"] == "PAID"]
    if len(paid) != payments:
        wrong.append(f"{len(paid)} of {payments} orders are paid")
    due = sum(order["total"] for order in paid)
    came = _captured(books)
    if came != due:
        wrong.append(f"{came} captured, {due} on paid orders")
    try:
        check_world(books, market.tables)
    except AssertionError as broken:
        wrong.append(str(broken).partition("\n")[0])
    return wrong


def _captured(books: dict[str, Any]) -> int:
    """All that the providers took, in cents."""
    cards = sum(each["amount"] for each in books["stripe"]["charges"] if each["paid"])
    coins = [each for each in books["oxapay"]["invoices"] if each["status"] == "paid"]
    consented = [each["amount"]["value"] for each in books["paypal"]["captures"]]
    return cards + sum(map(_cents, [*(each["amount"] for each in coins), *consented]))


def _cents(amount: Any) -> int:
    whole, _, part = str(amount).partition(".")
    return int(whole) * 100 + int(f"{part}00"[:2])


def _until(condition: Any, what: str) -> None:
    live.until(condition, what, LONGEST_SECONDS)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
