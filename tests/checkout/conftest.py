"""A cart and a shop with more than one way to pay and to deliver."""

import pytest

from chalicelib.catalog.tables import SettingItem
from chalicelib.kernel import cache
from tests import factory


@pytest.fixture
def mugs(shop):
    """A cart of two mugs out of five, in a shop with many ways to pay and two to deliver."""
    standard = factory.SETTINGS["shippingMethods"][0]
    express = standard | {"id": "express", "prices": {"USD": 1500, "JPY": 1500}}
    changes = {"shippingMethods": [standard, express]}
    SettingItem(factory.SHOP, value={**factory.SETTINGS, **changes}).save()
    cache.forget_all()
    shop.sell("mug", stock=5)
    return factory.cart_with({"mug": 2})
