"""One webhook worked off by many at once, and the sweeper against the buyer's last second."""

import json
from typing import Any

import pytest

from chalicelib.checkout.rules import Placed
from chalicelib.inventory.holds import writes
from chalicelib.inventory.tables import HoldItem
from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.orders import snapshot, steps
from chalicelib.orders.rules import OrderStatus
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import service as payments
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from chalicelib.payments.tables import PaymentItem
from chalicelib.webhooks import workers
from localcloud.sandbox.client import ControlError, SandboxClient
from tests import factory, live
from tests.faults.world import check_world

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

WORKERS, SWEEPERS, ROUNDS = 8, 4, 30
AN_HOUR = 3600


@pytest.fixture
def paid(busy_shop):
    """An order of two mugs, paid at the provider: its one webhook that matters, not yet delivered.

    Other buyers hold enough besides, so that their units could be sold by mistake.
    """
    busy_shop.sell("mug", stock=2 + 2 * WORKERS)
    placed = busy_shop.buy({"mug": 2})
    for number in range(WORKERS):
        busy_shop.checkout(factory.cart_with({"mug": 2}), email=f"other-{number}@shop.test")
    return placed, next(
        event for event in busy_shop.pay(placed) if event["type"] == "checkout.session.completed"
    )


def work_off(events) -> list[str]:
    """Hand each event to a worker of its own, all at once; the ids of those that failed."""

    def work(number: int, event) -> list[str]:
        message = {"provider": "stripe", "receivedAt": clock.now(), "body": json.dumps(event)}
        record = {
            "messageId": str(number),
            "receiptHandle": str(number),
            "body": json.dumps(message),
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:payment-events",
        }
        answer = workers.settle({"Records": [record]}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    jobs = [lambda n=n, event=event: work(n, event) for n, event in enumerate(events)]
    return [failed for answer in live.at_once(jobs) for failed in answer]


def everybody_reads_first(monkeypatch) -> None:
    """All workers have read the order as PENDING, and its hold as HELD, before the first writes."""
    monkeypatch.setattr(snapshot, "read", live.Meeting(WORKERS).after(snapshot.read))


def test_a_webhook_worked_off_by_eight_at_once_settles_once(busy_shop, paid, monkeypatch):
    placed, completed = paid
    everybody_reads_first(monkeypatch)

    assert work_off([completed] * WORKERS) == []

    order = orders.read(placed.order.order_id)
    assert [line["to"] for line in order.history] == ["PENDING", "PAID"]
    assert factory.stock("mug")["sold"] == 2
    check_world(busy_shop.sandbox.state())


def test_control_without_the_states_conditions_it_settles_many_times(busy_shop, paid, monkeypatch):
    placed, completed = paid
    everybody_reads_first(monkeypatch)
    monkeypatch.setattr(steps, "unchanged_since_read", lambda order: OrderItem.order_id.exists())
    monkeypatch.setattr(payments, "_unmoved", lambda payment: PaymentItem.payment_id.exists())
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id.exists())

    work_off([completed] * WORKERS)

    order = orders.read(placed.order.order_id)
    assert [line["to"] for line in order.history].count("PAID") > 1
    assert factory.stock("mug")["sold"] > 2
    with pytest.raises(AssertionError):
        check_world(busy_shop.sandbox.state())


def test_four_sweepers_against_a_payment_end_in_paid_or_cancelled(busy_shop, monkeypatch):
    busy_shop.sell("mug", stock=ROUNDS)
    ends = [_race(busy_shop, monkeypatch, number) for number in range(ROUNDS)]

    assert set(ends) == {OrderStatus.PAID, OrderStatus.CANCELLED}, "one side always wins"
    check_world(busy_shop.sandbox.state())
    sold = ends.count(OrderStatus.PAID)
    assert factory.stock("mug") == {
        "available": ROUNDS - sold,
        "reserved": 0,
        "sold": sold,
        "stocked": ROUNDS,
    }


def _race(shop, monkeypatch, number: int) -> OrderStatus:
    """One order that its buyer pays while four sweepers end it; how it ended.

    In even rounds the buyer is let go together with the sweepers' start, and is mostly faster; in
    odd ones together with their arrival at the provider, where it is anybody's race.
    """
    placed = shop.checkout(factory.cart_with({"mug": 1}), email=f"buyer-{number}@shop.test")
    session = shop.session_of(placed)["id"]
    meeting = live.Meeting(SWEEPERS + 1 if number % 2 else 1)

    def pay() -> bool:
        meeting.wait()
        try:
            # Over the wire, as a buyer pays: without it they are always faster than the sweepers.
            SandboxClient(shop.sandbox.url).control("stripe", session, "pay", lose=True)
        except ControlError as refused:
            if refused.status != 409:  # a session that has ended takes no money
                raise
            return False
        return True

    with monkeypatch.context() as patch:
        patch.setattr(StripeCheckout, "close", meeting.before(StripeCheckout.close))
        sweeps = [lambda: shop.sweep(after=AN_HOUR)] * SWEEPERS
        paid, *swept = live.at_once([pay, *sweeps])
    assert [one.failed for one in swept] == [0] * SWEEPERS
    assert work_off(_told(shop, session) * 2) == []
    return _end(placed, paid)


def _told(shop, session: str) -> list[dict[str, Any]]:
    """Every event about the session."""
    return [event for event in shop.events() if event["data"]["object"]["id"] == session]


def _end(placed: Placed, paid: bool) -> OrderStatus:
    """How the order ended: as the provider's books say, and by one step."""
    order = orders.read(placed.order.order_id)
    ended = OrderStatus.PAID if paid else OrderStatus.CANCELLED
    assert [line["to"] for line in order.history] == [OrderStatus.PENDING, ended]
    return order.status
