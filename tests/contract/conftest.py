"""Stripe's API description and a sandbox to hold against it."""

from collections.abc import Iterator

import pytest

from localcloud.sandbox import Sandbox
from localcloud.sandbox.testing import SECRET, Receiver
from tests.contract.stripe_contract import FILE, Recorder, StripeContract


@pytest.fixture(autouse=True)
def staged(tables: None) -> None:
    """A stage, in which a provider's outages are written down."""


@pytest.fixture(scope="session")
def contract() -> StripeContract:
    """The description; skips where a clone has none beside it."""
    if not FILE.exists():
        pytest.skip("Stripe's API description is not beside this repository")
    return StripeContract()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Takes the sandbox's webhooks."""
    with Receiver() as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    """A sandbox of the test's own, which sends every event it has."""
    with Sandbox(webhook_url=receiver.url, webhook_secret=SECRET, events=["*"]) as running:
        yield running


@pytest.fixture
def recorder(contract: StripeContract, sandbox: Sandbox) -> Iterator[Recorder]:
    """Holds all calls of the test, and their answers, against the description."""
    with Recorder(contract, sandbox) as watching:
        yield watching
