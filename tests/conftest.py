"""Fixtures that every folder uses: the stage's tables in process, and something to sell."""

import pytest

from tests import stage
from tests.factory import Shelf

pytest_plugins = ["tests.cloud_fixture"]


@pytest.fixture
def tables():
    """All tables, the queue and the secrets of a stage, in this process (moto), for one thread."""
    with stage.in_process():
        yield


@pytest.fixture
def shelf(tables):
    """A shop with settings, to which a test adds what it sells."""
    made = Shelf()
    made.open()
    return made
