"""Accounts in this process: tables, a mailbox, and the API's authorization."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import config
from chalicelib.accounts import passwords
from chalicelib.accounts.providers import turnstile
from chalicelib.kernel.messaging import events
from tests import answers
from tests.accounts.challenged import OWN, SERVICE, Service, solve, switch_on
from tests.accounts.people import Mailbox


@pytest.fixture
def mailbox(tables, monkeypatch) -> Mailbox:
    """What is told is read here instead of being sent."""
    box = Mailbox()
    monkeypatch.setattr(events, "publish", box.append)
    return box


@pytest.fixture(autouse=True)
def _light_hashes(monkeypatch):
    """argon2 with little to do; `test_sign_in.py` looks at the shop's own parameters."""
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)


@pytest.fixture
def hashes(tables, monkeypatch) -> list[str]:
    """Every hash that is made or verified, while the test runs."""
    made: list[str] = []
    hasher = type(passwords.hasher())
    for name in ("hash", "verify"):
        honest = getattr(hasher, name)

        def counted(self: Any, *args: Any, _honest: Any = honest, _name: str = name) -> Any:
            made.append(_name)
            return _honest(self, *args)

        monkeypatch.setattr(hasher, name, counted)
    return made


@pytest.fixture
def api(mailbox) -> Callable[..., HTTPResponse]:
    """One HTTP call to the API, in process: `api("POST", path, body, Header=…)`."""
    from app import app

    # Before the client puts another stage's environment in place.
    config.settings()
    with Client(app) as client:

        def call(method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
            sent = json.dumps(body).encode() if body is not None else b""
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = client.http.request(
                method, path, {"Content-Type": "application/json", **named}, sent
            )
            answers.check(method, path, answer)
            return answer

        yield call


@pytest.fixture
def service(monkeypatch) -> Service:
    made = Service()
    monkeypatch.setattr(turnstile.requests, "post", made.post)
    return made


@pytest.fixture(params=["proof-of-work", "turnstile"])
def kind(request, tables, service) -> str:
    switch_on(OWN if request.param == "proof-of-work" else SERVICE)
    return str(request.param)


@pytest.fixture
def answer_to(kind, service) -> Any:
    def answer(asked: dict[str, Any]) -> str:
        assert asked["kind"] == kind
        if kind == "proof-of-work":
            return solve(asked["puzzle"], asked["difficulty"])
        return service.token(asked)

    return answer
