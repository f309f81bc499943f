"""Journeys go through the deployed shop, as its shoppers do."""

from collections.abc import Iterator

import pytest

from tests import live
from tests.journeys.market import Market


@pytest.fixture
def market(cloud) -> Iterator[Market]:
    """The deployed shop, at rest."""
    with live.on_local_stage(cloud):
        yield Market(cloud)
