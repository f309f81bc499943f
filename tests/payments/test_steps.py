"""What a provider can charge or send back to the last unit, and what not."""

import copy

import pytest
import stripe

from chalicelib.balance.rules import part_of
from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem
from chalicelib.checkout import spending
from chalicelib.kernel import cache, clock
from chalicelib.kernel.ids import token
from chalicelib.kernel.money import DECIMALS, Money
from chalicelib.payments.capabilities import Remainder
from chalicelib.payments.ports import Capabilities
from chalicelib.payments.providers.paypal.provider import PayPal
from chalicelib.payments.providers.stripe.capabilities import STEPS
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from chalicelib.payments.rules import AmountNotInSteps, RefundTo
from chalicelib.settlement import reconcile, refunding
from localcloud.sandbox.paypal.testing import Account, order
from tests import factory
from tests.balance.buyers import order_of, payment_of, stands

LATER = reconcile.USUAL_SECONDS + 1
PRICES = {"USD": 1999, "KWD": 6000, "HUF": 100_050, "TWD": 35_000, "JPY": 3000}


@pytest.fixture
def world(shop):
    """A shop that sells in dinars and forints what needs no shipping."""
    settings = copy.deepcopy(factory.SETTINGS)
    settings["currencies"] = list(PRICES)
    for way in settings["paymentMethods"]:
        if way["id"] in ("stripe", "paypal", "balance"):
            way["currencies"] = list(PRICES)
    SettingItem(SHOP, value=settings).save()
    shop.sandbox.world.shop_origin = "https://shop.test"
    shop.sell("code", stock=50, prices=PRICES, requires_shipping=False)
    cache.forget_all()
    return shop


def buy(shop, currency: str, *, quantity: int = 2, user_id: str | None = None, **wish):
    from chalicelib.cart import service as carts

    cart_id = carts.create(currency, now=clock.now()).cart.cart_id
    carts.add(cart_id, "code", quantity, call_id=token(), now=clock.now())
    return shop.checkout(cart_id, user_id=user_id, address=None, shipping_method=None, **wish)


def give_back(placed, amount: int | None, to=RefundTo.ORIGIN):
    how = {"reason": "x", "by": "owner", "operation": token(), "to": to}
    return refunding.refund(placed.order.order_id, amount, now=clock.now(), **how)[1]


def test_the_balance_leaves_what_the_provider_can_charge(world):
    """Of 12.000 KWD a balance of 1.001 pays 1.000."""
    user = factory.user_with(1001, "KWD")
    placed = buy(world, "KWD", user_id=user, use_balance=True)
    assert (placed.order.balance_part, placed.order.due.amount) == (1000, 11_000)
    assert factory.balance_of(user, "KWD") == 1
    world.settle(placed)
    assert stands(placed) == ("PAID", "SUCCESS")


@pytest.mark.parametrize("most", [1, 5, 9])
def test_less_than_a_step_of_the_balance_pays_nothing(world, most):
    user = factory.user_with(1001, "KWD")
    placed = buy(world, "KWD", user_id=user, use_balance=True, balance_most=most)
    assert (placed.order.balance_part, factory.balance_of(user, "KWD")) == (0, 1001)


def test_control_without_steps_the_provider_refuses_the_order(world, monkeypatch):
    monkeypatch.setattr(spending.payments, "remainder", lambda *_: Remainder(1000, 1))
    monkeypatch.setattr(spending.payments, "step_of", lambda name, currency: 1)
    user = factory.user_with(1001, "KWD")
    answers = []
    try:
        buy(world, "KWD", user_id=user, use_balance=True)
    except Exception as error:
        answers.append(type(error).__name__)
    assert answers == ["ProviderRefused"]


@pytest.mark.parametrize("currency", sorted(STEPS))
def test_all_currencies_of_three_places_are_paid_in_steps(currency):
    assert DECIMALS[currency] == 3
    for there in range(995, 1015):
        part = part_of(Money(12_000, currency), Money(there, currency), least=1000, step=10)
        assert (part.amount % 10, part.amount <= there, there - part.amount < 10) == (0, True, True)
        assert 12_000 - part.amount >= 1000


