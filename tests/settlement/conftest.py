"""Somebody who has bought, for tests of what becomes of the money."""

import pytest

from chalicelib.catalog.tables import SettingItem
from chalicelib.payments import registry
from tests import factory
from tests.balance.buyers import Buyer


@pytest.fixture
def ada(shop) -> Buyer:
    """Who may have a store balance, and has nothing in it."""
    shop.sell("mug", stock=9)
    return Buyer(shop, 0)


@pytest.fixture
def paid(ada):
    """Her order of 44.98, paid by card."""
    placed = ada.buy()
    ada.shop.settle(placed)
    return placed


@pytest.fixture
def placed(shop, monkeypatch):
    """An order of two mugs out of five, in a shop with two ways to pay."""
    monkeypatch.setitem(registry.PROVIDERS, "second", registry.PROVIDERS["stripe"])
    methods = [
        dict(factory.SETTINGS["paymentMethods"][0], id=name) for name in ("stripe", "second")
    ]
    SettingItem(factory.SHOP, value={**factory.SETTINGS, "paymentMethods": methods}).save()
    shop.sell("mug", stock=5)
    return shop.buy({"mug": 2})
