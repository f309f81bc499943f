"""A shop with plans, and somebody who subscribes to them."""

import pytest

from tests.accounts import people
from tests.subscriptions.world import Subscribers


@pytest.fixture
def told(monkeypatch):
    """What the shop would mail, instead of mailing it."""
    mailbox = people.Mailbox()
    monkeypatch.setattr(
        "chalicelib.kernel.events.publish", lambda topic, event: mailbox.append(event)
    )
    return mailbox


@pytest.fixture
def subs(shop):
    return Subscribers(shop)


@pytest.fixture
def ada(subs):
    return subs.person("ada")
