"""What an order of PayPal's says of the payment; what is no such order says nothing."""

import copy

import pytest

from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.paypal.outcomes import outcome_of

ORDER_ID = "5O190127TN364715T"


def usd(value: object) -> dict:
    return {"currency_code": "USD", "value": value}


def order(status="COMPLETED", captures=(), refunds=(), **changes) -> dict:
    payments = {"captures": list(captures), "refunds": list(refunds)}
    unit = {"reference_id": "ord_1", "payments": payments}
    return {"id": ORDER_ID, "status": status, "purchase_units": [unit], **changes}


def capture(status="COMPLETED", value="12.50", **changes) -> dict:
    return {"id": "3C679366HH908993F", "status": status, "amount": usd(value), **changes}


def refund(value: str, status="COMPLETED") -> dict:
    return {"id": "1JU08902781691411", "status": status, "amount": usd(value)}


@pytest.mark.parametrize(
    ("status", "state"),
    [("CREATED", State.OPEN), ("SAVED", State.OPEN), ("PAYER_ACTION_REQUIRED", State.OPEN),
     ("APPROVED", State.OPEN), ("VOIDED", State.ENDED)],
)  # fmt: skip
def test_an_order_without_a_capture_stands_as_its_status_says(status, state):
    assert outcome_of(order(status), ORDER_ID) == Outcome(state, ORDER_ID)
    assert outcome_of({"id": ORDER_ID, "status": status}, ORDER_ID).state == state


@pytest.mark.parametrize(
    ("status", "state"),
    [("COMPLETED", State.PAID), ("PARTIALLY_REFUNDED", State.PAID), ("REFUNDED", State.PAID),
     ("PENDING", State.PROCESSING), ("DECLINED", State.FAILED), ("FAILED", State.FAILED)],
)  # fmt: skip
def test_a_completed_order_stands_as_its_capture_says(status, state):
    outcome = outcome_of(order(captures=[capture(status)]), ORDER_ID)
    assert (outcome.state, outcome.amount) == (state, Money(1250, "USD"))
    assert outcome.capture_id == "3C679366HH908993F"


def test_money_outweighs_a_try_that_failed_before():
    tries = [capture("DECLINED", id="A"), capture("COMPLETED", id="B"), capture("PENDING", id="C")]
    outcome = outcome_of(order(captures=tries), ORDER_ID)
    assert (outcome.state, outcome.capture_id) == (State.PAID, "B")
    assert outcome_of(order("APPROVED", tries), ORDER_ID).state == State.PAID


def test_a_try_that_failed_leaves_an_order_open_that_is_not_completed():
    assert outcome_of(order("APPROVED", [capture("DECLINED")]), ORDER_ID).state == State.OPEN


def test_refunds_that_are_done_or_under_way_count_and_others_do_not():
    gone = [refund("1.00"), refund("2.00", "PENDING"), refund("4.00", "FAILED"),
            refund("8.00", "CANCELLED")]  # fmt: skip
    outcome = outcome_of(order(captures=[capture("PARTIALLY_REFUNDED")], refunds=gone), ORDER_ID)
    assert outcome.refunded == Money(300, "USD")
    whole = outcome_of(order(captures=[capture("REFUNDED")]), ORDER_ID)
    assert whole.refunded == Money(1250, "USD")


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [("12.50", "USD", 1250), ("12.5", "USD", 1250), ("12", "USD", 1200), ("0.01", "USD", 1),
     ("12.500", "USD", 1250), ("1999", "JPY", 1999), ("1999.00", "JPY", 1999),
     ("5000", "HUF", 500_000), ("999999999999999.99", "USD", 99_999_999_999_999_999)],
)  # fmt: skip
def test_an_amount_is_read_to_the_last_coin(value, currency, amount):
    captured = capture(amount={"currency_code": currency, "value": value})
    assert outcome_of(order(captures=[captured]), ORDER_ID).amount == Money(amount, currency)


@pytest.mark.parametrize(
    "value",
    ["", "1,000.00", "-1.00", "+1.00", "1e3", "0x10", " 1.00", "1.00 ", "1.", ".50", "NaN",
     "Infinity", "１２.50", "12.505", "1" * 16, 12.5, 12, None, True, ["1.00"]],
)  # fmt: skip
def test_an_amount_that_is_none_says_nothing(value):
    with pytest.raises(ProviderBusy):
        outcome_of(order(captures=[capture(value=value)]), ORDER_ID)


GOOD = order(captures=[capture()], refunds=[refund("1.00")])
ODD = [None, 7, "x", [], [[]], {}, True]


def places(value: object, path: tuple = ()):
    """Every place in an answer, as the steps that lead there."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, child in steps if isinstance(value, dict | list) else ():
        yield (*path, step)
        if isinstance(child, dict | list):
            yield from places(child, (*path, step))


@pytest.mark.parametrize("place", list(places(GOOD)), ids=lambda p: ".".join(map(str, p)))
def test_an_answer_that_is_odd_anywhere_is_read_or_says_nothing_and_never_breaks(place):
    states = set()
    for odd in ODD:
        answer = copy.deepcopy(GOOD)
        inner = answer
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = odd
        try:
            outcome = outcome_of(answer, ORDER_ID)
        except ProviderBusy:
            continue
        states.add(outcome.state)
        assert outcome.amount in (None, Money(1250, "USD"))
    assert states <= {State.PAID}


def test_another_order_s_answer_says_nothing():
    assert outcome_of(GOOD, ORDER_ID).state == State.PAID
    for identifier in ("ANOTHER", None, 7):
        with pytest.raises(ProviderBusy):
            outcome_of({**GOOD, "id": identifier}, ORDER_ID)


@pytest.mark.parametrize("status", ["COMPLETED", "REVERSED", "", None, 7])
def test_a_status_that_explains_nothing_says_nothing(status):
    with pytest.raises(ProviderBusy):
        outcome_of(order(status), ORDER_ID)


def test_refunds_in_another_currency_say_nothing():
    odd = {**refund("1.00"), "amount": {"currency_code": "EUR", "value": "1.00"}}
    with pytest.raises(ProviderBusy):
        outcome_of(order(captures=[capture()], refunds=[odd]), ORDER_ID)
