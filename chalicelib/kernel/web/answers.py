"""What views answer, and how it travels: envelope, language, headers, the status of each error.

HTTP statuses stand in this file and nowhere else.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice.app import Response

from chalicelib.kernel import clock, errors, i18n, telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import ShopError
from chalicelib.kernel.web import security
from chalicelib.kernel.web.request import Request

STATUS: dict[type[ShopError], int] = {
    errors.Malformed: 400,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.BodyTooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.Invalid: 422,
    errors.ProviderFailed: 502,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}

Headers = dict[str, str | list[str]]


@dataclass(frozen=True)
class Change:
    """What a call did, for the audit log: `user:<id>`, and the fields before and after."""

    target: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """What a view answers: `data` goes into the envelope unless `bare`."""

    data: Any
    # None is the status that the route declares.
    status: int | None = None
    code: str = "SUCCESS"
    # Seconds that browser and CDN may keep it; 0 means never, for anything personal.
    public_seconds: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False
    # What is kept instead of `data` for the case that the call comes again: without the secrets
    # that are shown once.
    replay: Any = None
    change: Change | None = None


def success(request: Request, answer: Answer, status: int) -> Response:
    """The response of an answer; `status` is the route's own, for answers that name none."""
    status = answer.status or status
    headers: Headers = {**basic_headers(request), **answer.headers}
    if answer.bare:
        return Response(_plain(answer.data), headers, status)
    data = _plain(answer.data)
    body = {
        "success": True,
        "code": answer.code,
        "message": i18n.text(request.locale, answer.code),
        "data": data,
        "timestamp": clock.millis(),
    }
    if answer.public_seconds:
        tag = _etag(data, request.locale)
        headers |= {"Cache-Control": f"public, max-age={answer.public_seconds}", "ETag": tag}
        if request.header("if-none-match") == tag:
            return Response("", headers, 304)
    return Response(body, headers, status)


def failure(request: Request, error: ShopError) -> Response:
    """The response of an error, in the caller's language."""
    headers: Headers = dict(basic_headers(request))
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    params = {"minutes": math.ceil((error.retry_after or 60) / 60), **error.params}
    body = {
        "success": False,
        "code": error.code,
        "message": i18n.text(request.locale, error.code, params),
        "data": None,
        "errors": [
            {
                "field": entry.field,
                "message": i18n.text(request.locale, entry.text, entry.params),
                **entry.facts,
            }
            for entry in error.fields
        ],
        "requestId": request.request_id,
        "timestamp": clock.millis(),
    }
    return Response(body, headers, status_of(error))


def status_of(error: ShopError) -> int:
    """The HTTP status of an error: that of its closest category."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def unexpected(error: Exception) -> ShopError:
    """An outage is told as one; a bug is logged whole and told as nothing but its request id."""
    known = dynamo.outage(error)
    if known is not None:
        telemetry.logger().warning("dependency out of reach", exc_info=error)
        return known
    telemetry.logger().error("unexpected error", exc_info=error)
    return ShopError()


def basic_headers(request: Request) -> dict[str, str]:
    """What every answer carries; nothing of it repeats what the caller's headers say."""
    return {
        **security.HEADERS,
        "Content-Type": "application/json; charset=utf-8",
        "Content-Language": request.locale,
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Origin",
        "X-Request-Id": request.request_id,
    }


def _plain(data: Any) -> Any:
    return data.wire() if hasattr(data, "wire") else data


def _etag(data: Any, locale: str) -> str:
    # Of the data alone: the envelope's timestamp differs with every answer.
    digest = hashlib.sha256(json.dumps([data, locale], sort_keys=True).encode()).hexdigest()
    return f'"{digest[:32]}"'
