"""Sending one HTTP request to the shop, wherever it is served on this machine."""

from urllib.parse import urlsplit, urlunsplit

import requests

LOOPBACK = "127.0.0.1"


def resolved(url: str) -> tuple[str, dict[str, str]]:
    """The address to connect to and the Host header to send for `url`.

    Browsers resolve every `*.localhost` name to this machine (RFC 6761), Python asks the system's
    resolver, which mostly does not: so the name goes into the Host header only.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host != "localhost" and not host.endswith(".localhost"):
        return url, {}
    authority = LOOPBACK if parts.port is None else f"{LOOPBACK}:{parts.port}"
    return urlunsplit(parts._replace(netloc=authority)), {"Host": parts.netloc}


def on_this_machine(url: str) -> bool:
    """Whether `url` leads to nowhere but here."""
    host = urlsplit(url).hostname or ""
    return host in (LOOPBACK, "::1", "localhost") or host.endswith(".localhost")


def post(url: str, body: bytes, headers: dict[str, str], timeout: float) -> tuple[int, bytes]:
    """POST `body`; the answer's HTTP status and body. No redirect is followed, as providers do not.

    Raises requests.RequestException when there is no answer in `timeout` seconds.
    """
    address, host = resolved(url)
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the host must not see what stays on this machine
        answer = session.post(
            address, data=body, headers={**headers, **host}, timeout=timeout, allow_redirects=False
        )
        return answer.status_code, answer.content
