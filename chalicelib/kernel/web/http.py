"""The edge: every view is wrapped once, here, with its authorization, limits, envelope and errors.

    routes = Routes(__name__)

    @routes.post("/api/cart/{cart_id}/add", access=Access.HOLDER, gives="CartAnswer")
    def add_line(request: Request, body: schemas.AddLine, cart_id: str) -> Answer: ...

`access` is an `Access` or the `Permission` that it takes; a route without one does not start.
A view that has a parameter `body` or `query` is handed the request's body or query string as the
class that the parameter is annotated with. What else a route declares stands at `Declared`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, ClassVar, Unpack

from chalice.app import Blueprint, Response

from chalicelib.kernel import clock, deadline, errors, i18n, rates, telemetry
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.errors import ShopError
from chalicelib.kernel.ids import is_id, token
from chalicelib.kernel.limits import CHANGES, By, Limit
from chalicelib.kernel.web import address, answers, auditing, auth, cors, idempotency
from chalicelib.kernel.web import request as requests
from chalicelib.kernel.web.answers import STATUS, Answer, Change
from chalicelib.kernel.web.auth import Access
from chalicelib.kernel.web.declared import Declared, Says, View
from chalicelib.kernel.web.request import Request

__all__ = ["STATUS", "Access", "Answer", "Change", "Declared", "Limit", "Permission", "Routes"]

# API Gateway gives up on a call after 29 seconds.
CALL_SECONDS = 30


class Routes(Blueprint):
    """A blueprint whose views take a `Request` (and path parameters) and give an `Answer`.

    What `get`, `post`, `put` and `delete` take beside the path stands at `Declared`.
    """

    declared: ClassVar[list[Declared]] = []

    def __init__(self, module: str) -> None:
        super().__init__(module)
        self._module = module

    def get(
        self, path: str, *, access: Access | Permission, **says: Unpack[Says]
    ) -> Callable[[View], View]:
        return self._register("GET", path, access, says)

    def post(
        self, path: str, *, access: Access | Permission, **says: Unpack[Says]
    ) -> Callable[[View], View]:
        return self._register("POST", path, access, says)

    def put(
        self, path: str, *, access: Access | Permission, **says: Unpack[Says]
    ) -> Callable[[View], View]:
        return self._register("PUT", path, access, says)

    def delete(
        self, path: str, *, access: Access | Permission, **says: Unpack[Says]
    ) -> Callable[[View], View]:
        return self._register("DELETE", path, access, says)

    def _register(
        self, method: str, path: str, access: Access | Permission, says: Says
    ) -> Callable[[View], View]:
        if not isinstance(access, Access | Permission):
            raise TypeError(f"{method} {path} must declare who may call it")
        says = _with_defaults(method, path, access, says)

        def register(view: View) -> View:
            says.setdefault("summary", (view.__doc__ or "").strip().partition("\n")[0])
            route = Declared(method, path, view, self._module, access, **says)

            def handle(**path_parameters: str) -> Response:
                return respond(route, self.current_request, path_parameters)

            handle.__name__ = route.name
            # HEAD is answered what GET would be, without the body (RFC 9110, 9.3.2).
            methods = ["GET", "HEAD"] if method == "GET" else [method]
            # Any content type reaches `handle`: Chalice's own refusal has no envelope, no CORS.
            self.route(path, methods=methods, content_types=["*/*"], name=route.name)(handle)
            self.declared.append(route)
            return view

        return register


def _with_defaults(method: str, path: str, access: Access | Permission, says: Says) -> Says:
    """A changing route is idempotent unless it says why not."""
    if method == "GET":
        return says
    if access is Access.SIGNED:
        return {"because": "what a provider sends carries the provider's own id", **says}
    made: Says = {"idempotent": True, **says, "limits": _with_general(says.get("limits", ()))}
    if not made["idempotent"] and not made.get("because"):
        raise TypeError(f"{method} {path} must say why its answer is not kept")
    return made


def _with_general(limits: Sequence[Limit]) -> Sequence[Limit]:
    """Every change is counted by address; what has a figure of its own is stricter than all."""
    return limits if any(limit.by is By.ADDRESS for limit in limits) else (*CHANGES, *limits)


def respond(route: Declared, chalice_request: Any, path_parameters: Mapping[str, str]) -> Response:
    """Run the route's view and say what came of it.

    Never raises: what reaches Chalice loses its CORS.
    """
    request = _request(chalice_request)
    telemetry.correlate(request.request_id)
    started, now = clock.millis(), clock.now()
    try:
        if request.is_head and route.effects:
            response = answers.success(request, Answer(None), route.status)
        else:
            with deadline.of_request(chalice_request):
                request = _authorized(route, request, path_parameters, now)
                response = _answered(route, request, path_parameters, now)
    except Exception as error:
        response = _refused(request, error, now)
    return _finished(response, request, route.path, started)


def refuse(chalice_request: Any, error: ShopError) -> Response:
    """What a call gets that belongs to no view: its path or its method is not there."""
    request = _request(chalice_request)
    telemetry.correlate(request.request_id)
    return _finished(answers.failure(request, error), request, "none", clock.millis())


def _finished(response: Response, request: Request, route: str, started: int) -> Response:
    response.headers.update(cors.headers(request.headers))
    if request.is_head:
        response.body = ""
    telemetry.logger().info(
        "request",
        extra={
            "method": request.method,
            "route": route,
            "caller": request.caller.name,
            "status": response.status_code,
            "milliseconds": clock.millis() - started,
        },
    )
    return response


def _request(raw: Any) -> Request:
    if began := deadline.began(raw.context):
        clock.agree(began, within=CALL_SECONDS)
    headers = {name.lower(): value for name, value in (raw.headers or {}).items()}
    return Request(
        method=raw.method,
        # Chalice's path is the route's pattern; calls are told apart by what stands in it.
        path=raw.path.format(**(raw.uri_params or {})),
        headers=headers,
        parameters=dict((raw.query_params or {}).items()),
        raw_body=raw.raw_body or b"",
        locale=i18n.negotiate(headers.get("accept-language")),
        source_ip=address.of_call(raw.context.get("identity", {}).get("sourceIp", ""), headers),
        request_id=raw.context.get("requestId") or token(),
    )


def _authorized(
    route: Declared, request: Request, path_parameters: Mapping[str, str], now: int
) -> Request:
    """The request with its caller and its name, if it may reach the view at all."""
    _check_path(path_parameters)
    requests.check_size(request.raw_body, route.most_bytes)
    # By address before anybody is identified: guessing credentials costs the guesser first.
    _count(route, By.ADDRESS, request, now)
    request = replace(request, caller=auth.authorize(request, route.access, now=now))
    _count(route, By.CALLER, request, now)
    if not route.mutates or route.access is Access.SIGNED:
        return request
    whose = idempotency.whose(request, path_is_secret=route.path_is_secret)
    return replace(request, operation=idempotency.operation_of(request, whose))


def _count(route: Declared, by: By, request: Request, now: int) -> None:
    limits = [limit for limit in route.limits if limit.by is by]
    if limits:
        rates.enforce(limits, request, now=now)


def _answered(
    route: Declared, request: Request, path_parameters: Mapping[str, str], now: int
) -> Response:
    """The view's answer, or the one that an earlier run of the same call was given."""

    def run() -> tuple[Response, Response]:
        try:
            return _run(route, request, path_parameters)
        except Exception as error:
            response = _refused(request, error, now)
            return response, response

    if not route.idempotent:
        return run()[0]
    whose = idempotency.whose(request, path_is_secret=route.path_is_secret)
    return idempotency.answered(request, whose, run, now=now)


