"""Pages of other sites that may call the API: the stage's list, and nobody else.

Chalice's own CORS knows one origin and lets the gateway answer preflights from the template. The
shop answers them itself: several origins may be listed, each is answered with itself, and an origin
that is not listed gets no header at all. Cookies are for the shop's own pages: credentials are
never allowed, and what a cookie can do checks besides that one of our pages asks (`check_origin`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from chalice.app import Chalice, Response

from chalicelib.config import allowed_origins, settings
from chalicelib.kernel import parameters
from chalicelib.kernel.errors import Forbidden
from chalicelib.kernel.web import security

ASKED = [
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "X-Api-Key",
    "X-Order-Token",
]
TOLD = ["Content-Language", "ETag", "Idempotency-Replayed", "Retry-After", "X-Request-Id"]
MAX_AGE_SECONDS = 7_200  # longer than Chromium keeps a preflight's answer


# A laptop's shop has as many names as the laptop.
_AT_HOME = re.compile(r"https?://(127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost)(:[0-9]{1,5})?")


class OriginRefused(Forbidden):
    """The page that asks is neither the shop's nor on the stage's list."""

    code = "ORIGIN_NOT_ALLOWED"


def check_origin(request_headers: Mapping[str, str]) -> None:
    """Raises OriginRefused for a call that another site's page makes; Unavailable when nobody can
    know. For calls that go by a cookie.

    Browsers send `Origin` with every POST and say by `Sec-Fetch-Site` whose page it is; what sends
    neither is no browser, and no page can make it send cookies. `null` is nobody's origin.
    Source: fetch.spec.whatwg.org ("append a request Origin header"), w3.org/TR/fetch-metadata.
    """
    origin = request_headers.get("origin")
    if origin is None:
        if request_headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            raise OriginRefused()
    elif not (origin in allowed_origins() or _is_the_shop(origin)):
        raise OriginRefused()


def _is_the_shop(origin: str) -> bool:
    shop = urlsplit(parameters.secrets().get("shop/url") or "")
    if shop.netloc and origin == f"{shop.scheme}://{shop.netloc}".lower():
        return True
    return settings().stage == "local" and _AT_HOME.fullmatch(origin) is not None


def headers(request_headers: Mapping[str, str]) -> dict[str, str]:
    """What an answer says to the page that asked; `request_headers` have lower-case names."""
    origin = _allowed(request_headers)
    if origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ", ".join(TOLD),
    }


def preflight(request_headers: Mapping[str, str], methods: Sequence[str]) -> Response:
    """The answer to `OPTIONS`: what a page of the caller's origin may send."""
    answer_headers: dict[str, str | list[str]] = {
        **security.HEADERS,
        "Cache-Control": "no-store",
        "Vary": "Origin",
    }
    origin = _allowed(request_headers)
    if origin is not None:
        answer_headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
            "Access-Control-Allow-Headers": ", ".join(ASKED),
            "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        }
    return Response("", answer_headers, 204)


def answer_preflights(app: Chalice) -> None:
    """Give every path that is registered its `OPTIONS`."""
    for number, (path, entries) in enumerate(list(app.routes.items())):
        view = _options(app, [method for method in entries if method != "OPTIONS"])
        # Chalice calls views by name, and each name may stand once.
        view.__name__ = f"preflight_{number}"
        app.route(path, methods=["OPTIONS"], content_types=["*/*"], name=view.__name__)(view)


def _options(app: Chalice, methods: list[str]) -> Callable[..., Response]:
    def options(**path_parameters: Any) -> Response:
        found = app.current_request.headers if app.current_request else {}
        return preflight({name.lower(): value for name, value in found.items()}, methods)

    return options


def _allowed(request_headers: Mapping[str, str]) -> str | None:
    origin = request_headers.get("origin", "")
    return origin if origin and origin in allowed_origins() else None
