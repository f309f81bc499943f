"""Money that is not what was asked for: a person decides, once."""

import contextlib
import itertools
from dataclasses import replace

import pytest

from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.orders import steps
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import service as payments
from chalicelib.payments.refunds import RefundByHand
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import outcomes, review
from chalicelib.settlement.decide_review import NotInReview, ReviewDecision
from tests import factory, stage
from tests.kernel.envelope import refused

KEY = {"X-Api-Key": stage.SECRETS["admin/key"]}
FULL = {"available": 5, "reserved": 0, "sold": 0, "stocked": 5}
SOLD = {"available": 3, "reserved": 0, "sold": 2, "stocked": 5}


@pytest.fixture
def parked(shop):
    """An order whose money came short, as the webhook says."""
    shop.sell("mug", stock=5)
    placed = shop.buy({"mug": 2})
    paid = next(e for e in shop.pay(placed) if e["type"] == "checkout.session.completed")
    paid["data"]["object"]["amount_total"] = 4000
    shop.deliver(paid)
    assert shop.work() == []
    assert payment_of(placed).status == "REVIEW"
    return placed


def payment_of(placed):
    return payments.read(orders.read(placed.order.order_id).payment_id)


def decide(placed, decision: ReviewDecision):
    return review.decide(placed.order.payment_id, decision, now=clock.now())


def test_accepted_it_pays_the_order(shop, parked):
    order, payment = decide(parked, ReviewDecision.ACCEPT)
    assert (order.status, payment.status) == ("PAID", "SUCCESS")
    assert payment.captured.amount == 4000
    assert factory.stock("mug") == SOLD


def test_sent_back_it_ends_the_order(shop, parked):
    order, payment = decide(parked, ReviewDecision.SEND_BACK)
    assert (order.status, payment.status) == ("CANCELLED", "REFUNDED")
    assert order.history[-1]["reason"] == "refunded_decided"
    (refund,) = shop.sandbox.state()["stripe"]["refunds"]
    assert refund["amount"] == 4000
    assert factory.stock("mug") == FULL


def test_given_back_by_hand_it_ends_the_order_and_no_provider_is_asked(shop, parked):
    order, payment = decide(parked, ReviewDecision.RETURNED)
    assert (order.status, payment.status) == ("CANCELLED", "REFUNDED")
    assert shop.sandbox.state()["stripe"]["refunds"] == []
    assert factory.stock("mug") == FULL


@pytest.mark.parametrize("first", ReviewDecision)
@pytest.mark.parametrize("second", ReviewDecision)
def test_what_is_decided_is_not_decided_again(shop, parked, first, second):
    decide(parked, first)
    with pytest.raises(NotInReview):
        decide(parked, second)


def decided_twice_at_once(placed, monkeypatch, **changes) -> None:
    """Two administrators who both see it waiting: one accepts, the other sends it back. `changes`
    are of what the second one has read."""
    real = review.read
    found, payment = real(payment_of(placed).payment_id)
    looks = itertools.chain([(replace(found, **changes), payment)], itertools.repeat(None))
    decide(placed, ReviewDecision.ACCEPT)
    monkeypatch.setattr(review, "read", lambda payment_id: next(looks) or real(payment_id))
    decide(placed, ReviewDecision.SEND_BACK)


def test_of_two_decisions_at_once_one_holds(shop, parked, monkeypatch):
    with pytest.raises(NotInReview):
        decided_twice_at_once(parked, monkeypatch)
    assert payment_of(parked).status == "SUCCESS"
    assert shop.sandbox.state()["stripe"]["refunds"] == []


def test_control_without_its_condition_what_was_accepted_is_sent_back(shop, parked, monkeypatch):
    monkeypatch.setattr(payments, "_unmoved", lambda payment: PaymentItem.payment_id.exists())
    monkeypatch.setattr(steps, "unchanged_since_read", lambda order: OrderItem.order_id.exists())
    with contextlib.suppress(Exception):
        # The hold's own version would tell as well: it is read as it is now.
        decided_twice_at_once(parked, monkeypatch, hold=None)
    assert payment_of(parked).status in ("REFUNDING", "REFUNDED")


def test_a_provider_that_is_down_sends_the_money_back_later(shop, parked):
    from chalicelib.kernel.errors import ProviderBusy
    from chalicelib.settlement import reconcile

    shop.sandbox.fault("refunds.create", "503", times=2)
    with pytest.raises(ProviderBusy):
        decide(parked, ReviewDecision.SEND_BACK)
    assert payment_of(parked).status == "REFUNDING"
    reconcile.poll_open_payments(clock.now() + reconcile.USUAL_SECONDS + 1)
    assert payment_of(parked).status == "REFUNDED"
    assert len(shop.sandbox.state()["stripe"]["refunds"]) == 1


def test_a_late_payment_is_accepted_where_the_units_can_still_be_had(shop, parked, monkeypatch):
    order = orders.read(parked.order.order_id)
    from chalicelib.kernel.db.transaction import Transaction
    from chalicelib.orders.rules import Reason

    with Transaction() as tx:
        outcomes.cancel(tx, order, Reason.EXPIRED, clock.now())
    order, payment = decide(parked, ReviewDecision.ACCEPT)
    assert (order.status, payment.status) == ("PAID", "SUCCESS")
    assert factory.stock("mug") == SOLD


def test_what_can_not_be_sent_back_says_so_and_stays(shop):
    shop.sell("mug", stock=5)
    placed = shop.checkout(factory.cart_with({"mug": 2}), payment_method="oxapay")
    session = payment_of(placed).session_id
    shop.sandbox.control("oxapay", session, "underpay", amount=100, lose=True)
    from chalicelib.settlement import poll

    poll.poll_provider(payment_of(placed), now=clock.now())
    assert payment_of(placed).status == "REVIEW"
    with pytest.raises(RefundByHand):
        decide(placed, ReviewDecision.SEND_BACK)
    assert payment_of(placed).status == "REVIEW"


def test_the_owner_decides_over_http(shop, parked):
    path = f"/api/admin/payments/{parked.order.payment_id}/review"
    refused(shop.call("POST", path, {"decision": "ACCEPT"}), 401, "UNAUTHORIZED")
    assert shop.call("POST", path, {"decision": "MAYBE"}, **KEY).status_code == 422
    data = shop.call("POST", path, {"decision": "ACCEPT"}, **KEY).json_body["data"]
    assert (data["status"], data["orderStatus"]) == ("SUCCESS", "PAID")
    refused(shop.call("POST", path, {"decision": "ACCEPT"}, **KEY), 409, "PAYMENT_NOT_IN_REVIEW")
    none = shop.call("POST", "/api/admin/payments/pay_x/review", {"decision": "ACCEPT"}, **KEY)
    refused(none, 404, "PAYMENT_NOT_FOUND")
