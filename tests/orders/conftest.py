"""Somebody who has bought, for tests of what becomes of the money."""

import pytest

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
