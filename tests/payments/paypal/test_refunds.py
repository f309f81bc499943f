"""Money that goes back through PayPal, by the shop's call or by another hand."""

import json

import pytest

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import ProviderRefused, State
from tests.payments.paypal.world import calls, charge

REFUND = "captures.refund"
WHOLE = Money(4598, "USD")


def test_refunds_add_up_whoever_made_them(provider, sandbox, paid):
    first = provider.refund(paid.capture_id, Money(1000, "USD"), key="refund:1")
    second = provider.refund(paid.capture_id, Money(98, "USD"), key="refund:2")
    assert first != second
    sandbox.control("paypal", paid.session_id, "refund", amount=500)
    now = provider.status(paid.session_id)
    assert (now.state, now.amount, now.refunded) == (State.PAID, WHOLE, Money(1598, "USD"))
    sandbox.control("paypal", paid.session_id, "refund")
    now = provider.status(paid.session_id)
    assert (now.state, now.refunded) == (State.PAID, WHOLE)


def test_a_refund_is_made_once_per_key(provider, sandbox, paid):
    made = {provider.refund(paid.capture_id, WHOLE, key="late:pay_1", again=n) for n in (0, 0, 1)}
    assert len(made) == 1
    assert [each["amount"] for each in sandbox.state()["paypal"]["refunds"]] == [
        {"currency_code": "USD", "value": "45.98"}
    ]
    assert {call["idempotencyKey"] for call in calls(sandbox, REFUND)} == {"late:pay_1"}
    assert json.loads(calls(sandbox, REFUND)[0]["body"]) == {
        "amount": {"currency_code": "USD", "value": "45.98"}
    }


def test_more_than_there_is_can_not_be_given_back(provider, paid):
    with pytest.raises(ProviderRefused):
        provider.refund(paid.capture_id, Money(4599, "USD"), key="r1")
    provider.refund(paid.capture_id, WHOLE, key="r2")
    with pytest.raises(ProviderRefused):
        provider.refund(paid.capture_id, Money(1, "USD"), key="r3")


@pytest.mark.parametrize("capture_id", ["1A2B3C", "../../orders", "a/b", ""])
def test_a_refund_of_no_capture_is_refused(provider, capture_id):
    with pytest.raises(ProviderRefused):
        provider.refund(capture_id, WHOLE, key="r1")


def test_disputed_or_held_money_can_not_be_given_back(provider, sandbox, paid):
    sandbox.control("paypal", paid.session_id, "dispute")
    with pytest.raises(ProviderRefused):
        provider.refund(paid.capture_id, WHOLE, key="r1")
    held = provider.open(charge(payment_id="pay_held00")).session_id
    sandbox.control("paypal", held, "capture-pending")
    with pytest.raises(ProviderRefused):
        provider.refund(provider.status(held).capture_id, WHOLE, key="r2")


def test_money_a_bank_took_back_shows_as_gone(provider, sandbox, paid):
    sandbox.control("paypal", paid.session_id, "reverse")
    assert provider.status(paid.session_id).refunded == WHOLE
