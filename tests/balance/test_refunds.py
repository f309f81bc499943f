"""Refunds of an order that the balance paid a part of, and refunds into the balance."""

import itertools

import pytest

from chalicelib.balance.rules import BalanceNeedsAccount
from chalicelib.kernel import clock
from chalicelib.kernel.ids import token
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.orders import snapshot
from chalicelib.payments import refunds
from chalicelib.payments.ports import Outcome, ProviderRefused, State
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from chalicelib.payments.refunds import RefundByHand, RefundTooMuch
from chalicelib.payments.rules import RefundTo
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import decide_refund, reconcile, refunding, store_credit
from tests import factory
from tests.balance.buyers import TOTAL, order_of, payment_of, stands
from tests.faults.shim import Crash, Point, Shim
from tests.settlement.attempted import read_first

LATER = reconcile.USUAL_SECONDS + 1
REST = TOTAL - 1200
BALANCE, ORIGIN = RefundTo.BALANCE, RefundTo.ORIGIN


@pytest.fixture
def paid(ada):
    """An order of 44.98, 12.00 of it from the balance, 32.98 by card."""
    placed = ada.buy()
    ada.shop.settle(placed)
    return placed


def give_back(placed, amount: int | None = None, *, to=ORIGIN, operation: str | None = None):
    return refunding.refund(
        placed.order.order_id,
        amount,
        reason="broken",
        by="key:admin",
        operation=operation or token(),
        now=clock.now(),
        to=to,
    )[1]


def by_origin(made) -> dict[str, int]:
    return {str(one.to): one.amount.amount for one in made}


def by_card(ada) -> int:
    return sum(one["amount"] for one in ada.shop.sandbox.state()["stripe"]["refunds"])


def test_the_whole_goes_back_each_part_the_way_it_came(ada, paid):
    made = give_back(paid)
    assert by_origin(made) == {"ORIGIN": REST, "BALANCE": 1200}
    assert {one.status for one in made} == {"DONE"}
    assert (by_card(ada), ada.balance) == (REST, 1200)
    assert stands(paid) == ("REFUNDED", "REFUNDED")
    ada.world()


@pytest.mark.parametrize("order", list(itertools.permutations([1000, 2500, 998])), ids=str)
def test_parts_go_back_in_any_order_the_card_first(ada, paid, order):
    for number, amount in enumerate(order):
        assert order_of(paid).status == "PAID", f"before part {number}"
        give_back(paid, amount)
        ada.world()
    assert (by_card(ada), ada.balance) == (REST, 1200)
    assert order_of(paid).status == "REFUNDED"
    with pytest.raises(decide_refund.NotRefundable):
        give_back(paid, 1)


def test_an_order_is_refunded_only_when_both_are_back(ada, paid):
    give_back(paid, REST)
    assert (by_card(ada), ada.balance, order_of(paid).status) == (REST, 0, "PAID")
    give_back(paid, 1200)
    assert (by_card(ada), ada.balance, order_of(paid).status) == (REST, 1200, "REFUNDED")
    ada.world()


def test_the_cards_money_can_go_into_the_balance(ada, paid):
    assert by_origin(give_back(paid, 4000, to=BALANCE)) == {"BALANCE": 4000}
    assert (by_card(ada), ada.balance) == (0, 4000)
    with pytest.raises(RefundTooMuch) as error:
        give_back(paid, 499, to=BALANCE)
    assert error.value.params == {"left": "4.98 USD"}
    # What is left goes to the card, which has more than that to give back.
    assert by_origin(give_back(paid)) == {"ORIGIN": 498}
    assert order_of(paid).status == "REFUNDED"
    ada.world()


def test_an_order_without_a_part_can_be_refunded_into_its_owners_balance(ada):
    placed = ada.buy(use_balance=False)
    ada.shop.settle(placed)
    give_back(placed, to=BALANCE)
    assert (by_card(ada), ada.balance) == (0, 1200 + TOTAL)
    assert stands(placed) == ("REFUNDED", "REFUNDED")
    ada.world()


def test_an_order_that_the_balance_paid_wholly_goes_back_into_it(rich):
    placed = rich.buy()
    give_back(placed, 1000)
    give_back(placed, 500, to=BALANCE)
    give_back(placed)
    assert rich.balance == 6000
    assert stands(placed) == ("REFUNDED", "REFUNDED")
    rich.world()


def test_a_guests_money_can_not_go_into_a_balance(mugs):
    placed = mugs.buy({"mug": 2})
    mugs.settle(placed)
    with pytest.raises(BalanceNeedsAccount):
        give_back(placed, 1000, to=BALANCE)
    assert payment_of(placed).refunds == ()
    give_back(placed, 1000)


def test_the_same_operation_is_the_same_refund_in_both_its_ways(ada, paid):
    first = give_back(paid, 4000, operation="op")
    assert give_back(paid, 4000, operation="op") == first
    assert (by_card(ada), ada.balance) == (REST, 4000 - REST)
    ada.world()


