"""What the faults share."""

import pytest

from tests.faults import hot
from tests.races.conftest import busy_shop  # noqa: F401  # for faults among threads


@pytest.fixture
def placed(shop):
    """An order of two mugs out of five; two more are held by somebody else."""
    shop.sell("mug", stock=5)
    made = shop.buy({"mug": 2})
    hot.hold("hld_other", {"mug": 2})
    return made