def _run(
    route: Declared, request: Request, path_parameters: Mapping[str, str]
) -> tuple[Response, Response]:
    """What is answered now, and what is kept for when the call comes again."""
    with _audited(route, request, path_parameters) as change:
        answer = route.view(request, **_inputs(route, request), **path_parameters)
        change(answer.change)
    shown = answers.success(request, answer, route.status)
    if answer.replay is None:
        return shown, shown
    return shown, answers.success(request, replace(answer, data=answer.replay), route.status)


def _inputs(route: Declared, request: Request) -> dict[str, Any]:
    """The body and the query that the view takes, parsed. Raises what `Request.json` raises."""
    inputs: dict[str, Any] = {}
    if route.query:
        inputs["query"] = request.query(route.query)
    if route.takes:
        read = request.json_or_form if route.form else request.json
        inputs["body"] = read(route.takes)
    return inputs


def _audited(
    route: Declared, request: Request, path_parameters: Mapping[str, str]
) -> AbstractContextManager[Callable[[Change | None], None]]:
    """What takes a permission and changes something stands in the audit log, begun and ended."""
    if not (route.mutates and isinstance(route.access, Permission)):
        return nullcontext(lambda change: None)
    return auditing.written_down(route.module, route.name, request, path_parameters)


def _refused(request: Request, error: Exception, now: int) -> Response:
    refusal = error if isinstance(error, ShopError) else answers.unexpected(error)
    auth.refused(refusal.code, request, now=now)
    return answers.failure(request, refusal)


def _check_path(path_parameters: Mapping[str, str]) -> None:
    # What can't be an id is not there: no `../`, no separator, nothing that needs escaping.
    if not all(is_id(value) for value in path_parameters.values()):
        raise errors.NotFound()