def test_a_provider_that_sends_nothing_back_leaves_the_balance(ada, paid, monkeypatch):
    can = StripeCheckout.capabilities
    monkeypatch.setattr(StripeCheckout, "capabilities", type(can)(refunds=False))
    with pytest.raises(RefundByHand):
        give_back(paid, 1000)
    give_back(paid, 1000, to=BALANCE)
    assert ada.balance == 1000


def test_a_refund_that_the_provider_refuses_takes_nothing_from_the_balances_way(
    ada, paid, monkeypatch
):
    def refuse(*_, **__):
        raise ProviderRefused()

    monkeypatch.setattr(StripeCheckout, "refund", refuse)
    assert {str(one.to): str(one.status) for one in give_back(paid)} == {
        "ORIGIN": "FAILED",
        "BALANCE": "DONE",
    }
    monkeypatch.undo()
    assert by_origin(give_back(paid)) == {"ORIGIN": REST}
    assert (by_card(ada), ada.balance) == (REST, 1200)
    ada.world()


def test_what_the_provider_says_went_back_does_not_count_what_the_balance_got(ada, paid):
    give_back(paid, 2000, to=BALANCE)
    payment = payment_of(paid)
    said = Outcome(State.PAID, payment.session_id, payment.amount, refunded=Money(300, "USD"))
    for _ in range(2):
        refunding.sync_refunds(payment, said, now=clock.now())
    after = payment_of(paid)
    assert (after.refunded, after.returned) == (Money(2300, "USD"), Money(300, "USD"))


def two_at_once(monkeypatch, placed) -> None:
    """Two have read the payment with nothing refunded, neither here nor at the provider."""
    monkeypatch.setattr(refunding, "_sync_paid", lambda order_id, now: None)
    read_first(monkeypatch, snapshot.read(placed.order.order_id), times=2)


@pytest.mark.parametrize("ways", list(itertools.product([ORIGIN, BALANCE], repeat=2)), ids=str)
def test_two_at_once_never_give_back_more_than_was_paid(ada, paid, monkeypatch, ways):
    two_at_once(monkeypatch, paid)
    give_back(paid, 3000, to=ways[0])
    with pytest.raises(RefundTooMuch):
        give_back(paid, 3000, to=ways[1])
    assert by_card(ada) + ada.balance == 3000
    ada.world()


def test_control_without_the_turns_condition_more_is_given_back(ada, paid, monkeypatch):
    two_at_once(monkeypatch, paid)
    monkeypatch.setattr(refunds, "_same_version", lambda payment: PaymentItem.payment_id.exists())
    give_back(paid, 3000, to=ORIGIN)
    give_back(paid, 3000, to=BALANCE)
    assert by_card(ada) + ada.balance == 6000 > TOTAL
    with pytest.raises(AssertionError):
        ada.world()


# Counted; the provider, written down; credited as it is written down.
WRITES = ["TransactWriteItems", "stripe post", "TransactWriteItems", "TransactWriteItems"]
POINTS = [Point(number, after) for number in range(len(WRITES)) for after in (False, True)]


def test_the_writes_are_all_counted(ada, paid):
    with Shim() as shim:
        give_back(paid)
    assert shim.writes == WRITES


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_a_refund_that_was_cut_off_is_finished_by_itself_once(ada, paid, point):
    with Shim(crash=point), pytest.raises(Crash):
        give_back(paid, operation="op")
    counted = bool(payment_of(paid).refunds)
    for _ in range(2):
        reconcile.poll_open_payments(clock.now() + LATER)
    assert (by_card(ada), ada.balance) == ((REST, 1200) if counted else (0, 0))
    ada.world()
    give_back(paid, operation="op")
    assert (by_card(ada), ada.balance) == (REST, 1200)
    assert order_of(paid).status == "REFUNDED"
    ada.world()


def test_control_a_credit_outside_of_the_transaction_is_lost_by_a_crash(ada, paid, monkeypatch):
    monkeypatch.setattr(store_credit, "refund", lambda tx, order, made, now: None)
    give_back(paid, 1000, to=BALANCE)
    with pytest.raises(AssertionError, match="different stories"):
        ada.world()


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("after", [False, True])
def test_a_refund_of_a_whole_payment_from_the_balance_is_made_once(rich, number, after):
    placed = rich.buy()
    with Shim(crash=Point(number, after)), pytest.raises(Crash):
        give_back(placed, 1000, operation="op")
    give_back(placed, 1000, operation="op")
    assert rich.balance == 6000 - TOTAL + 1000
    rich.world()


def test_two_credits_at_once_are_both_made(ada, paid, monkeypatch):
    # Another movement comes between a credit's reading and its write.
    honest, met = store_credit.balance.read, []

    def read(user_id: str, currency: str):
        found = honest(user_id, currency)
        if not met:
            met.append(True)
            factory.user_with(77, user_id=user_id)
        return found

    monkeypatch.setattr(store_credit.balance, "read", read)
    give_back(paid, 1000, to=BALANCE)
    assert ada.balance == 1077
    assert orders.read(paid.order.order_id).status == "PAID"
    ada.world()
