"""An order paid wholly from the balance: at once, once, or not at all."""

import pytest

from chalicelib.balance.rules import BalanceNeedsAccount, BalanceTooLow
from chalicelib.balance.tables import EntryItem
from chalicelib.checkout import spending
from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.orders.rules import NotPayable
from chalicelib.payments import registry
from chalicelib.payments.ports import State
from chalicelib.payments.providers.balance.provider import NotEnough
from chalicelib.payments.registry import PaymentMethodUnavailable
from chalicelib.settlement import attempts, outcomes, reconcile
from tests import factory
from tests.balance.buyers import AN_HOUR, TOTAL, order_of, payment_of, stands
from tests.faults.shim import Crash, Point, Shim
from tests.faults.world import scan

LATER = reconcile.USUAL_SECONDS + 1
SOLD = {"available": 7, "reserved": 0, "sold": 2, "stocked": 9}
FULL = {"available": 9, "reserved": 0, "sold": 0, "stocked": 9}
WAYS = [{"payment_method": "balance", "use_balance": False}, {"use_balance": True}]
# The allowances of e-mail and user; the order, the debit, the order paid.
WRITES = ["UpdateItem"] + ["TransactWriteItems"] * 3
BEFORE_THE_DEBIT = Point(2, after=False)


@pytest.mark.parametrize("way", WAYS, ids=["as-a-method", "as-much-as-it-can"])
def test_a_balance_that_is_enough_pays_at_once(rich, way):
    placed = rich.buy(**way)
    assert stands(placed) == ("PAID", "SUCCESS")
    assert payment_of(placed).provider == "balance"
    assert placed.url == placed.order.page
    assert rich.balance == 6000 - TOTAL
    assert factory.stock("mug") == SOLD
    rich.world()


def test_checkout_asked_again_takes_nothing_more(rich):
    cart_id = rich.cart()
    assert rich.buy(cart_id).order.order_id == rich.buy(cart_id).order.order_id
    assert rich.balance == 6000 - TOTAL
    rich.world()


def test_the_second_of_two_clicks_at_once_finds_the_order_that_the_first_has_paid(
    rich, monkeypatch
):
    cart_id = rich.cart()
    honest, first = spending.spend, []

    def spend(*args, **kwargs):
        if not first:
            first.append(True)
            first.append(rich.buy(cart_id, payment_method="balance"))
        return honest(*args, **kwargs)

    # Between the second click's look at the cart and the one at the balance.
    monkeypatch.setattr("chalicelib.checkout.drafting.spend", spend)
    second = rich.buy(cart_id, payment_method="balance")
    assert second.order.order_id == first[1].order.order_id
    assert stands(second) == ("PAID", "SUCCESS")
    assert rich.balance == 6000 - TOTAL
    rich.world()


def test_a_balance_that_is_too_low_orders_nothing_and_leaves_the_cart_open(ada):
    cart_id = ada.cart()
    with pytest.raises(BalanceTooLow) as error:
        ada.buy(cart_id, payment_method="balance")
    assert error.value.params == {"there": "12.00 USD"}
    assert scan("orders") == []
    assert ada.balance == 1200
    assert ada.buy(cart_id, use_balance=False).url.startswith("http")
    ada.world()


def test_a_guest_has_no_balance(rich):
    for way in WAYS:
        with pytest.raises(BalanceNeedsAccount):
            rich.shop.checkout(rich.cart(), **way)
    assert scan("orders") == []


def test_a_shop_that_does_not_take_it_in_a_currency_does_not_take_a_part_either(rich):
    ways = [way for way in factory.SETTINGS["paymentMethods"] if way["id"] != "balance"]
    factory.SettingItem(factory.SHOP, value={**factory.SETTINGS, "paymentMethods": ways}).save()
    factory.cache.forget_all()
    with pytest.raises(PaymentMethodUnavailable):
        rich.buy()
    assert rich.balance == 6000


def spent_meanwhile(monkeypatch, buyer, amount: int) -> None:
    """Between checkout's look at the balance and the debit somebody spends of it."""
    honest = attempts.open_page

    def open_page(*args, **named):
        factory.user_with(-amount, user_id=buyer.user_id)
        monkeypatch.setattr(attempts, "open_page", honest)
        return honest(*args, **named)

    monkeypatch.setattr(attempts, "open_page", open_page)


def test_a_balance_spent_meanwhile_ends_the_order_and_says_so(rich, monkeypatch):
    spent_meanwhile(monkeypatch, rich, 5000)
    with pytest.raises(BalanceTooLow) as error:
        rich.buy()
    assert error.value.params == {"there": "10.00 USD"}
    (order,) = scan("orders")
    assert order["status"] == "CANCELLED"
    assert rich.balance == 1000
    assert factory.stock("mug") == FULL
    rich.world()


def test_an_order_is_paid_from_the_balance_by_its_second_try(rich):
    placed = rich.buy(use_balance=False)
    order, url = attempts.pay(placed.order, "balance", now=clock.now())
    assert (order.status, url) == ("PAID", placed.order.page)
    assert payment_of(placed).provider == "balance"
    assert rich.balance == 6000 - TOTAL
    (session,) = rich.shop.sandbox.state()["stripe"]["sessions"]
    assert session["status"] == "expired"
    rich.world()