def test_a_balance_can_pay_the_hundredths_that_paypal_does_not_take(world):
    user = factory.user_with(90_050, "HUF")
    placed = buy(world, "HUF", quantity=1, user_id=user, use_balance=True, payment_method="paypal")
    assert placed.order.balance_part % 100 == 50
    assert placed.order.due.amount % 100 == 0


def test_what_paypal_can_not_charge_is_refused_before_anything_is_written(world):
    with pytest.raises(AmountNotInSteps):
        buy(world, "HUF", quantity=1, payment_method="paypal")
    assert factory.stock("code")["reserved"] == 0
    # A card takes it.
    assert buy(world, "HUF", quantity=1).order.due.amount == PRICES["HUF"]


def test_two_halves_are_a_whole_at_paypal(world):
    placed = buy(world, "HUF", quantity=2, payment_method="paypal")
    world.sandbox.control("paypal", payment_of(placed).session_id, "approve", lose=True)
    reconcile.poll_open_payments(clock.now() + LATER)
    assert stands(placed) == ("PAID", "SUCCESS")
    assert payment_of(placed).captured == Money(2 * PRICES["HUF"], "HUF")


def test_a_part_that_is_no_step_is_refused_before_it_is_counted(world):
    placed = buy(world, "KWD")
    world.settle(placed)
    with pytest.raises(AmountNotInSteps):
        give_back(placed, 1001)
    assert payment_of(placed).refunds == ()
    assert [one.status for one in give_back(placed, 1010)] == ["DONE"]
    give_back(placed, None)
    assert stands(placed) == ("REFUNDED", "REFUNDED")


def test_hundredths_can_not_be_refunded_by_paypal(world):
    placed = buy(world, "TWD", payment_method="paypal")
    world.sandbox.control("paypal", payment_of(placed).session_id, "approve", lose=True)
    reconcile.poll_open_payments(clock.now() + LATER)
    with pytest.raises(AmountNotInSteps):
        give_back(placed, 150)
    assert [one.status for one in give_back(placed, 200)] == ["DONE"]


def test_the_last_of_a_sum_that_was_split_goes_where_it_can(world):
    """1.001 went into the balance: of the rest 10.990 can go back by card, 0.009 can not."""
    user = factory.user_with(1, "KWD")
    placed = buy(world, "KWD", user_id=user)
    world.settle(placed)
    give_back(placed, 1001, to=RefundTo.BALANCE)
    made = give_back(placed, None)
    assert {str(one.to): one.amount.amount for one in made} == {"ORIGIN": 10_990, "BALANCE": 9}
    assert {one.status for one in made} == {"DONE"}
    assert order_of(placed).status == "REFUNDED"


def test_control_without_steps_the_provider_refuses_the_refund(world, monkeypatch):
    placed = buy(world, "KWD")
    world.settle(placed)
    monkeypatch.setattr(StripeCheckout, "capabilities", Capabilities())
    assert [one.status for one in give_back(placed, 1001)] == ["FAILED"]


def test_each_provider_says_its_steps():
    assert StripeCheckout.capabilities.steps == STEPS
    assert PayPal.capabilities.steps == {"HUF": 100, "TWD": 100}


def test_stripes_sandbox_refuses_a_refund_that_does_not_end_in_0(world):
    placed = buy(world, "KWD")
    world.settle(placed)
    client = stripe.StripeClient(
        "sk_test_for_tests_only", base_addresses={"api": world.sandbox.url}
    )
    with pytest.raises(stripe.InvalidRequestError, match="end in 0"):
        client.v1.refunds.create(
            params={"payment_intent": str(payment_of(placed).capture_id), "amount": 1001}
        )


@pytest.mark.parametrize("currency", ["HUF", "TWD", "JPY"])
def test_paypals_sandbox_refuses_decimals_where_there_are_none(world, currency):
    amount = {"currency_code": currency, "value": "45.50"}
    body = order(amount={**amount, "breakdown": {"item_total": amount}}, items=None)
    refusal = Account(world.sandbox).create("k", body)
    assert refusal.status_code == 422
    assert refusal.json()["details"][0]["issue"] == "DECIMAL_PRECISION"
