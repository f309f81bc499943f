"""A shop with plans, and somebody who subscribes to them."""

import pytest

from chalicelib.accounts import passwords
from chalicelib.kernel.messaging import events
from tests.subscriptions.world import Subscribers


@pytest.fixture(autouse=True)
def _light_people(monkeypatch):
    """Nobody is mailed, and argon2 has little to do."""
    monkeypatch.setattr(events, "publish", lambda *_published: None)
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)


@pytest.fixture
def subs(shop):
    return Subscribers(shop)


@pytest.fixture
def ada(subs):
    return subs.person("ada")
