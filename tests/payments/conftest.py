"""Providers by themselves: most tests here speak to an adapter without a shop around it."""

import pytest

from chalicelib.kernel import outages
from tests import stage

WITH_TABLES = {"shop", "tables", "shelf", "cloud"}


@pytest.fixture(autouse=True)
def adapter_alone(request, monkeypatch):
    """Where there are no tables nobody is known to be down: what an adapter makes of each answer is
    asked here, and what the shop makes of an outage where there is a shop."""
    if WITH_TABLES & set(request.fixturenames):
        yield
        return
    for name, value in stage.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    stage.forget_values()
    monkeypatch.setattr(outages, "is_down", lambda provider: False)
    monkeypatch.setattr(outages, "FAILURES", 1_000_000)
    yield
    # What the test has put in the settings' place goes first.
    monkeypatch.undo()
    stage.forget_values()
