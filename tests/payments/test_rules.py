"""Which money is the money that was asked for, and which providers there are."""

import pytest

from chalicelib.config import Misconfigured
from chalicelib.kernel.money import Money
from chalicelib.payments import registry, service
from chalicelib.payments.ports import Outcome, Refused, State
from chalicelib.payments.registry import PaymentMethodUnavailable
from chalicelib.payments.rules import Payment, PaymentStatus, mismatch


def payment(**changes) -> Payment:
    fields = {
        "payment_id": "pay_1",
        "reference": "ord_1",
        "provider": "stripe",
        "amount": Money(1999, "USD"),
        "status": PaymentStatus.PENDING,
        "created_at": 1,
        "expires_at": 2,
        "session_id": "cs_1",
    }
    return Payment(**(fields | changes))


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome(State.PAID, "cs_1", Money(1999, "USD")), None),
        (
            Outcome(State.PAID, "cs_1", Money(1998, "USD")),
            "19.98 USD paid, 19.99 USD asked for",
        ),
        (
            Outcome(State.PAID, "cs_1", Money(2000, "USD")),
            "20.00 USD paid, 19.99 USD asked for",
        ),
        (Outcome(State.PAID, "cs_1", Money(1999, "JPY")), "1999 JPY paid, 19.99 USD asked for"),
        (Outcome(State.PAID, "cs_1", None), "an unknown amount paid, 19.99 USD asked for"),
        (Outcome(State.PAID, "cs_2", Money(1999, "USD")), "paid in another session"),
        (Outcome(State.PAID, None, Money(1999, "USD")), "paid in another session"),
    ],
)
def test_only_the_amount_asked_for_in_its_own_session_is_a_match(outcome, told):
    assert mismatch(payment(), outcome) == told


@pytest.mark.parametrize("state", [state for state in State if state != State.PAID])
def test_where_no_money_came_nothing_can_be_wrong_with_it(state):
    assert mismatch(payment(), Outcome(state, "cs_2", Money(1, "JPY"))) is None


def test_a_session_that_was_never_learned_matches_by_its_amount():
    # The answer to `open` was lost; the webhook is the first to tell the session.
    found = Outcome(State.PAID, "cs_9", Money(1999, "USD"))
    assert mismatch(payment(session_id=None), found) is None


@pytest.mark.parametrize("name", ["", "cash", "Stripe", "../stripe"])
def test_a_provider_nobody_registered_is_not_available(name):
    with pytest.raises(PaymentMethodUnavailable):
        registry.provider(name)


def test_a_provider_is_made_once(shop):
    assert registry.provider("stripe") is registry.provider("stripe")


def test_a_missing_key_is_named_by_the_parameter_to_create(shelf):
    import boto3

    boto3.client("ssm").delete_parameter(Name="/cartwright/test/stripe/webhook_secret")
    with pytest.raises(Misconfigured, match="/cartwright/test/stripe/webhook_secret is missing"):
        registry.provider("stripe")


def test_money_that_was_never_captured_can_not_be_given_back():
    with pytest.raises(Refused):
        service.give_back(payment(capture_id=None), Money(1, "USD"), key="late:pay_1")
