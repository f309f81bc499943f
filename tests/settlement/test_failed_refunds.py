"""Refunds that the payer's bank sends back days after the provider took them."""

from dataclasses import replace

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import RefundStatus
from chalicelib.settlement import failed_refunds, outcomes, reconcile, refunding, review
from chalicelib.settlement.decide_review import ReviewDecision
from tests.faults.world import check_world

TOTAL = 4498


@pytest.fixture
def paid(shop):
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 2})
    shop.settle(placed)
    return placed


def give_back(placed, amount: int | None = None, *, operation: str = "op"):
    return refunding.refund(
        placed.order.order_id,
        amount,
        reason="unwanted",
        by="ada",
        operation=operation,
        now=clock.now(),
    )[1][0]


def order_of(placed):
    return orders.read(placed.order.order_id)


def payment_of(placed):
    return orders.payment_of(order_of(placed))


def statuses(placed) -> list[str]:
    return [str(one.status) for one in payment_of(placed).refunds]


def tell(shop, events, times: int = 2) -> None:
    for event in events * times:
        assert shop.deliver(event).status_code == 200
    shop.drain()


def test_a_refund_that_bounced_counts_no_more_and_the_order_is_paid_as_before(shop, paid):
    give_back(paid)
    assert order_of(paid).status == "REFUNDED"
    tell(shop, shop.act(paid, "refund-fail"))
    assert (order_of(paid).status, payment_of(paid).status) == ("PAID", "SUCCESS")
    assert statuses(paid) == [RefundStatus.FAILED]
    assert payment_of(paid).refundable == Money(TOTAL, "USD")
    assert order_of(paid).history[-1]["reason"] == "refund_failed"
    check_world(shop.sandbox.state())


def test_of_two_parts_the_one_that_bounced_is_taken_back_by_its_name(shop, paid):
    give_back(paid, 1000, operation="one")
    give_back(paid, 1000, operation="two")
    tell(shop, shop.act(paid, "refund-fail"))
    assert sorted(statuses(paid)) == ["DONE", "FAILED"]
    assert payment_of(paid).refundable == Money(TOTAL - 1000, "USD")
    check_world(shop.sandbox.state())


def test_what_bounced_can_be_given_back_once_more(shop, paid):
    give_back(paid)
    tell(shop, shop.act(paid, "refund-fail"))
    assert give_back(paid, operation="again").status == RefundStatus.DONE
    assert order_of(paid).status == "REFUNDED"
    check_world(shop.sandbox.state())


def test_with_the_webhook_lost_the_nightly_comparison_finds_it(shop, paid):
    give_back(paid)
    shop.act(paid, "refund-fail")
    (found,) = reconcile.compare(clock.now(), days=3, names=["stripe"]).differences
    assert found.kind == reconcile.Found.REFUNDED
    assert (order_of(paid).status, statuses(paid)) == ("PAID", ["FAILED"])
    assert reconcile.compare(clock.now(), days=3, names=["stripe"]).differences == []
    check_world(shop.sandbox.state())


def told_while_another_is_made(placed) -> None:
    """The provider was asked before the second refund, and its answer is looked at after it."""
    give_back(placed, 1000, operation="one")
    before = payment_of(placed)
    answer = Outcome(State.PAID, refunded=Money(1000, "USD"))
    give_back(placed, 500, operation="two")
    with pytest.raises(StaleState):
        failed_refunds.record_failed_refund(before, answer, now=clock.now())


def test_a_refund_made_while_the_provider_answers_is_not_taken_for_one_that_failed(shop, paid):
    told_while_another_is_made(paid)
    assert statuses(paid) == ["DONE", "DONE"]


def test_control_without_the_turn_it_is_taken_for_one_that_failed(shop, paid, monkeypatch):
    give_back(paid, 1000, operation="one")
    before, answer = payment_of(paid), Outcome(State.PAID, refunded=Money(1000, "USD"))
    give_back(paid, 500, operation="two")
    same = replace(before, version=payment_of(paid).version)
    failed_refunds.record_failed_refund(same, answer, now=clock.now())
    assert "FAILED" in statuses(paid)


def test_late_money_whose_refund_bounced_waits_for_a_person_who_sends_it_once_more(shop):
    shop.sell("mug", stock=2)
    late = shop.buy({"mug": 2})
    outcomes.refuse(late.order.order_id, now=clock.now())  # its page stays open at the provider
    others = shop.buy({"mug": 2})
    tell(shop, shop.pay(late))
    payment_id = late.order.payment_id
    assert payments.read(payment_id).status == "REFUNDED"
    tell(shop, shop.act(late, "refund-fail"))
    assert payments.read(payment_id).status == "REVIEW"
    review.decide(payment_id, ReviewDecision.SEND_BACK, now=clock.now())
    assert payments.read(payment_id).status == "REFUNDED"
    refunds = shop.sandbox.state()["stripe"]["refunds"]
    assert sorted(each["status"] for each in refunds) == ["failed", "succeeded"]
    # The old news told again moves nothing.
    tell(shop, [each for each in shop.events() if each["type"] == "refund.failed"])
    assert payments.read(payment_id).status == "REFUNDED"
    shop.settle(others)
    check_world(shop.sandbox.state())
