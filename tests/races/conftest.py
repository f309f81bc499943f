"""A whole shop in this process, on tables that many threads may write at once."""

from collections.abc import Iterator

import pytest

from chalicelib.kernel import telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.orders.tables import OrderItem
from tests import live
from tests.shop import Shop


@pytest.fixture
def busy_shop(cloud, provider) -> Iterator[Shop]:
    """A shop like `shop`, with its tables on the local cloud instead of moto."""
    with live.on_test_stage(cloud, {"stripe/api_base": provider.url}):
        provider.reset()
        made = Shop(provider)
        made.open()
        # Client and logger are made by the first call; a function's only thread would as well.
        dynamo.get(OrderItem, "warm")
        telemetry.logger()
        yield made
