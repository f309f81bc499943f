"""A hundred shoppers at once for ten units, each over HTTP, and every webhook five times."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests import live
from tests.journeys.market import buyer

SHOPPERS, UNITS, COPIES = 100, 10, 5
# How many carts are filled at a time; the checkouts all start together. The local cloud works on
# eight calls at once and lets the others wait, as long as a browser would.
FILLING = 8


@contextmanager
def watched(market, variant_id: str) -> Iterator[list[dict[str, int]]]:
    """Samples of the stock's counters, taken all the while by a thread of its own."""
    samples: list[dict[str, int]] = []
    over = threading.Event()

    def watch() -> None:
        # The pause leaves the emulator to the shoppers.
        while not over.wait(0.005):
            samples.append(market.stock(variant_id))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def test_a_hundred_shoppers_of_ten_units_make_ten_orders_each_paid_once(market):
    variant_id = market.sell(UNITS)
    with ThreadPoolExecutor(FILLING) as pool:
        carts = list(pool.map(lambda _: market.cart({variant_id: 1}), range(SHOPPERS)))

    with watched(market, variant_id) as samples:
        answers = live.at_once(
            [
                lambda cart=cart: market.call("POST", f"/cart/{cart}/checkout", buyer())
                for cart in carts
            ]
        )
        answers_by_code = Counter((each.status, each.json()["code"]) for each in answers)
        assert answers_by_code == {(200, "SUCCESS"): UNITS, (409, "OUT_OF_STOCK"): SHOPPERS - UNITS}
        for each in answers:
            if each.status == 409:
                assert each.json()["errors"][0]["field"] == f"lines.{variant_id}"
        assert market.stock(variant_id) == _counters(reserved=UNITS)

        orders = [market.bought(each.json()["data"]) for each in answers if each.status == 200]
        live.at_once([lambda order=order: _pay(market, order) for order in orders])
        pages = [market.turns(order, "PAID") for order in orders]
        market.comes_to_rest()

    assert market.stock(variant_id) == _counters(sold=UNITS)
    for page in [market.order(order) for order in orders]:
        assert [step["to"] for step in page["history"]] == ["PENDING", "PAID"]
    assert len({page["orderNumber"] for page in pages}) == UNITS
    assert len(samples) > SHOPPERS, "the stock was watched all the while"
    for seen in samples:
        assert seen["available"] + seen["reserved"] + seen["sold"] == seen["stocked"] == UNITS
        assert min(seen.values()) >= 0
    _check_books(market, variant_id, orders)


def _pay(market, order) -> None:
    market.act(order, "pay", deliver=COPIES, shuffle=True)


def _counters(reserved: int = 0, sold: int = 0) -> dict[str, int]:
    available = UNITS - reserved - sold
    return {"available": available, "reserved": reserved, "sold": sold, "stocked": UNITS}


def _check_books(market, variant_id: str, orders) -> None:
    """Ledger, webhooks and world after the rush."""
    moved = {"INBOUND": 1, "RESERVE": UNITS, "OUTBOUND": UNITS}
    live.until(
        lambda: len(market.ledger(variant_id)) >= sum(moved.values()), "the ledger has it all"
    )
    assert market.movements(variant_id) == moved
    sessions = {order.session for order in orders}
    events = {
        event["id"]
        for event in market.sandbox.state()["stripe"]["events"]
        if event["data"]["object"]["id"] in sessions
    }
    sent = Counter(
        each["event"] for each in market.sandbox.state()["deliveries"] if each["event"] in events
    )
    assert set(sent.values()) == {COPIES}
    assert len(sent) == UNITS
    market.check()
