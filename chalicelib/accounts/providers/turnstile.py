"""A challenge by a service: Cloudflare's Turnstile, and what speaks as it does.

The page shows the service's widget and gets a token; here the service is asked whether the token is
good. It is good once and for five minutes (the service's own rule), for the address that is sent
along and for the action that the widget was made with. Who can't be asked has not said yes.
Source: developers.cloudflare.com/turnstile/get-started/server-side-validation
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from chalicelib.accounts.ports import Attempt, ChallengeUnavailable
from chalicelib.config import Misconfigured, settings
from chalicelib.kernel import deadline, rates, telemetry
from chalicelib.kernel.parameters import secrets

VERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
SCRIPT = "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit"
TIMEOUT_SECONDS = (2, 5)
# As long as the service knows a token; afterwards it refuses it by itself.
SECONDS = 300
# The service's words for a token that is bad; any other complaint is about us.
_BAD = {"invalid-input-response", "missing-input-response", "timeout-or-duplicate"}


def make() -> "Turnstile":
    """From the stage's parameters. Raises Missing, and Misconfigured naming what can't be right."""
    found = secrets()
    verify = found.get("challenge/verify_url") or VERIFY
    script = found.get("challenge/script_url") or SCRIPT
    for name, url in (("verify_url", verify), ("script_url", script)):
        if not _is_url(url):
            # The secret goes to one of them, the other runs in the shop's pages.
            raise Misconfigured(f"challenge/{name} must be an https:// address")
    site_key, secret = found.required("challenge/site_key"), found.required("challenge/secret")
    return Turnstile(site_key, secret, verify=verify, script=script)


class Turnstile:
    """See accounts/ports.py."""

    def __init__(self, site_key: str, secret: str, *, verify: str, script: str) -> None:
        self._site_key, self._secret = site_key, secret
        self._verify, self._script = verify, script

    def ask(self, attempt: Attempt, *, now: int) -> Mapping[str, Any]:
        return {
            "kind": "turnstile",
            "siteKey": self._site_key,
            "script": self._script,
            "action": attempt.purpose,
            # Comes back with the judgement: a token made for another account is none for this one.
            "data": _subject(attempt),
        }

    def passed(self, attempt: Attempt, answer: str, *, now: int) -> bool:
        verdict = self._checked(answer)
        if verdict.get("success") is not True:
            self._complain(verdict)
            return False
        if verdict.get("action") != attempt.purpose or verdict.get("cdata") != _subject(attempt):
            return False
        name = hashlib.sha256(answer.encode()).hexdigest()
        return rates.once("challenge", name, until=now + SECONDS)

    def _checked(self, answer: str) -> dict[str, Any]:
        form = {"secret": self._secret, "response": answer}
        try:
            connect, read = deadline.timeouts(*TIMEOUT_SECONDS)
            sent = requests.post(
                self._verify,
                data=form,
                timeout=(connect, read),
                allow_redirects=False,
            )
            verdict = sent.json()
        except (requests.RequestException, ValueError) as error:
            # Not the error itself: it may hold what was sent.
            telemetry.logger().warning(f"challenge: {type(error).__name__}")
            raise ChallengeUnavailable() from None
        if sent.status_code >= 500 or not isinstance(verdict, dict):
            telemetry.logger().warning(f"challenge: status {sent.status_code}")
            raise ChallengeUnavailable()
        return verdict

    def _complain(self, verdict: dict[str, Any]) -> None:
        """Raises ChallengeUnavailable when it is not the answer that the service refuses."""
        codes = verdict.get("error-codes")
        named = {str(code) for code in codes} if isinstance(codes, list) else {"none named"}
        if not named & _BAD:
            telemetry.logger().error(f"challenge: the service says {', '.join(sorted(named))}")
            raise ChallengeUnavailable()


def _subject(attempt: Attempt) -> str:
    """The attempt in as many letters as the service takes (255), which tell nobody whose it is."""
    text = f"{attempt.purpose} {attempt.subject} {attempt.address}"
    return hashlib.sha256(text.encode()).hexdigest()


def _is_url(text: str) -> bool:
    url = urlsplit(text)
    at_home = settings().stage in ("local", "test") and url.hostname in ("127.0.0.1", "localhost")
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and at_home))
