"""A person accepts money of a page of before the order was changed: what goes back later is what
was paid, and not what the balance once was to pay beside it."""

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.orders.tables import OrderItem
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import PaymentStatus, RefundTo
from chalicelib.settlement import outcomes, review
from chalicelib.settlement.decide_review import NotInReview, ReviewDecision
from tests.balance.buyers import TOTAL, Buyer, order_of
from tests.settlement.disputed import give_back

PART = 1000


@pytest.fixture
def ada(shop):
    shop.sell("mug", stock=5)
    return Buyer(shop, PART)


def parked(placed, amount: Money) -> str:
    """The first page's money comes after all, and is not what it asked for."""
    old = payments.read(placed.order.payment_id)
    paid = Outcome(State.PAID, old.session_id, amount, "pi_late")
    outcomes.apply(placed.order.order_id, paid, payment_id=old.payment_id, now=clock.now())
    assert payments.read(old.payment_id).status == PaymentStatus.REVIEW
    return old.payment_id


def test_a_part_that_was_returned_goes_back_no_second_time(ada):
    cart = ada.cart()
    first = ada.buy(cart)
    ada.buy(cart, use_balance=False)
    assert ada.balance == PART
    old = parked(first, Money(TOTAL - 1, "USD"))
    order, payment = review.decide(old, ReviewDecision.ACCEPT, now=clock.now())
    assert (order.status, payment.whole) == ("PAID", Money(TOTAL - 1, "USD"))
    give_back(first, to=RefundTo.BALANCE)
    assert ada.balance == PART + TOTAL - 1
    assert order_of(first).status == "REFUNDED"


def test_control_as_the_page_was_begun_a_part_that_was_returned_is_paid_twice(ada, monkeypatch):
    real = payments.conclude
    monkeypatch.setattr(
        payments, "conclude", lambda *a, store_credit_amount=None, **named: real(*a, **named)
    )
    cart = ada.cart()
    first = ada.buy(cart)
    ada.buy(cart, use_balance=False)
    review.decide(parked(first, Money(TOTAL - 1, "USD")), ReviewDecision.ACCEPT, now=clock.now())
    give_back(first, to=RefundTo.BALANCE)
    assert ada.balance == PART + TOTAL - 1 + PART


def test_a_part_that_was_taken_by_the_change_goes_back_with_the_money(ada):
    cart = ada.cart()
    first = ada.buy(cart, use_balance=False)
    ada.buy(cart)
    assert ada.balance == 0
    old = parked(first, Money(TOTAL - 1, "USD"))
    review.decide(old, ReviewDecision.ACCEPT, now=clock.now())
    give_back(first, to=RefundTo.BALANCE)
    assert ada.balance == PART + TOTAL - 1


def test_money_in_another_currency_than_the_order_is_in_by_now_can_only_go_back(ada):
    first = ada.buy(use_balance=False)
    old = parked(first, Money(TOTAL - 1, "USD"))
    OrderItem.get(first.order.order_id).update([OrderItem.currency.set("EUR")])
    with pytest.raises(NotInReview):
        review.decide(old, ReviewDecision.ACCEPT, now=clock.now())
