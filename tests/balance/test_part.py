"""A part of an order is paid from the balance: taken with the order, returned with its end."""

import pytest

from chalicelib.balance import service as balances
from chalicelib.balance.tables import BalanceItem
from chalicelib.kernel import clock
from chalicelib.kernel.money import Money
from chalicelib.orders import service as orders
from chalicelib.payments.ports import Outcome, ProviderRefused, State
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from chalicelib.settlement import attempts, outcomes, review, store_credit
from chalicelib.settlement.decide_review import ReviewDecision
from tests import factory
from tests.balance.buyers import AN_HOUR, TOTAL, Buyer, give_up, order_of, payment_of, stands
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import scan

REST = TOTAL - 1200


def test_the_payment_asks_for_the_rest_in_one_line(ada):
    placed = ada.buy()
    assert (placed.order.part, placed.order.due) == (Money(1200, "USD"), Money(REST, "USD"))
    session = ada.shop.session_of(placed)
    assert session["amount_total"] == REST
    (line,) = orders.charge_of(placed.order, payment_of(placed)).lines
    assert (line.name, line.unit_amount, line.quantity) == (
        placed.order.number,
        Money(REST, "USD"),
        1,
    )
    assert ada.balance == 0
    ada.world()


def test_what_is_left_is_paid_and_the_order_with_it(ada):
    placed = ada.buy()
    ada.shop.settle(placed)
    assert stands(placed) == ("PAID", "SUCCESS")
    assert ada.balance == 0
    ada.world()


def test_no_more_of_the_balance_is_taken_than_wanted(ada):
    ada.buy(balance_most=500)
    assert ada.balance == 700
    ada.world()


def test_nobody_who_has_nothing_is_refused_for_wanting_to_use_it(mugs):
    poor = Buyer(mugs, 0)
    placed = poor.buy()
    assert placed.order.due == placed.order.total
    poor.world()


def test_a_rest_that_no_provider_takes_is_left_a_little_larger(mugs):
    placed = Buyer(mugs, TOTAL - 1).buy()
    assert placed.order.due == Money(50, "USD")


def test_checkout_asked_again_takes_the_part_once(ada):
    cart_id = ada.cart()
    assert ada.buy(cart_id).url == ada.buy(cart_id).url
    assert ada.balance == 0
    ada.world()


def test_two_carts_at_once_share_what_is_there(ada, monkeypatch):
    # The other cart is checked out after this one has read the balance.
    honest, met = balances.read, []

    def read(user_id: str, currency: str):
        found = honest(user_id, currency)
        if not met:
            met.append(True)
            ada.buy(balance_most=800)
        return found

    monkeypatch.setattr(balances, "read", read)
    placed = ada.buy()
    assert placed.order.part == Money(400, "USD")
    assert ada.balance == 0
    ada.world()


def test_control_without_the_turns_condition_two_carts_spend_the_same_money(ada, monkeypatch):
    honest, met = balances.read, []

    def read(user_id: str, currency: str):
        found = honest(user_id, currency)
        if not met:
            met.append(True)
            ada.buy()
        return found

    monkeypatch.setattr(balances, "read", read)
    monkeypatch.setattr(balances, "_unmoved", lambda balance: BalanceItem.user_id.exists())
    ada.buy()
    with pytest.raises(AssertionError, match="a movement lost or made twice"):
        ada.world()


def test_an_order_that_nobody_paid_returns_its_part(ada):
    placed = ada.buy()
    ada.shop.sweep(after=AN_HOUR)
    assert order_of(placed).status == "CANCELLED"
    assert ada.balance == 1200
    ada.shop.sweep(after=AN_HOUR)
    assert ada.balance == 1200
    ada.world()


def test_control_a_cancel_that_forgets_the_part_is_seen(ada, monkeypatch):
    monkeypatch.setattr(store_credit, "give_back", lambda tx, order, now: None)
    ada.buy()
    ada.shop.sweep(after=AN_HOUR)
    with pytest.raises(AssertionError, match="different stories"):
        ada.world()


def test_a_payment_that_is_refused_returns_its_part(ada, monkeypatch):
    def refuse(*_, **__):
        raise ProviderRefused()

    monkeypatch.setattr(StripeCheckout, "open", refuse)
    with pytest.raises(ProviderRefused):
        ada.buy()
    assert {order["status"] for order in scan("orders")} == {"CANCELLED"}
    assert ada.balance == 1200
    ada.world()


def test_another_way_to_pay_asks_for_the_same_rest(ada):
    placed = ada.buy()
    attempts.pay(placed.order, "paypal", now=clock.now())
    assert payment_of(placed).amount == Money(REST, "USD")
    assert ada.balance == 0
    ada.world()


def test_the_rest_can_be_paid_from_a_balance_that_has_grown(ada):
    placed = ada.buy()
    factory.user_with(5000, user_id=ada.user_id)
    attempts.pay(placed.order, "balance", now=clock.now())
    assert stands(placed) == ("PAID", "SUCCESS")
    assert ada.balance == 5000 - REST
    ada.world()


def late(ada, placed) -> None:
    """The buyer pays a page whose order was given up."""
    for event in ada.shop.pay(placed):
        ada.shop.deliver(event)
    ada.shop.drain()


