"""A waiting order is changed: what the balance pays of it follows, in the same transaction."""

import pytest

from chalicelib.balance.rules import BalanceTooLow
from chalicelib.catalog.tables import VariantItem
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.orders.tables import item_of
from chalicelib.payments import pages
from chalicelib.settlement import amend, store_credit
from tests import factory
from tests.balance.buyers import AN_HOUR, TOTAL, Buyer, order_of, payment_of, stands


def test_more_of_it_is_taken_when_more_is_wanted(ada):
    cart_id = ada.cart()
    first = ada.buy(cart_id, balance_most=500)
    again = ada.buy(cart_id)
    assert again.order.order_id == first.order.order_id
    assert ada.balance == 0
    assert (again.order.part.amount, payment_of(again).amount.amount) == (1200, TOTAL - 1200)
    assert again.url != first.url
    ada.world()


@pytest.mark.parametrize("words", [{"balance_most": 500}, {"use_balance": False}], ids=str)
def test_what_is_not_wanted_any_more_is_returned(ada, words):
    cart_id = ada.cart()
    ada.buy(cart_id)
    again = ada.buy(cart_id, **words)
    left = words.get("balance_most", 0)
    assert ada.balance == 1200 - left
    assert again.order.due.amount == payment_of(again).amount.amount == TOTAL - left
    ada.world()


def test_the_same_words_take_nothing_more_though_more_is_there_by_now(ada):
    cart_id = ada.cart()
    first = ada.buy(cart_id)
    factory.user_with(300, user_id=ada.user_id)
    again = ada.buy(cart_id)
    assert (again.url, again.order.part) == (first.url, first.order.part)
    assert ada.balance == 300
    ada.world()


def test_a_changed_order_that_is_given_up_returns_what_it_had_then(ada):
    cart_id = ada.cart()
    ada.buy(cart_id)
    again = ada.buy(cart_id, balance_most=500)
    ada.shop.sweep(after=AN_HOUR)
    assert stands(again)[0] == "CANCELLED"
    assert ada.balance == 1200
    ada.world()


def test_it_can_pay_the_whole_with_what_it_paid_of_it_before(mugs):
    rich = Buyer(mugs, TOTAL)
    cart_id = rich.cart()
    rich.buy(cart_id, balance_most=4000)
    assert rich.balance == TOTAL - 4000
    again = rich.buy(cart_id, use_balance=False, payment_method="balance")
    assert stands(again) == ("PAID", "SUCCESS")
    assert rich.balance == 0
    rich.world()


def test_too_little_for_the_whole_changes_nothing(ada):
    cart_id = ada.cart()
    first = ada.buy(cart_id)
    with pytest.raises(BalanceTooLow):
        ada.buy(cart_id, use_balance=False, payment_method="balance")
    assert item_of(order_of(first)).attribute_values == item_of(first.order).attribute_values
    assert ada.shop.session_of(first)["status"] == "open"
    ada.world()


def test_a_dearer_order_of_the_same_rest_has_a_page_of_its_own(mugs):
    # The sum asked for stays the same; what the balance pays beside it does not.
    buyer = Buyer(mugs, 2000)
    cart_id = buyer.cart()
    first = buyer.buy(cart_id, balance_most=1000)
    item = VariantItem.get("mug")
    item.prices = {"USD": 1999 + 100}
    item.save()
    again = buyer.buy(cart_id, balance_most=1200)
    assert again.order.due == first.order.due
    assert again.order.payment_id != first.order.payment_id
    assert payment_of(again).store_credit_amount.amount == 1200
    buyer.world()


def test_the_provider_down_leaves_the_balance_as_it_is(ada, monkeypatch):
    cart_id = ada.cart()
    first = ada.buy(cart_id)

    def busy(*_):
        raise ProviderBusy()

    monkeypatch.setattr(pages, "close_page", busy)
    with pytest.raises(ProviderBusy):
        ada.buy(cart_id, balance_most=500)
    assert ada.balance == 0
    assert item_of(order_of(first)).attribute_values == item_of(first.order).attribute_values
    ada.world()


def test_a_balance_that_moves_in_between_is_read_anew(ada, monkeypatch):
    cart_id = ada.cart()
    ada.buy(cart_id, balance_most=500)
    honest, done = amend.write, []

    def write(change, extra_writes, *, now):
        if not done:
            done.append(True)
            factory.user_with(300, user_id=ada.user_id)
        return honest(change, extra_writes, now=now)

    monkeypatch.setattr(amend, "write", write)
    again = ada.buy(cart_id)
    assert again.order.part.amount == 1500
    assert ada.balance == 0
    ada.world()


def test_control_without_the_movement_an_order_is_cheaper_for_nothing(ada, monkeypatch):
    monkeypatch.setattr(store_credit, "change", lambda *_, **__: None)
    cart_id = ada.cart()
    ada.buy(cart_id, balance_most=500)
    ada.buy(cart_id)
    assert ada.balance == 700, "seven dollars of it were never taken"
    with pytest.raises(AssertionError, match="not what it has taken"):
        ada.world()
