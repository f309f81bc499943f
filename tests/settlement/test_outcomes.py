"""From webhook to a paid order: once, in any order, whatever is repeated or comes too late."""

import itertools
import json

import pytest

from chalicelib.inventory.holds import writes
from chalicelib.inventory.tables import HoldItem
from chalicelib.orders import service as orders
from chalicelib.orders import steps
from chalicelib.orders.rules import ForbiddenStep, OrderStatus, step
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import PaymentStatus
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import decide, outcomes, write
from tests import factory
from tests.faults.world import check_world, scan

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

AN_HOUR = 3600
SOLD = {"available": 3, "reserved": 0, "sold": 2, "stocked": 5}
FULL = {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}


@pytest.fixture
def placed(shop):
    """An order of two mugs out of five."""
    shop.sell("mug", stock=5)
    return shop.buy({"mug": 2})


def status(placed) -> OrderStatus:
    order = orders.read(placed.order.order_id)
    assert order is not None
    return order.status


def payment_status(placed) -> PaymentStatus:
    payment = payments.read(placed.order.payment_id)
    assert payment is not None
    return payment.status


def completed(events):
    return next(event for event in events if event["type"] == "checkout.session.completed")


def test_a_paid_session_makes_the_order_paid_and_the_units_sold(shop, placed):
    assert factory.stock("mug") == {"available": 3, "reserved": 2, "sold": 0, "stocked": 5}
    shop.settle(placed)
    assert status(placed) == OrderStatus.PAID
    assert factory.stock("mug") == SOLD
    check_world(shop.sandbox.state())


def test_every_webhook_five_times_settles_once(shop, placed):
    events = shop.pay(placed)
    for event in events * 5:
        shop.deliver(event)
    shop.drain()
    order = orders.read(placed.order.order_id)
    assert [line["to"] for line in order.history] == ["PENDING", "PAID"]
    assert factory.stock("mug") == SOLD
    check_world(shop.sandbox.state())


def test_control_without_the_orders_condition_a_repeat_settles_twice(shop, placed, monkeypatch):
    # Two workers that both read the order as PENDING; with the conditions gone both settle it.
    shop.buy({"mug": 2})  # another buyer's hold, whose units the second settlement sells
    order = orders.read(placed.order.order_id)
    payment = payments.read(order.payment_id)
    outcome = Outcome(State.PAID, payment.session_id, payment.amount, "pi_1")
    found = decide.Situation(order, payment, hold=orders.hold_of(order))
    monkeypatch.setattr(steps, "unchanged_since_read", lambda order: OrderItem.order_id.exists())
    monkeypatch.setattr(payments, "_unmoved", lambda payment: PaymentItem.payment_id.exists())
    monkeypatch.setattr(writes, "_unmoved", lambda previous: HoldItem.hold_id.exists())
    for _ in range(2):
        outcomes.carry_out(decide.SETTLE, write.Work(found, outcome, 1))

    assert factory.stock("mug")["sold"] == 4
    with pytest.raises(AssertionError):
        check_world()


def test_a_session_that_ended_cancels_the_order_and_gives_the_units_back(shop, placed):
    for event in shop.act(placed, "expire"):
        shop.deliver(event)
    assert shop.work() == []
    assert status(placed) == OrderStatus.CANCELLED
    assert factory.stock("mug") == FULL
    check_world(shop.sandbox.state())


def test_an_order_nobody_paid_is_cancelled_by_the_sweeper_and_its_session_expired(shop, placed):
    assert shop.sweep(after=AN_HOUR).ended == 1
    assert status(placed) == OrderStatus.CANCELLED
    assert shop.session_of(placed)["status"] == "expired"
    assert factory.stock("mug") == FULL


def test_the_sweeper_leaves_alone_what_is_not_over(shop, placed):
    assert shop.sweep(after=60).ended == 0
    assert status(placed) == OrderStatus.PENDING


def test_a_payment_whose_webhook_was_lost_is_found_by_the_sweeper(shop, placed):
    shop.pay(placed)
    shop.sweep(after=AN_HOUR)
    assert status(placed) == OrderStatus.PAID
    assert factory.stock("mug") == SOLD
    check_world(shop.sandbox.state())


def test_a_provider_that_is_down_keeps_the_hold_for_the_next_sweep(shop, placed):
    shop.sandbox.fault("checkout.sessions.expire", "500", times=10)
    assert shop.sweep(after=AN_HOUR).failed == 1
    assert status(placed) == OrderStatus.PENDING
    shop.sandbox.no_faults()
    assert shop.sweep(after=AN_HOUR).ended == 1
    assert status(placed) == OrderStatus.CANCELLED


def test_a_declined_card_leaves_the_order_open(shop, placed):
    for event in shop.act(placed, "fail"):
        shop.deliver(event)
    assert shop.work() == []
    assert status(placed) == OrderStatus.PENDING
    shop.settle(placed)
    assert status(placed) == OrderStatus.PAID


def test_completed_is_not_paid(shop, placed):
    for event in shop.act(placed, "pay-async"):
        shop.deliver(event)
    assert shop.work() == []
    assert (status(placed), payment_status(placed)) == (OrderStatus.PENDING, "PROCESSING")
    shop.sweep(after=AN_HOUR)
    assert factory.stock("mug")["reserved"] == 2, "units wait for money on its way"
    for event in shop.act(placed, "async-succeed"):
        shop.deliver(event)
    assert shop.work() == []
    assert status(placed) == OrderStatus.PAID
    check_world(shop.sandbox.state())


