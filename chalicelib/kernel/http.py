"""The edge: every view is wrapped once, here, with envelope, language, errors, ids and headers.

    routes = Routes(__name__)

    @routes.get("/api/products", access=Access.PUBLIC)
    def products(request: Request) -> Answer: ...

A route without `access` does not start. HTTP statuses stand in this file and nowhere else.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.config import secrets
from chalicelib.kernel import clock, dynamo, errors, i18n, security, telemetry
from chalicelib.kernel import request as requests
from chalicelib.kernel.errors import ShopError
from chalicelib.kernel.ids import is_id, token
from chalicelib.kernel.request import Request

STATUS: dict[type[ShopError], int] = {
    errors.Malformed: 400,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.BodyTooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.Invalid: 422,
    errors.ProviderFailed: 502,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}


class Access(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    # Whoever holds the cart's id or the order's token; the service checks it.
    HOLDER = "holder"
    # A provider, by its signature over the raw body; the service checks it.
    SIGNED = "signed"
    # The shop's owner, by the stage's admin key in `X-Api-Key`; checked before the view runs.
    ADMIN = "admin"


@dataclass(frozen=True)
class Answer:
    """What a view answers: `data` goes into the envelope unless `bare`."""

    data: Any
    status: int = 200
    code: str = "SUCCESS"
    # Seconds that browser and CDN may keep it; 0 means never, for anything personal.
    public_seconds: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False


View = Callable[..., Answer]
Headers = dict[str, str | list[str]]


class Routes(Blueprint):
    """A blueprint whose views take a `Request` (and path parameters) and give an `Answer`."""

    def get(self, path: str, *, access: Access) -> Callable[[View], View]:
        return self._register("GET", path, access)

    def post(
        self, path: str, *, access: Access, most_bytes: int = requests.MAX_BODY_BYTES
    ) -> Callable[[View], View]:
        return self._register("POST", path, access, most_bytes)

    def _register(
        self, method: str, path: str, access: Access, most_bytes: int = requests.MAX_BODY_BYTES
    ) -> Callable[[View], View]:
        if not isinstance(access, Access):
            raise TypeError(f"{method} {path} must declare who may call it")

        def register(view: View) -> View:
            def handle(**path_parameters: str) -> Response:
                return respond(
                    view,
                    self.current_request,
                    path_parameters,
                    access=access,
                    most_bytes=most_bytes,
                )

            handle.__name__ = view.__name__
            # Any content type reaches `handle`: Chalice's own refusal has no envelope, no CORS.
            self.route(path, methods=[method], content_types=["*/*"], name=view.__name__)(handle)
            return view

        return register


def respond(
    view: View,
    chalice_request: Any,
    path_parameters: Mapping[str, str],
    *,
    access: Access,
    most_bytes: int,
) -> Response:
    """Run a view and say what came of it. Never raises: what reaches Chalice loses its CORS."""
    request = _request(chalice_request)
    telemetry.correlate(request.request_id)
    started = clock.millis()
    try:
        if access is Access.ADMIN:
            _require_admin(request)
        _check_path(path_parameters)
        requests.check_size(request.raw_body, most_bytes)
        response = _success(request, view(request, **path_parameters))
    except ShopError as error:
        response = _failure(request, error)
    except Exception as error:
        response = _failure(request, _unexpected(error))
    telemetry.logger().info(
        "request",
        extra={
            "method": request.method,
            "route": chalice_request.context.get("resourcePath"),
            "status": response.status_code,
            "milliseconds": clock.millis() - started,
        },
    )
    return response


def _request(raw: Any) -> Request:
    headers = {name.lower(): value for name, value in (raw.headers or {}).items()}
    return Request(
        method=raw.method,
        path=raw.path,
        headers=headers,
        parameters=dict((raw.query_params or {}).items()),
        raw_body=raw.raw_body or b"",
        locale=i18n.negotiate(headers.get("accept-language")),
        source_ip=raw.context.get("identity", {}).get("sourceIp", ""),
        request_id=raw.context.get("requestId") or token(),
    )


def _require_admin(request: Request) -> None:
    key = request.header("x-api-key")
    if not key:
        raise errors.Unauthorized()
    if not security.same(key, secrets().required("admin/key")):
        raise errors.Forbidden()


def _check_path(path_parameters: Mapping[str, str]) -> None:
    # What can't be an id is not there: no `../`, no separator, nothing that needs escaping.
    if not all(is_id(value) for value in path_parameters.values()):
        raise errors.NotFound()


def _unexpected(error: Exception) -> ShopError:
    """An outage is told as one; a bug is logged whole and told as nothing but its request id."""
    known = dynamo.outage(error)
    if known is not None:
        telemetry.logger().warning("dependency out of reach", exc_info=error)
        return known
    telemetry.logger().error("unexpected error", exc_info=error)
    return ShopError()


def _success(request: Request, answer: Answer) -> Response:
    headers: Headers = {**_headers(request), **answer.headers}
    if answer.bare:
        return Response(answer.data, headers, answer.status)
    data = answer.data.wire() if hasattr(answer.data, "wire") else answer.data
    body = {
        "success": True,
        "code": answer.code,
        "message": i18n.text(request.locale, answer.code),
        "data": data,
        "timestamp": clock.millis(),
    }
    if answer.public_seconds:
        tag = _etag(data, request.locale)
        headers |= {
            "Cache-Control": f"public, max-age={answer.public_seconds}",
            "ETag": tag,
            "Vary": "Accept-Language",
        }
        if request.header("if-none-match") == tag:
            return Response("", headers, 304)
    return Response(body, headers, answer.status)


def _failure(request: Request, error: ShopError) -> Response:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    headers: Headers = dict(_headers(request))
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    body = {
        "success": False,
        "code": error.code,
        "message": i18n.text(request.locale, error.code, error.params),
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
    return Response(body, headers, status)


def _headers(request: Request) -> dict[str, str]:
    return {
        **security.HEADERS,
        "Content-Type": "application/json; charset=utf-8",
        "Content-Language": request.locale,
        "Cache-Control": "no-store",
        "X-Request-Id": request.request_id,
    }


def _etag(data: Any, locale: str) -> str:
    # Of the data alone: the envelope's timestamp differs with every answer.
    digest = hashlib.sha256(json.dumps([data, locale], sort_keys=True).encode()).hexdigest()
    return f'"{digest[:32]}"'
