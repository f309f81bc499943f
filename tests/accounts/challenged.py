"""Challenges for tests: a stage that asks one, a page that answers, a service that judges."""

import hashlib
import itertools
import json
from typing import Any

import boto3
import requests

from chalicelib.accounts.providers import proof_of_work
from chalicelib.kernel import clock, parameters

SERVICE = {
    "challenge/kind": "turnstile",
    "challenge/site_key": "site-key-of-the-test-stage",
    "challenge/secret": "secret-of-the-test-stage",
}
OWN = {"challenge/kind": "proof-of-work", "challenge/difficulty": "8"}


def switch_on(given: dict[str, str]) -> None:
    for name, value in given.items():
        boto3.client("ssm").put_parameter(
            Name=f"/cartwright/test/{name}", Value=value, Type="SecureString", Overwrite=True
        )
    parameters.forget()


def solve(puzzle: str, difficulty: int) -> str:
    """What the page does."""
    for number in itertools.count():
        answer = f"{puzzle}~{number}"
        if proof_of_work.zero_bits(hashlib.sha256(answer.encode()).digest()) >= difficulty:
            return answer
    raise AssertionError


class Service:
    """Turnstile's judge: each token is good once, and made for an attempt."""

    def __init__(self) -> None:
        self.tokens: dict[str, dict[str, Any]] = {}
        self.calls: list[dict[str, str]] = []
        self.fails: Any = None
        self.made = 0

    def token(self, asked: dict[str, Any]) -> str:
        self.made += 1
        name = f"token-{self.made}"
        self.tokens[name] = {"success": True, "action": asked["action"], "cdata": asked["data"]}
        return name

    def post(self, url: str, data: dict[str, str], **how: Any) -> requests.Response:
        assert how["timeout"] and how["allow_redirects"] is False
        self.calls.append({"url": url, **data})
        if isinstance(self.fails, Exception):
            raise self.fails
        answer = requests.Response()
        answer.status_code, answer._content = self.fails or (200, b"")
        if not self.fails:
            refused = {"success": False, "error-codes": ["timeout-or-duplicate"]}
            answer._content = _json(self.tokens.pop(data["response"], refused))
        return answer


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def begin_a_window() -> None:
    """A quarter of an hour that has just begun: no window ends while a test runs."""
    now = (clock.now() // 900 + 1) * 900 + 5
    clock.shift(now - clock.now())
