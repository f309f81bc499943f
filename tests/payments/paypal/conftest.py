"""PayPal's sandbox and the shop's provider on it, and a network that the test answers itself."""

from collections.abc import Iterator

import pytest
import requests

from chalicelib.payments.ports import Outcome
from tests.payments.paypal.signed import Key, Network
from tests.payments.paypal.world import charge, quiet_log, world


@pytest.fixture(autouse=True)
def log(monkeypatch):
    quiet_log(monkeypatch)


@pytest.fixture(scope="module")
def running() -> Iterator:
    with world() as made:
        yield made


@pytest.fixture
def sandbox(running):
    running[0].reset()
    return running[0]


@pytest.fixture
def provider(running, sandbox):
    return running[1]


@pytest.fixture
def paid(provider, sandbox) -> Outcome:
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve")
    return provider.status(session_id)


@pytest.fixture
def network(monkeypatch) -> Network:
    """Whatever is called out for, the test answers."""
    made = Network()
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter, "send", lambda *args, **more: made.send(*args, **more)
    )
    return made


@pytest.fixture(scope="module")
def own() -> Key:
    """A key that is not PayPal's."""
    return Key()
