"""JSON over HTTP to a node: whatever is no answer says nothing about a payment."""

import re
from typing import Any

import requests

from chalicelib.kernel import deadline, outages, telemetry
from chalicelib.kernel.errors import Malformed, ProviderBusy, ProviderDown, ProviderFailed
from chalicelib.kernel.web.request import parse_json

# Connect, read. A hash that is handed in takes four calls at most, below the gateway's 29 seconds.
TIMEOUT_SECONDS = (2, 5)
MOST_BYTES = 4_000_000
_URL = re.compile(r"https://[^?#@\s]+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?(/[^?#@\s]*)?")


def is_url(text: str) -> bool:
    """Whether keys and hashes may be sent there: https, or this machine."""
    return _URL.fullmatch(text) is not None


class Node:
    """A node at an address that may be a secret itself: it is never logged."""

    def __init__(self, name: str, base: str, headers: dict[str, str] | None = None) -> None:
        self._name, self._base = name, base.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers or {})

    def get(self, path: str, query: dict[str, Any]) -> Any:
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Any) -> Any:
        return self._call("POST", path, json=body)

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        with outages.watched(self._name):
            return self._exchange(method, path, **sent)

    def _exchange(self, method: str, path: str, **sent: Any) -> Any:
        try:
            with self._session.request(
                method,
                self._base + path,
                timeout=deadline.timeouts(*TIMEOUT_SECONDS),
                allow_redirects=False,
                stream=True,
                **sent,
            ) as answer:
                return _answer(answer.status_code, _read(answer))
        except requests.RequestException as error:
            raise ProviderDown() from error


def _read(answer: requests.Response) -> bytes:
    body = b""
    for chunk in answer.iter_content(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise ProviderBusy()
        if deadline.is_over():
            raise ProviderDown()
    return body


def _answer(status: int, raw: bytes) -> Any:
    if status == 401:
        # A key that was replaced: ours to mend.
        _log(status)
        raise ProviderFailed()
    if status != 200:
        # Over its limit a node says 429, and TronGrid 403 as well.
        _log(status)
        raise ProviderDown() if status >= 500 else ProviderBusy()
    try:
        return parse_json(raw)
    except Malformed as error:
        raise ProviderBusy() from error


def _log(status: int) -> None:
    telemetry.logger().warning("a node says no", extra={"status": status})
