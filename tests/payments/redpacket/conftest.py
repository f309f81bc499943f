"""A shop in yuan, and an order that waits for a red packet."""

import pytest

from tests.payments.redpacket import world


@pytest.fixture
def yuan(shop):
    world.open_shop(shop)
    return shop


@pytest.fixture
def deal(yuan) -> world.Deal:
    return world.deal(yuan)
