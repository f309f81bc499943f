"""Somebody with a store balance, in a shop that sells mugs."""

import pytest

from tests.balance.buyers import Buyer


@pytest.fixture
def mugs(shop):
    shop.sell("mug", stock=9)
    return shop


@pytest.fixture
def rich(mugs) -> Buyer:
    """Whose balance pays two mugs: 60.00 USD."""
    return Buyer(mugs, 6000)


@pytest.fixture
def ada(mugs) -> Buyer:
    """Whose balance pays a part of two mugs: 12.00 USD."""
    return Buyer(mugs, 1200)
