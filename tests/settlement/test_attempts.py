"""An order that is begun to be paid several times: one attempt pays it, the rest goes back."""

import itertools
from dataclasses import replace

import pytest

from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.orders import snapshot, steps
from chalicelib.orders.rules import NotPayable, OrderStatus, PaymentUnderWay, TooManyAttempts
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import pages
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, ProviderRefused, State
from chalicelib.settlement import attempts, decide, outcomes
from tests import factory
from tests.faults.world import check_world
from tests.settlement.attempted import (
    order_of,
    pay_attempt,
    pay_by,
    read_first,
    sessions,
    statuses,
    work_off,
)

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

AN_HOUR = 3600
FULL = {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}
SOLD = {"available": 3, "reserved": 0, "sold": 2, "stocked": 5}
EXPIRE = "checkout.sessions.expire"


def test_asked_again_for_the_same_way_it_is_the_same_page(shop, placed):
    assert pay_by(placed, "stripe") == placed.url
    assert order_of(placed).attempts == 1


def test_another_way_is_another_attempt_and_the_first_page_is_closed(shop, placed):
    url = pay_by(placed, "second")
    first, second = order_of(placed).payment_ids
    assert url == sessions(shop)[second]["url"] != placed.url
    assert sessions(shop)[first]["status"] == "expired"
    assert statuses(placed) == ["EXPIRED", "PENDING"]
    assert order_of(placed).status == OrderStatus.PENDING
    work_off(shop, pay_attempt(shop, 2, placed))
    assert order_of(placed).status == OrderStatus.PAID
    assert factory.stock("mug") == SOLD
    check_world(shop.sandbox.state())


def test_what_was_paid_at_the_first_page_in_the_meantime_counts(shop, placed):
    pay_attempt(shop, 1, placed)
    assert pay_by(placed, "second") == order_of(placed).page
    assert order_of(placed).status == OrderStatus.PAID
    assert order_of(placed).payment_id == order_of(placed).payment_ids[0]
    assert statuses(placed) == ["SUCCESS", "EXPIRED"]
    check_world(shop.sandbox.state())


@pytest.mark.parametrize("first", [1, 2])
def test_an_order_paid_twice_is_paid_once_and_the_second_money_goes_back(shop, placed, first):
    # The provider does not answer when the first page is to be closed, so both stay open.
    shop.sandbox.fault(EXPIRE, "500", times=9)
    pay_by(placed, "second")
    shop.sandbox.no_faults()
    events = {number: pay_attempt(shop, number, placed) for number in (1, 2)}

    for number in (first, 3 - first):
        for _ in range(3):
            work_off(shop, events[number])

    assert order_of(placed).status == OrderStatus.PAID
    assert order_of(placed).payment_id == order_of(placed).payment_ids[first - 1]
    assert sorted(statuses(placed)) == ["REFUNDED", "SUCCESS"]
    assert len(shop.sandbox.state()["stripe"]["refunds"]) == 1
    assert order_of(placed).history[-1]["reason"] == "refunded_second"
    assert factory.stock("mug") == SOLD
    check_world(shop.sandbox.state())


def test_control_without_the_look_at_the_order_the_second_money_is_kept(shop, placed, monkeypatch):
    shop.sandbox.fault(EXPIRE, "500", times=9)
    pay_by(placed, "second")
    shop.sandbox.no_faults()
    monkeypatch.setattr(decide, "send_back", lambda found: decide.NOTHING)
    for number in (1, 2):
        work_off(shop, pay_attempt(shop, number, placed))
    with pytest.raises(AssertionError, match="captured"):
        check_world(shop.sandbox.state())


def test_the_end_of_an_earlier_page_does_not_end_the_order(shop, placed):
    shop.sandbox.fault(EXPIRE, "500", times=9)
    pay_by(placed, "second")
    shop.sandbox.no_faults()
    work_off(shop, pay_attempt(shop, 1, placed, action="expire"))
    assert (order_of(placed).status, statuses(placed)) == ("PENDING", ["EXPIRED", "PENDING"])
    work_off(shop, pay_attempt(shop, 2, placed, action="expire"))
    assert (order_of(placed).status, statuses(placed)) == ("CANCELLED", ["EXPIRED", "EXPIRED"])
    assert factory.stock("mug") == FULL


def test_an_attempt_begun_while_the_last_one_ends_keeps_the_order(shop, placed, monkeypatch):
    # The worker has read the order with one attempt; the buyer begins the second before it writes.
    stale = snapshot.read(placed.order.order_id)
    pay_by(placed, "second")
    read_first(monkeypatch, stale)
    payment_id = stale.order.payment_id
    outcomes.apply(placed.order.order_id, Outcome(State.ENDED), payment_id=payment_id, now=1)
    assert order_of(placed).status == OrderStatus.PENDING


def test_an_attempt_begun_beside_an_open_page_keeps_the_order_when_that_page_ends(
    shop, placed, monkeypatch
):
    # The same with a first page that can't be closed: its payment is still as the worker has read
    # it, the hold is read anew, and only the order tells that there is another.
    stale = replace(snapshot.read(placed.order.order_id), hold=None)
    shop.sandbox.fault(EXPIRE, "500", times=9)
    pay_by(placed, "second")
    shop.sandbox.no_faults()
    read_first(monkeypatch, stale)
    payment_id = stale.order.payment_id
    outcomes.apply(placed.order.order_id, Outcome(State.ENDED), payment_id=payment_id, now=1)
    assert (order_of(placed).status, statuses(placed)) == ("PENDING", ["EXPIRED", "PENDING"])


