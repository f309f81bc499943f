"""A shop to attack, and what it logs meanwhile."""

import io
import sys
from collections.abc import Callable, Iterator

import pytest

from chalicelib.accounts import passwords
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel import telemetry
from chalicelib.kernel.messaging import events
from tests.accounts import people
from tests.accounts.conftest import api, mailbox
from tests.packaging.conftest import prod, resources
from tests.security.world import World

__all__ = ["api", "mailbox", "prod", "resources"]


@pytest.fixture(autouse=True)
def _light_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)


@pytest.fixture
def unlimited(monkeypatch):
    """No limit is reached: the test is about something else."""
    monkeypatch.setattr("chalicelib.kernel.rates.spend", lambda *_, **__: None)
    monkeypatch.setattr("chalicelib.security.signals.notice", lambda *_, **__: False)


@pytest.fixture
def published(monkeypatch) -> list[events.Event]:
    """What is published, in order."""
    published: list[events.Event] = []
    monkeypatch.setattr(events, "publish", published.append)
    return published


@pytest.fixture
def world(shop, unlimited, published) -> World:
    shop.sell("mug", stock=500, max_per_order=100)
    tokens = {}
    for who, role in [
        ("owner", "USER"),
        ("other", "USER"),
        ("seller", "SELLER"),
        ("admin", "ADMIN"),
    ]:
        email = f"{who}@shop.test"
        people.register(email).update(actions=[UserItem.role.set(role)])
        tokens[who] = people.sign_in(email).access_token
    return World(shop, tokens)


@pytest.fixture
def log(shop, capsys) -> Iterator[Callable[[], str]]:
    """All that the shop writes from here on, down to DEBUG, whoever writes it."""
    inner = telemetry.logger()._logger
    (handler,) = inner.handlers
    level, written = inner.level, io.StringIO()
    # Not `setStream`: it flushes the stream of an earlier test, which may be closed.
    handler.stream = written
    inner.setLevel("DEBUG")
    seen: list[str] = []

    def read() -> str:
        captured = capsys.readouterr()
        seen.append(captured.out + captured.err)
        return written.getvalue() + "".join(seen)

    yield read
    inner.setLevel(level)
    handler.stream = sys.__stdout__