def test_a_delayed_payment_that_fails_gives_the_units_back(shop, placed):
    for event in shop.act(placed, "pay-async") + shop.act(placed, "async-fail"):
        shop.deliver(event)
    assert shop.work() == []
    assert (status(placed), payment_status(placed)) == (OrderStatus.CANCELLED, "FAILED")
    assert factory.stock("mug") == FULL


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_delayed_payments_end_the_same_in_whatever_order_they_are_told(shop, placed, order):
    events = [*shop.act(placed, "pay-async"), *shop.act(placed, "async-succeed")][:3]
    for index in order:
        shop.deliver(events[index])
        shop.deliver(events[index])
        assert shop.work() == []
    for event in shop.events():
        shop.deliver(event)
    shop.drain()
    assert status(placed) == OrderStatus.PAID
    check_world(shop.sandbox.state())


def test_money_for_a_cancelled_order_revives_it_while_the_units_are_there(shop, placed):
    late = completed(shop.pay(placed))
    _cancel_behind_the_providers_back(placed)
    shop.deliver(late)
    assert shop.work() == []
    assert status(placed) == OrderStatus.PAID
    assert factory.stock("mug") == SOLD
    check_world(shop.sandbox.state())


def test_money_for_a_cancelled_order_is_refunded_once_when_the_units_are_gone(shop, placed):
    late = completed(shop.pay(placed))
    _cancel_behind_the_providers_back(placed)
    other = shop.buy({"mug": 5})
    for _ in range(3):
        shop.deliver(late)
    assert shop.work() == []
    assert (status(placed), payment_status(placed)) == (OrderStatus.CANCELLED, "REFUNDED")
    assert len(shop.sandbox.state()["stripe"]["refunds"]) == 1
    shop.settle(other)
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("fault", ["500", "500_after"])
def test_a_refund_that_the_provider_answers_with_a_kept_500_is_made_once(shop, placed, fault):
    late = completed(shop.pay(placed))
    _cancel_behind_the_providers_back(placed)
    shop.buy({"mug": 5})
    shop.sandbox.fault("refunds.create", fault, times=1)
    shop.deliver(late)
    assert len(shop.work()) == 1, "tried again later"
    shop.deliver(late)
    assert shop.work() == []
    assert payment_status(placed) == "REFUNDED"
    assert len(shop.sandbox.state()["stripe"]["refunds"]) == 1
    check_world(shop.sandbox.state())


def test_control_without_another_key_the_money_never_goes_back(shop, placed, monkeypatch):
    late = completed(shop.pay(placed))
    _cancel_behind_the_providers_back(placed)
    shop.buy({"mug": 5})
    shop.sandbox.fault("refunds.create", "500", times=1)
    real = payments.dynamo.update
    monkeypatch.setattr(
        payments.dynamo,
        "update",
        lambda item, actions, **how: (
            None if "spent" in repr(actions) else real(item, actions, **how)
        ),
    )
    for _ in range(3):
        shop.deliver(late)
        shop.work()
    assert payment_status(placed) == "REFUNDING"
    assert shop.sandbox.state()["stripe"]["refunds"] == []


def _cancel_behind_the_providers_back(placed) -> None:
    """The order ends as if its session had, though the buyer has paid."""

    outcomes.apply(placed.order.order_id, Outcome(State.ENDED), now=1)


@pytest.mark.parametrize(
    "changes", [{"amount_total": 1}, {"currency": "jpy"}, {"id": "cs_test_other"}], ids=str
)
def test_money_that_is_not_what_was_asked_for_waits_for_a_person(shop, placed, changes):
    event = completed(shop.pay(placed))
    event["data"]["object"] |= changes
    shop.deliver(event)
    assert shop.work() == []
    assert (status(placed), payment_status(placed)) == (OrderStatus.PENDING, "REVIEW")
    shop.sweep(after=AN_HOUR)
    assert factory.stock("mug")["reserved"] == 2, "the units stay held until it is decided"


def test_a_webhook_for_an_order_that_is_not_there_is_tried_again(shop, placed):
    event = completed(shop.pay(placed))
    event["data"]["object"]["client_reference_id"] = "ord_unknown"
    shop.deliver(event)
    assert len(shop.work()) == 1


def test_one_bad_message_does_not_take_the_batch_with_it(shop, placed):
    event = completed(shop.pay(placed))
    body = {"provider": "stripe", "receivedAt": 1, "body": json.dumps(event)}
    records = [
        _record(str(number), json.dumps(body) if number != 4 else "poison") for number in range(10)
    ]
    assert shop.hand_over(records) == ["4"]
    assert status(placed) == OrderStatus.PAID


def _record(number: str, body: str) -> dict:
    return {
        "messageId": number,
        "receiptHandle": number,
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:payment-events",
    }


def test_what_does_not_concern_orders_has_no_row(shop, placed):
    events = shop.pay(placed)
    for event in events:
        shop.deliver(event)
    shop.work()
    logged = {row["type"]: row["status"] for row in scan("webhooks")}
    assert logged == {"checkout.session.completed": "SUCCESS"}
    assert len(events) > 1


def test_an_order_goes_nowhere_but_where_it_may():
    with pytest.raises(ForbiddenStep):
        step(OrderStatus.PAID, OrderStatus.PENDING)
    with pytest.raises(ForbiddenStep):
        step(OrderStatus.PAID, OrderStatus.CANCELLED)
