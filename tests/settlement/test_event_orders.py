"""One truth at the provider, told in any order and twice over, makes one world."""

import itertools

import pytest

from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from tests import factory
from tests.faults.world import check_world, scan

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

KINDS = (
    "checkout.session.completed",
    "payment_intent.succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "charge.dispute.created",
)
ORDERS = list(itertools.permutations(range(len(KINDS))))
# Of each 120, what a run looks at unless it is told to look at everything.
SAMPLE = 60


def events_of(shop, placed) -> list[dict]:
    """What the provider tells of a payment that was paid, given back in part and disputed; beside
    it two that speak of an end which did not come true: Stripe's order is no promise."""
    happened = shop.act(placed, "pay") + shop.act(placed, "refund", amount=1500)
    happened += shop.act(placed, "dispute")
    by_kind = {event["type"]: event for event in happened}
    for kind in KINDS[2:4]:
        by_kind[kind] = {**by_kind[KINDS[0]], "type": kind, "id": f"evt_{kind}"}
    return [by_kind[kind] for kind in KINDS]


def world_after(shop, order: tuple[int, ...]) -> dict:
    """What there is once everything was told twice in this order."""
    variant = shop.sell(f"mug-{''.join(map(str, order))}", stock=5)
    placed = shop.buy({variant: 2})
    events = events_of(shop, placed)
    for index in order:
        for _ in range(2):
            shop.deliver(events[index])
        shop.drain()
    found = orders.read(placed.order.order_id)
    payment = orders.payment_of(found)
    return {
        "order": found.status,
        "payment": payment.status,
        "back": payment.refunded,
        "refunds": [(one.by, one.status) for one in payment.refunds],
        "disputed": payment.disputed,
        "reasons": sorted({line["reason"] for line in found.history} - ON_THE_WAY),
        "stock": factory.stock(variant),
    }


# The order may have been given up and revived in between, which its history tells.
ON_THE_WAY = {"expired", "payment_failed", "paid", "revived"}
TRUTH = {
    "order": "PAID",
    "payment": "SUCCESS",
    "back": Money(1500, "USD"),
    "refunds": [("provider", "DONE")],
    "disputed": True,
    "reasons": ["disputed", "placed", "refunded_part"],
    "stock": {"available": 3, "reserved": 0, "sold": 2, "stocked": 5},
}


@pytest.mark.parametrize("first", range(len(KINDS)), ids=lambda first: KINDS[first])
def test_every_order_of_events_makes_the_same_world(shop, everything, first):
    orders_of_events = [order for order in ORDERS if order[0] == first]
    for order in orders_of_events if everything else orders_of_events[first::SAMPLE]:
        assert world_after(shop, order) == TRUTH, [KINDS[index] for index in order]
    check_world(shop.sandbox.state())
    statuses = {row["status"] for row in scan("webhooks")}
    assert statuses <= {"SUCCESS", "IGNORED"}


def test_control_believing_the_last_word_makes_worlds_that_differ(shop, monkeypatch):
    from chalicelib.settlement import refunding

    monkeypatch.setattr(refunding, "sync_refunds", lambda payment, outcome, now: None)
    with pytest.raises(AssertionError):
        assert world_after(shop, ORDERS[0]) == TRUTH