def test_money_that_comes_late_takes_the_part_once_more(ada):
    placed = ada.buy()
    give_up(placed)
    assert ada.balance == 1200
    late(ada, placed)
    assert stands(placed) == ("PAID", "SUCCESS")
    assert ada.balance == 0
    ada.world()


def test_money_that_comes_when_the_part_is_spent_goes_back(ada):
    placed = ada.buy()
    give_up(placed)
    factory.user_with(-1, user_id=ada.user_id)
    late(ada, placed)
    assert stands(placed) == ("CANCELLED", "REFUNDED")
    (refund,) = ada.shop.sandbox.state()["stripe"]["refunds"]
    assert refund["amount"] == REST
    assert ada.balance == 1199
    assert factory.stock("mug")["available"] == 9
    ada.world()


def test_control_a_revival_that_does_not_take_the_part_is_seen(ada, monkeypatch):
    monkeypatch.setattr(store_credit, "take_again", lambda tx, order, now: None)
    placed = ada.buy()
    give_up(placed)
    late(ada, placed)
    with pytest.raises(AssertionError, match="different stories"):
        ada.world()


def test_a_second_payment_of_the_rest_goes_back_wholly_and_the_part_stays(ada):
    placed = ada.buy()
    ada.shop.sandbox.fault("checkout.sessions.expire", "503", times=5)
    factory.user_with(5000, user_id=ada.user_id)
    attempts.pay(placed.order, "balance", now=clock.now())
    ada.shop.sandbox.no_faults()
    late(ada, placed)
    assert stands(placed) == ("PAID", "SUCCESS")
    (refund,) = ada.shop.sandbox.state()["stripe"]["refunds"]
    assert refund["amount"] == REST
    assert ada.balance == 5000 - REST
    ada.world()


def in_review(ada, placed) -> str:
    """A person has to decide: more came than was asked for."""
    payment = payment_of(placed)
    ada.shop.pay(placed)
    (session,) = ada.shop.sandbox.state()["stripe"]["sessions"]
    came = Outcome(
        State.PAID, payment.session_id, Money(REST + 1, "USD"), session["payment_intent"]
    )
    outcomes.apply(placed.order.order_id, came, now=clock.now())
    assert stands(placed) == ("PENDING", "REVIEW")
    return payment.payment_id


def test_a_review_given_up_returns_the_part_with_the_order(ada):
    placed = ada.buy()
    review.decide(in_review(ada, placed), ReviewDecision.RETURNED, now=clock.now())
    assert order_of(placed).status == "CANCELLED"
    assert ada.balance == 1200


def test_a_review_accepted_keeps_the_part(ada):
    placed = ada.buy()
    payment_id = in_review(ada, placed)
    ada.shop.sweep(after=AN_HOUR)
    assert ada.balance == 0
    review.decide(payment_id, ReviewDecision.ACCEPT, now=clock.now())
    assert stands(placed) == ("PAID", "SUCCESS")
    assert ada.balance == 0


# The allowance, the order with its part, the session, its address.
CHECKOUT = ["UpdateItem", "TransactWriteItems", "stripe post", "UpdateItem"]
EXPIRE = ["stripe post", "TransactWriteItems"]


def points(writes: list[str]) -> list[Point]:
    return [Point(number, after) for number in range(len(writes)) for after in (False, True)]


def test_the_writes_are_all_counted(ada):
    cart_id = ada.cart()
    with Shim() as checkout:
        ada.buy(cart_id)
    with Shim() as expire:
        ada.shop.sweep(after=AN_HOUR)
    assert (checkout.writes, expire.writes) == (CHECKOUT, EXPIRE)


@pytest.mark.parametrize("point", points(CHECKOUT), ids=str)
def test_checkout_tried_again_after_a_crash_takes_the_part_once(ada, point):
    cart_id = ada.cart()
    with Shim(crash=point), pytest.raises(Crash):
        ada.buy(cart_id)
    placed = ada.buy(cart_id)
    ada.shop.settle(placed)
    assert stands(placed) == ("PAID", "SUCCESS")
    assert ada.balance == 0
    ada.world()


@pytest.mark.parametrize("point", points(CHECKOUT), ids=str)
def test_checkout_that_crashed_and_was_given_up_returns_the_part(ada, point):
    cart_id = ada.cart()
    with Shim(crash=point), pytest.raises(Crash):
        ada.buy(cart_id)
    ada.shop.sweep(after=AN_HOUR)
    assert ada.balance == 1200
    ada.world()


@pytest.mark.parametrize("point", points(EXPIRE), ids=str)
def test_an_expiry_that_crashed_returns_the_part_once(ada, point):
    ada.buy()
    with Shim(crash=point), pytest.raises(Crash):
        ada.shop.sweep(after=AN_HOUR)
    ada.shop.sweep(after=AN_HOUR)
    assert ada.balance == 1200
    ada.world()


@pytest.mark.parametrize("after", [False, True])
def test_a_revival_that_crashed_takes_the_part_once(ada, after):
    placed = ada.buy()
    give_up(placed)
    events = ada.shop.pay(placed)
    completed = next(one for one in events if one["type"] == "checkout.session.completed")
    ada.shop.deliver(completed)
    with Shim(crash=Point(0, after)), pytest.raises(Crash):
        ada.shop.work()
    ada.shop.deliver(completed)
    assert ada.shop.work() == []
    assert stands(placed) == ("PAID", "SUCCESS")
    assert ada.balance == 0
    ada.world()
