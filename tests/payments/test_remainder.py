"""What a store balance leaves of an order for a payment: as much as the chosen provider takes."""

import copy
import subprocess
import sys
from dataclasses import replace

import pytest

from chalicelib.catalog.service import SHOP
from chalicelib.catalog.tables import SettingItem
from chalicelib.checkout import spending
from chalicelib.kernel import cache
from chalicelib.payments import registry
from chalicelib.payments.capabilities import Remainder
from chalicelib.payments.rules import AmountTooSmall
from tests import factory

PRICE = 4498


@pytest.fixture
def world(shop):
    shop.sell("code", stock=50, prices={"USD": PRICE}, requires_shipping=False)
    return shop


def buy(world, user: str, method: str):
    cart = factory.cart_with({"code": 1})
    wish = {"payment_method": method, "use_balance": True}
    return world.checkout(cart, user_id=user, address=None, shipping_method=None, **wish)


@pytest.mark.parametrize(("method", "left"), [("stripe", 50), ("paypal", 100)])
def test_a_balance_leaves_what_the_chosen_provider_takes(world, method, left):
    user = factory.user_with(PRICE - 1)
    placed = buy(world, user, method)
    assert placed.order.due.amount == left
    assert factory.balance_of(user) == left - 1


def limits_of_stripe(least: int) -> None:
    settings = copy.deepcopy(factory.SETTINGS)
    (card,) = [way for way in settings["paymentMethods"] if way["id"] == "stripe"]
    card["limits"] = {"USD": {"least": least, "most": 100_000}}
    SettingItem(SHOP, value=settings).save()
    cache.forget_all()


def test_a_balance_leaves_what_the_shop_itself_wants_at_least(world):
    limits_of_stripe(500)
    placed = buy(world, factory.user_with(PRICE - 1), "stripe")
    assert placed.order.due.amount == 500
    shown = world.call("GET", "/api/settings").json_body["data"]["paymentMethods"]
    (card,) = [way for way in shown if way["id"] == "stripe"]
    assert card["remainder"]["USD"] == {"least": 500, "step": 1}
    assert card["remainder"]["JPY"] == {"least": 50, "step": 1}


def test_control_without_the_remainder_the_rest_is_too_small_to_be_paid(world, monkeypatch):
    monkeypatch.setattr(spending.payments, "remainder", lambda *_: Remainder(1, 1))
    user = factory.user_with(PRICE - 1)
    with pytest.raises(AmountTooSmall):
        buy(world, user, "stripe")
    assert factory.balance_of(user) == PRICE - 1


@pytest.mark.parametrize("name", registry.PROVIDERS)
def test_a_folder_says_of_its_provider_what_the_provider_says_itself(world, name):
    said, own = registry.capabilities(name), registry.provider(name).capabilities
    # A wallet's host is its chain's.
    assert replace(said, host=own.host) == own
    assert said.host in (own.host, None)


def test_what_providers_can_do_is_said_without_their_libraries():
    code = """if True:
        import sys
        from chalicelib.payments import registry
        for name in registry.PROVIDERS:
            registry.capabilities(name)
        heavy = {"stripe", "requests", "boto3", "pynamodb", "aws_lambda_powertools"}
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_setting_for_a_provider_that_the_shop_has_not_does_no_harm(world):
    settings = copy.deepcopy(factory.SETTINGS)
    settings["paymentMethods"].append(
        {"id": "barter", "name": {"en": "Barter", "zh-CN": "易货"}, "currencies": ["USD"]}
    )
    SettingItem(SHOP, value=settings).save()
    cache.forget_all()
    shown = world.call("GET", "/api/settings").json_body["data"]["paymentMethods"]
    assert shown[-1]["id"] == "barter" and shown[-1]["remainder"] == {}
