import pytest

from chalicelib.kernel import clock
from tests.payments.usdt.world import CHAINS, World


@pytest.fixture(params=CHAINS)
def world(request, shop):
    shop.sell("mug", stock=20)
    yield World(shop, request.param)
    clock.shift(0)
