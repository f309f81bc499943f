"""What settlement decides, for every combination: nothing is read, nothing is written."""

from dataclasses import replace

import pytest

from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import OrderStatus, Reason
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import WAITING, PaymentStatus
from chalicelib.settlement import decide
from chalicelib.settlement.decide import Step
from tools import settlement
from tools.settlement import DUE, situation

PENDING, PAID, CANCELLED = OrderStatus.PENDING, OrderStatus.PAID, OrderStatus.CANCELLED
CAME = Outcome(State.PAID, "cs_1", DUE)


def step(found: decide.Situation, outcome: Outcome) -> Step:
    return decide.decide(found, outcome).step


def test_the_page_in_docs_says_what_the_code_decides():
    assert settlement.PAGE.read_text(encoding="utf-8") == settlement.page(), (
        "docs/settlement.md has fallen behind: run `python -m tools.settlement` and commit it"
    )


def test_every_step_is_explained():
    assert set(settlement.WORDS) == set(Step)


@pytest.mark.parametrize("state", State)
def test_every_combination_is_decided_and_what_was_done_is_not_done_again(state):
    for order in OrderStatus:
        for payment in PaymentStatus:
            found = situation(order, payment)
            decided = decide.decide(found, Outcome(state, "cs_1", DUE))
            if decided.payment is None or decided.step == Step.SEND_BACK:
                continue
            after = replace(
                found,
                order=replace(found.order, status=decided.order or order),
                payment=replace(found.payment, status=decided.payment),
            )
            again = decide.decide(after, Outcome(state, "cs_1", DUE)).step
            assert again == Step.NOTHING, (order, payment, decided)


def test_money_that_came_once_never_settles_an_order_twice():
    for order in (PAID, OrderStatus.REFUNDED):
        for payment in PaymentStatus:
            assert step(situation(order, payment), CAME) not in (Step.SETTLE, Step.REVIVE)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(State.PAID, "cs_1", Money(4497, "USD")),
        Outcome(State.PAID, "cs_1", Money(4498, "EUR")),
        Outcome(State.PAID, "cs_1", None),
        Outcome(State.PAID, "cs_2", DUE),
        Outcome(State.PAID, "cs_1", DUE, doubt="a name of another shop"),
    ],
)
def test_money_that_is_not_what_was_asked_for_is_for_a_person(outcome):
    for order in OrderStatus:
        decided = decide.decide(situation(order, PaymentStatus.PENDING), outcome)
        assert (decided.step, decided.payment) == (Step.REVIEW, PaymentStatus.REVIEW)
        assert decided.why


def test_a_person_who_says_that_it_is_enough_settles_what_was_in_review():
    less = Outcome(State.PAID, "cs_1", Money(4000, "USD"), agreed=True)
    assert step(situation(PENDING, PaymentStatus.REVIEW), less) == Step.SETTLE
    assert step(situation(PENDING, PaymentStatus.REVIEW), replace(less, agreed=False)) == (
        Step.NOTHING
    )


def test_money_for_what_the_order_no_longer_costs_goes_back():
    found = situation(PENDING, PaymentStatus.PENDING)
    changed = replace(found, order=replace(found.order, shipping_price=Money(5000, "USD")))
    assert step(changed, CAME) == Step.SEND_BACK


def test_what_can_not_be_sent_back_is_for_a_person():
    found = replace(situation(PAID, PaymentStatus.PENDING), gives_back=lambda: False)
    decided = decide.decide(found, CAME)
    assert (decided.step, decided.why) == (Step.REVIEW, decide.BY_HAND)


def test_whether_it_can_be_sent_back_is_asked_only_where_that_matters():
    found = replace(situation(PENDING, PaymentStatus.PENDING), gives_back=lambda: 1 / 0)
    assert step(found, CAME) == Step.SETTLE


def test_an_order_whose_units_are_gone_is_revived_instead():
    released = Hold("hld_1", HoldStatus.RELEASED, {}, 1, version=1, since=1)
    found = replace(situation(PENDING, PaymentStatus.PENDING), hold=released)
    assert step(found, CAME) == Step.REVIVE
    held = replace(released, status=HoldStatus.HELD)
    assert step(replace(found, hold=held), CAME) == Step.SETTLE


@pytest.mark.parametrize(
    ("state", "payment", "reason"),
    [
        (State.ENDED, PaymentStatus.EXPIRED, Reason.EXPIRED),
        (State.FAILED, PaymentStatus.FAILED, Reason.PAYMENT_FAILED),
    ],
)
def test_the_last_open_attempt_takes_the_order_along(state, payment, reason):
    for waiting in WAITING:
        found = situation(PENDING, waiting)
        alone = decide.decide(found, Outcome(state, "cs_1"))
        assert (alone.step, alone.order, alone.reason) == (Step.CANCEL, CANCELLED, reason)
        beside = decide.decide(replace(found, others_open=True), Outcome(state, "cs_1"))
        assert (beside.step, beside.payment, beside.order) == (Step.END_ATTEMPT, payment, None)


def test_a_refused_try_is_noted_once():
    declined = Outcome(State.OPEN, "cs_1", declined=True)
    found = situation(PENDING, PaymentStatus.PENDING)
    assert step(found, declined) == Step.DECLINED
    noted = replace(found, payment=replace(found.payment, declined_at=7))
    assert step(noted, declined) == Step.NOTHING
