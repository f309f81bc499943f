"""Disputes at PayPal: its webhooks say that there is one, it says itself how it stands."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.payments import refunds
from chalicelib.payments.disputes import PaymentDisputed
from chalicelib.payments.rules import RefundTo
from chalicelib.settlement import disputing, reconcile, refunding
from tests import factory
from tests.balance.buyers import TOTAL, order_of, payment_of, stands
from tests.faults.world import check_world
from tests.settlement.test_ways_to_pay import Way, way  # noqa: F401

pytestmark = pytest.mark.usefixtures("forgetful_log")

WHOLE = Money(TOTAL, "USD")
GONE = {"dispute-win": ("SUCCESS", "WON", 0), "dispute-lose": ("CHARGED_BACK", "LOST", TOTAL)}


@pytest.fixture
def paid(way):  # noqa: F811
    """An order of 44.98, paid at PayPal; its way."""
    if way.name != "paypal":
        pytest.skip("coins can't be disputed")
    placed = way.buy()
    way.act(placed, "approve")
    way.work()
    assert stands(placed) == ("PAID", "SUCCESS")
    return way, placed


def give_back(placed, to=RefundTo.ORIGIN):
    how = {"reason": "x", "by": "owner", "operation": "op", "to": to}
    return refunding.refund(placed.order.order_id, None, now=clock.now(), **how)[1][0]


@pytest.mark.parametrize("to", RefundTo)
@pytest.mark.parametrize("expected", [True, False])
def test_what_is_in_dispute_is_not_refunded(paid, to, expected):
    way, placed = paid  # noqa: F811
    way.act(placed, "dispute", lose=not expected)
    way.work()
    if expected or to == RefundTo.BALANCE:
        with pytest.raises(PaymentDisputed):
            give_back(placed, to)
    elif to == RefundTo.ORIGIN:
        assert give_back(placed, to).status == "FAILED"
    assert order_of(placed).dispute == ("OPEN" if expected or to != RefundTo.BY_HAND else None)
    assert factory.balance_of("usr_poor") == 0


@pytest.mark.parametrize("end", GONE)
def test_decided_the_money_counts_once(paid, end):
    way, placed = paid  # noqa: F811
    way.act(placed, "dispute")
    way.act(placed, end, deliver=2, shuffle=True)
    way.work()
    status, mark, taken = GONE[end]
    found = payment_of(placed)
    assert (stands(placed), order_of(placed).dispute) == (("PAID", status), mark)
    assert (found.refunded.amount, found.charged_back.amount) == (0, taken)
    reconcile.compare(clock.now(), days=1, names=["paypal"])
    assert payment_of(placed) == found
    check_world()


def test_control_taking_a_reversal_for_a_refund_counts_it_twice(paid, monkeypatch):
    way, placed = paid  # noqa: F811
    monkeypatch.setattr(refunding.disputes, "went_back", lambda payment, outcome: outcome.refunded)
    way.act(placed, "dispute")
    way.act(placed, "dispute-lose")
    way.work()
    assert payment_of(placed).overdrawn


def test_what_is_taken_back_without_a_dispute_went_back_once(paid):
    way, placed = paid  # noqa: F811
    way.act(placed, "reverse", deliver=2)
    way.work()
    assert stands(placed) == ("REFUNDED", "REFUNDED")
    assert (payment_of(placed).refunded, payment_of(placed).disputed) == (WHOLE, False)
    check_world()


def test_a_decision_nobody_was_told_of_is_there_when_it_is_asked_for(paid):
    way, placed = paid  # noqa: F811
    way.act(placed, "dispute", lose=True)
    way.act(placed, "dispute-lose", lose=True)
    disputing.poll_disputes(payment_of(placed).payment_id, now=clock.now())
    assert (stands(placed), order_of(placed).dispute) == (("PAID", "CHARGED_BACK"), "LOST")
    with pytest.raises((PaymentDisputed, refunds.RefundTooMuch)):
        give_back(placed)
    check_world()
