"""Each of Stripe's events is read as one state, or is a reason to ask."""

import json

import pytest

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import State
from chalicelib.payments.registry import provider as registered


@pytest.mark.parametrize("kind", ["charge.refunded", "charge.dispute.created", "refund.failed"])
def test_what_happens_to_money_later_is_asked_for_and_not_believed(shop, kind):
    subject = {"id": "x_1", "payment_intent": "pi_1", "metadata": {"payment_id": "pay_1"}}
    read = registered("stripe").read(
        json.dumps({"id": "evt_1", "type": kind, "data": {"object": subject}})
    )
    assert (read.ask, read.payment_id, read.capture_id) == (True, "pay_1", "pi_1")
    assert read.outcome is None


@pytest.mark.parametrize(
    ("kind", "session", "state"),
    [
        ("checkout.session.completed", ("complete", "paid"), State.PAID),
        ("checkout.session.completed", ("complete", "no_payment_required"), State.PAID),
        ("checkout.session.completed", ("complete", "unpaid"), State.PROCESSING),
        ("checkout.session.async_payment_succeeded", ("complete", "paid"), State.PAID),
        ("checkout.session.async_payment_failed", ("complete", "unpaid"), State.FAILED),
        ("checkout.session.expired", ("expired", "unpaid"), State.ENDED),
    ],
)
def test_each_event_is_read_as_one_state(shop, kind, session, state):
    status, paid = session
    subject = {
        "id": "cs_1",
        "status": status,
        "payment_status": paid,
        "amount_total": 1999,
        "currency": "usd",
        "client_reference_id": "ord_1",
        "payment_intent": {"id": "pi_1"},
        "metadata": {"payment_id": "pay_1"},
    }
    event = {"id": "evt_1", "type": kind, "data": {"object": subject}}
    read = registered("stripe").read(json.dumps(event))
    assert (read.event_id, read.reference, read.payment_id) == ("evt_1", "ord_1", "pay_1")
    assert read.outcome.state == state
    assert (read.outcome.amount, read.outcome.capture_id) == (Money(1999, "USD"), "pi_1")


def test_an_event_about_something_else_has_no_outcome(shop):
    event = {"id": "evt_1", "type": "customer.created", "data": {"object": {"id": "cus_1"}}}
    assert registered("stripe").read(json.dumps(event)).outcome is None
