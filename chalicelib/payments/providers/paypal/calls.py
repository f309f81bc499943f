"""PayPal's REST API over HTTP: the token, the calls, and what an error means to the shop.

Rules of PayPal's that this file keeps (developer.paypal.com/api/rest: authentication, requests,
responses, reference/idempotency):
- One token serves all calls for as long as its `expires_in` says, hours; one per call is limited.
- A POST with a `PayPal-Request-Id` is carried out once; repeated, it answers with what came of it.
- An error is `{name, message, debug_id, details: [{issue, …}]}`; only `issue` is meant for
  programs, and `debug_id` is what PayPal's support asks for.

Whatever has another shape, a proxy's page or half a body, says nothing about the payment: that is
ProviderBusy, and asking again will tell.
"""

import re
from collections.abc import Mapping
from typing import Any

import requests

from chalicelib.kernel import clock, deadline, outages, telemetry
from chalicelib.kernel.errors import Malformed, ProviderBusy, ProviderDown, ProviderFailed
from chalicelib.kernel.web.request import parse_json
from chalicelib.payments.ports import ProviderRefused
from chalicelib.payments.providers.paypal.capabilities import NAME

# Connect, read. A GET that got no answer at all is not tried again, so that a call with a fresh
# token, a look and a capture stays near API Gateway's 29 seconds at its worst.
TIMEOUT_SECONDS = (3, 8)
MOST_BYTES = 1_000_000
# A token is given up this long before its end, for clocks that differ and calls under way.
TOKEN_SLACK_SECONDS = 120

Json = dict[str, Any]

_TOKEN = re.compile(r"[!-~]{1,4096}")
_DEBUG_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class Declined(ProviderRefused):
    """PayPal's own 400, 404 or 422, with its `issues`."""

    def __init__(self, status: int, answer: Json) -> None:
        super().__init__()
        details = answer.get("details")
        issues = details if isinstance(details, list) else []
        self.issues = {str(each.get("issue")) for each in issues if isinstance(each, dict)}
        self.missing = status == 404 and answer.get("name") == "RESOURCE_NOT_FOUND"


class Calls:
    """The calls of one account. Each raises ProviderBusy, ProviderFailed or Declined."""

    def __init__(self, base: str, client_id: str, client_secret: str) -> None:
        self.base = base
        self._account = (client_id, client_secret)
        self._bearer: tuple[str, int] | None = None
        self._session = requests.Session()
        # Else a proxy or a .netrc of the host would see, or replace, the credentials.
        self._session.trust_env = False

    def get(self, path: str) -> Json:
        """What is there now. One hiccup of the network or of PayPal is not seen."""
        with outages.watched(NAME):
            try:
                return self._authorised("GET", path)
            except _Hiccup:
                return self._authorised("GET", path)

    def post(self, path: str, body: Json, *, key: str) -> Json:
        """Carried out once per `key`, however often it is called."""
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        with outages.watched(NAME):
            return self._authorised("POST", path, json=body, headers=headers)

    def _authorised(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Json:
        status, answer = 401, b""
        for fresh in (False, True):
            bearer = {"Authorization": f"Bearer {self._token(fresh=fresh)}"}
            status, answer = self._exchange(
                method, path, headers={**bearer, **(headers or {})}, **more
            )
            if status != 401:
                break
        return _answer(status, answer)

    def _token(self, *, fresh: bool) -> str:
        held = self._bearer
        if fresh or held is None or clock.now() >= held[1]:
            held = self._bearer = self._new_token()
        return held[0]

    def _new_token(self) -> tuple[str, int]:
        """A token and the moment from which it is not used any more."""
        now = clock.now()
        status, raw = self._exchange(
            "POST",
            "/v1/oauth2/token",
            auth=self._account,
            data={"grant_type": "client_credentials"},
        )
        # Its errors have a shape of their own, and no `issue` to go by.
        answer = _parsed(raw) or {}
        if status in (400, 401, 403):
            _log(status, answer)
            raise ProviderFailed()
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if status != 200 or not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ProviderBusy()
        if type(seconds) is not int:
            raise ProviderBusy()
        return token, now + seconds - TOKEN_SLACK_SECONDS

    def _exchange(self, method: str, path: str, **more: Any) -> tuple[int, bytes]:
        try:
            with self._session.request(
                method,
                f"{self.base}{path}",
                timeout=deadline.timeouts(*TIMEOUT_SECONDS),
                allow_redirects=False,
                stream=True,
                **more,
            ) as answer:
                return answer.status_code, read_most(answer, MOST_BYTES)
        except requests.Timeout as error:
            raise ProviderDown() from error
        except requests.RequestException as error:
            raise _Hiccup() from error


class _Hiccup(ProviderDown):
    """It failed fast: there is time to ask once more where asking changes nothing."""


def read_most(answer: requests.Response, most: int) -> bytes:
    """The body, or ProviderBusy when it has more than `most` bytes."""
    body = b""
    for chunk in answer.iter_content(16_384):
        body += chunk
        if len(body) > most:
            raise ProviderBusy()
        if deadline.is_over():
            # It drips: each byte in time, and all of them never.
            raise ProviderDown()
    return body


def _answer(status: int, raw: bytes) -> Json:
    answer = _parsed(raw)
    if status in (200, 201) and answer is not None:
        return answer
    _log(status, answer or {})
    if status in (401, 403):
        # Ours to mend: a key that was replaced, a right that the account lacks.
        raise ProviderFailed()
    if status in (400, 404, 422) and answer is not None and isinstance(answer.get("name"), str):
        raise Declined(status, answer)
    raise _Hiccup() if status >= 500 else ProviderBusy()


def _parsed(raw: bytes) -> Json | None:
    try:
        answer = parse_json(raw)
    except Malformed:
        return None
    return answer if isinstance(answer, dict) else None


def _log(status: int, answer: Json) -> None:
    """The one thing that PayPal's support can go by; what else an error says may name people."""
    debug_id = answer.get("debug_id")
    known = isinstance(debug_id, str) and _DEBUG_ID.fullmatch(debug_id)
    telemetry.logger().warning(
        "PayPal says no", extra={"status": status, "debug_id": debug_id if known else None}
    )