def test_an_order_that_the_balance_does_not_pay_waits_for_another_way(ada):
    placed = ada.buy(use_balance=False)
    with pytest.raises(NotEnough):
        attempts.pay(placed.order, "balance", now=clock.now())
    assert order_of(placed).status == "PENDING"
    again = attempts.pay(order_of(placed), "stripe", now=clock.now())[1]
    assert again.startswith("http")
    assert ada.balance == 1200
    ada.world()


def test_a_page_that_was_open_when_the_balance_paid_sends_its_money_back(rich):
    placed = rich.buy(use_balance=False)
    rich.shop.sandbox.fault("checkout.sessions.expire", "503", times=5)
    attempts.pay(placed.order, "balance", now=clock.now())
    rich.shop.sandbox.no_faults()
    for event in rich.shop.pay(placed):
        rich.shop.deliver(event)
    rich.shop.drain()
    assert stands(placed) == ("PAID", "SUCCESS")
    assert len(rich.shop.sandbox.state()["stripe"]["refunds"]) == 1
    rich.world()


def test_the_writes_are_all_counted(rich):
    cart_id = rich.cart()
    with Shim() as shim:
        rich.buy(cart_id)
    assert shim.writes == WRITES


POINTS = [Point(number, after) for number in range(len(WRITES)) for after in (False, True)]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_checkout_tried_again_after_a_crash_pays_once(rich, point):
    cart_id = rich.cart()
    with Shim(crash=point), pytest.raises(Crash):
        rich.buy(cart_id)
    placed = rich.buy(cart_id)
    assert stands(placed) == ("PAID", "SUCCESS")
    assert rich.balance == 6000 - TOTAL
    assert len(scan("orders")) == 1
    rich.world()


@pytest.mark.parametrize("ends", ["reconcile", "sweep"])
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_what_was_taken_before_a_crash_becomes_a_paid_order_by_itself(rich, point, ends):
    cart_id = rich.cart()
    with Shim(crash=point), pytest.raises(Crash):
        rich.buy(cart_id)
    taken = rich.balance < 6000
    if ends == "reconcile":
        reconcile.poll_open_payments(clock.now() + LATER)
    else:
        rich.shop.sweep(after=AN_HOUR)
    wanted = {"PAID"} if taken else {"CANCELLED"}
    assert {order["status"] for order in scan("orders")} <= wanted
    assert rich.balance == (6000 - TOTAL if taken else 6000)
    assert factory.stock("mug") == (SOLD if taken else FULL)
    rich.world()


def test_a_debit_that_comes_after_the_order_was_given_up_is_not_made(rich):
    cart_id = rich.cart()
    with Shim(crash=BEFORE_THE_DEBIT), pytest.raises(Crash):
        rich.buy(cart_id)
    (row,) = scan("orders")
    order = orders.read(row["order_id"])
    payment = orders.payment_of(order)
    rich.shop.sweep(after=AN_HOUR)
    # The click that had read the payment before goes on now.
    assert attempts.open_page(order, payment, now=clock.now())[1] == order.page
    assert orders.read(order.order_id).status == "CANCELLED"
    assert rich.balance == 6000
    rich.world()


def test_control_without_the_tombstone_the_late_debit_is_made(rich, monkeypatch):
    cart_id = rich.cart()
    with Shim(crash=BEFORE_THE_DEBIT), pytest.raises(Crash):
        rich.buy(cart_id)
    (row,) = scan("orders")
    order = orders.read(row["order_id"])
    payment = orders.payment_of(order)
    provider = registry.provider("balance")
    monkeypatch.setattr(type(provider), "close", type(provider).status)
    rich.shop.sweep(after=AN_HOUR)
    monkeypatch.setattr(outcomes, "apply", lambda *_, **__: None)
    attempts.open_page(order, payment, now=clock.now())
    assert rich.balance == 6000 - TOTAL
    with pytest.raises(AssertionError, match="different stories"):
        rich.world()


def test_of_opening_and_closing_at_once_one_is_first(rich, monkeypatch):
    placed = rich.buy(use_balance=False)
    payment = payment_of(placed)
    provider = registry.provider("balance")
    charge = orders.charge_of(placed.order, payment)
    # The debit is made between the closer's decision and its write.
    honest = spending.balances.dynamo.put

    def put(item, **how):
        if isinstance(item, EntryItem):
            provider.open(charge)
        return honest(item, **how)

    monkeypatch.setattr(spending.balances.dynamo, "put", put)
    assert provider.close(payment.payment_id).state == State.PAID
    assert rich.balance == 6000 - TOTAL


def test_a_debit_found_after_another_way_has_paid_goes_back_into_the_balance(rich, monkeypatch):
    placed = rich.buy(use_balance=False)
    # The balance pays a second try, and the process dies before that is written down.
    monkeypatch.setattr(attempts, "_close_others", lambda *_, **__: None)
    with Shim(crash=Point(2, after=False)), pytest.raises(Crash):
        attempts.pay(placed.order, "balance", now=clock.now())
    assert rich.balance == 6000 - TOTAL
    rich.shop.settle(placed)
    reconcile.poll_open_payments(clock.now() + LATER)
    assert stands(placed) == ("PAID", "SUCCESS")
    assert payment_of(placed).provider == "stripe"
    assert rich.balance == 6000
    rich.world()


def test_an_order_that_is_paid_is_not_paid_from_the_balance_as_well(rich):
    placed = rich.buy(use_balance=False)
    rich.shop.settle(placed)
    with pytest.raises(NotPayable):
        attempts.pay(order_of(placed), "balance", now=clock.now())
    assert rich.balance == 6000
    rich.world()
