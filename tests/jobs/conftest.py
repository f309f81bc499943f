"""A kind of job whose rows count how often they have had their effect."""

import pytest

from chalicelib.jobs import registry
from tests.jobs.counting import Counting


@pytest.fixture
def counting(tables, monkeypatch):
    """The kind `count`, beside those of the shop."""
    made = Counting()
    kinds = {**registry.kinds(), **{kind.name: kind for kind in made.kinds()}}
    monkeypatch.setattr(registry, "kinds", lambda: kinds)
    return made
