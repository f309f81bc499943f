"""A provider's currency holds whatever the shop's settings say."""

import pytest

from chalicelib.checkout import paying
from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.payments.registry import PaymentMethodUnavailable
from tests import factory
from tests.payments.redpacket.world import (
    FULL,
    NAME,
)
from tests.payments.redpacket.world import deal as another


@pytest.fixture
def dollars(yuan):
    """The owner has switched it on for a currency that it does not know."""
    from chalicelib.catalog.tables import SettingItem
    from chalicelib.kernel import cache
    from tests.payments.redpacket.world import SETTINGS

    methods = [{**SETTINGS["paymentMethods"][0], "currencies": ["CNY", "USD"]}]
    methods.append(SETTINGS["paymentMethods"][1])
    SettingItem(
        factory.SHOP, value={**SETTINGS, "currency": "USD", "paymentMethods": methods}
    ).save()
    cache.forget_all()
    return yuan


def test_a_currency_that_the_provider_lacks_is_refused_at_checkout(dollars):
    with pytest.raises(PaymentMethodUnavailable):
        another(dollars)
    assert factory.stock("mug") == FULL


def test_and_when_an_order_is_paid_anew(dollars):
    card = another(dollars, method="stripe")
    with pytest.raises(PaymentMethodUnavailable):
        paying.pay(card.order.order_id, NAME, card.holder, now=clock.now())
    assert orders.read(card.order.order_id).attempts == 1


def test_control_without_the_capability_the_order_is_placed(dollars, monkeypatch):
    from chalicelib.payments import registry
    from chalicelib.payments.ports import Capabilities, ProviderRefused

    able = Capabilities(refunds=False, hands_in=True, by_hand=True)
    monkeypatch.setattr(type(registry.provider(NAME)), "capabilities", able)
    with pytest.raises(ProviderRefused):
        another(dollars)