def test_two_clicks_at_once_begin_one_more_attempt(shop, placed, monkeypatch):
    # Both have read the order as it was; the second to write reads again and finds the first's.
    stale = order_of(placed)
    looks = itertools.chain([stale, stale], itertools.repeat(None))
    real = attempts.read
    monkeypatch.setattr(attempts, "read", lambda order_id: next(looks) or real(order_id))
    first = attempts.pay(stale, "second", now=clock.now())
    again = attempts.pay(stale, "second", now=clock.now())
    assert order_of(placed).attempts == 2
    assert first[1] == again[1]


def test_control_without_the_newest_payments_condition_two_clicks_lose_an_attempt(
    shop, placed, monkeypatch
):
    stale = order_of(placed)
    looks = itertools.chain([stale, stale, stale], itertools.repeat(None))
    real = attempts.read
    monkeypatch.setattr(attempts, "read", lambda order_id: next(looks) or real(order_id))
    monkeypatch.setattr(steps, "unchanged_since_read", lambda order: OrderItem.order_id.exists())
    monkeypatch.setattr(payments, "begin", lambda tx, payment: None)
    with pytest.raises(RuntimeError, match="has no payment"):
        for _ in range(2):
            attempts.pay(stale, "second", now=clock.now())
            orders.payment_of(order_of(placed))


def test_an_order_can_be_begun_only_so_often(shop, placed):
    for number in range(1, attempts.MOST_ATTEMPTS):
        pay_by(placed, ["second", "stripe"][number % 2 - 1])
    with pytest.raises(TooManyAttempts):
        pay_by(placed, "stripe" if order_of(placed).attempts % 2 == 0 else "second")
    assert order_of(placed).attempts == attempts.MOST_ATTEMPTS


def test_an_order_has_its_units_for_three_hours_at_most(shop, placed):
    late = order_of(placed).placed_at + attempts.LONGEST_SECONDS
    with pytest.raises(TooManyAttempts):
        pay_by(placed, "second", now=late)


def test_money_on_its_way_is_not_asked_for_twice(shop, placed):
    work_off(shop, pay_attempt(shop, 1, placed, action="pay-async"))
    with pytest.raises(PaymentUnderWay):
        pay_by(placed, "second")


def test_what_is_paid_or_over_is_not_paid_again(shop, placed):
    shop.settle(placed)
    with pytest.raises(NotPayable):
        pay_by(placed, "second")


def test_a_way_that_refuses_leaves_the_order_for_another(shop, placed, monkeypatch):
    def refuse(*_, **__):
        raise ProviderRefused()

    with monkeypatch.context() as patch:
        patch.setattr(pages, "open_page", refuse)
        with pytest.raises(ProviderRefused):
            pay_by(placed, "second")
    assert order_of(placed).status == OrderStatus.PENDING
    assert pay_by(placed, "stripe").startswith("http")
    work_off(shop, pay_attempt(shop, 3, placed))
    check_world(shop.sandbox.state())


def test_the_sweeper_ends_every_attempt_and_then_the_order(shop, placed):
    shop.sandbox.fault(EXPIRE, "500", times=9)
    pay_by(placed, "second")
    shop.sandbox.no_faults()
    assert shop.sweep(after=AN_HOUR).ended == 1
    assert (order_of(placed).status, statuses(placed)) == ("CANCELLED", ["EXPIRED", "EXPIRED"])
    assert {each["status"] for each in sessions(shop).values()} == {"expired"}
    assert factory.stock("mug") == FULL


def test_the_sweeper_finds_the_attempt_whose_webhook_was_lost(shop, placed):
    shop.sandbox.fault(EXPIRE, "500", times=9)
    pay_by(placed, "second")
    shop.sandbox.no_faults()
    pay_attempt(shop, 1, placed)
    shop.sweep(after=AN_HOUR)
    assert order_of(placed).status == OrderStatus.PAID
    assert statuses(placed)[0] == "SUCCESS"
    check_world(shop.sandbox.state())


def test_an_order_left_without_any_open_attempt_is_cancelled_by_the_sweeper(shop, placed):
    # Two attempts that ended in one moment each saw the other still open.
    outcomes.end_attempt(placed.order.payment_id)
    assert order_of(placed).status == OrderStatus.PENDING
    shop.sweep(after=AN_HOUR)
    assert order_of(placed).status == OrderStatus.CANCELLED
    assert factory.stock("mug") == FULL


def test_the_hold_outlives_the_newest_page(shop, placed):
    later = clock.now() + 600
    pay_by(placed, "second", now=later)
    order = order_of(placed)
    assert order.expires_at == payments.read(order.payment_id).expires_at
    assert orders.hold_of(order).expires_at > order.expires_at > placed.order.expires_at
    assert sessions(shop)[order.payment_id]["expires_at"] == order.expires_at
