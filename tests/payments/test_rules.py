"""Which money is the money that was asked for, and which providers there are."""

import pytest

from chalicelib.checkout import paying
from chalicelib.config import Misconfigured
from chalicelib.kernel import cache, clock
from chalicelib.kernel.money import Money
from chalicelib.payments import registry, service
from chalicelib.payments.ports import Outcome, ProviderRefused, State
from chalicelib.payments.registry import PaymentMethodUnavailable
from chalicelib.payments.rules import (
    AmountTooLarge,
    AmountTooSmall,
    Bounds,
    Payment,
    PaymentStatus,
    mismatch,
)
from tests import factory
from tests.faults.world import scan


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
    ("outcome", "expected"),
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
def test_only_the_amount_asked_for_in_its_own_session_is_a_match(outcome, expected):
    assert mismatch(payment(), outcome) == expected


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
    with pytest.raises(ProviderRefused):
        service.give_back(payment(capture_id=None), Money(1, "USD"), key="late:pay_1")


# ---- how much one payment is ---------------------------------------------------------------------


def test_a_sum_below_what_a_provider_takes_is_refused_before_anything_is_written(shop):
    shop.sell("pin", stock=5, prices={"USD": 49}, requires_shipping=False)
    with pytest.raises(AmountTooSmall):
        shop.checkout(factory.cart_with({"pin": 1}), shipping_method=None)
    assert scan("orders") == scan("payments") == []
    assert factory.stock("pin")["available"] == 5
    assert shop.checkout(factory.cart_with({"pin": 2}), shipping_method=None).url


def test_the_shops_own_bounds_of_a_method_hold_at_checkout_and_for_another_try(shop):
    from chalicelib.catalog.tables import SettingItem

    card, *others = factory.SETTINGS["paymentMethods"]
    narrow = {**card, "limits": {"USD": {"least": 1000, "most": 2500}}}
    shop.sell("mug", stock=9)
    placed = shop.checkout(factory.cart_with({"mug": 2}), payment_method="paypal")
    settings = {**factory.SETTINGS, "paymentMethods": [narrow, *others]}
    SettingItem(factory.SHOP, value=settings).save()
    cache.forget_all()
    with pytest.raises(AmountTooLarge):
        shop.checkout(factory.cart_with({"mug": 2}))
    holder = paying.Holder(placed.order.access_token, None)
    with pytest.raises(AmountTooLarge):
        paying.pay(placed.order.order_id, "stripe", holder, now=clock.now())
    assert shop.checkout(factory.cart_with({"mug": 1})).url
    shown = shop.call("GET", "/api/settings").json_body["data"]["paymentMethods"][0]
    assert shown["limits"] == {"USD": {"least": 1000, "most": 2500}}


def test_what_costs_nothing_is_below_no_bound():
    Bounds(50, 100).check(Money(0, "USD"))
    for amount in (50, 100):
        Bounds(50, 100).check(Money(amount, "USD"))
    with pytest.raises(AmountTooSmall):
        Bounds(50, 100).check(Money(49, "USD"))
    with pytest.raises(AmountTooLarge):
        Bounds(50, 100).check(Money(101, "USD"))
