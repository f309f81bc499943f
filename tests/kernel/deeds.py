"""Views that count what they did, and calls of them as Chalice hands them over."""

import json
from types import SimpleNamespace
from typing import Any

from chalice.app import Response

from chalicelib.kernel.web.http import Access, Answer, Declared, respond


class Deeds:
    """A view that counts how often it ran, under which names, and answers how often."""

    def __init__(self, then: Any = None) -> None:
        self.operations: list[str] = []
        self.then = then

    def __call__(self, request: Any, **path: str) -> Answer:
        self.operations.append(request.operation)
        if self.then:
            return self.then(request)
        return Answer({"count": len(self.operations)}, status=201)

    @property
    def times(self) -> int:
        return len(self.operations)


def call(
    view: Any,
    body: Any = None,
    *,
    path: str = "/api/things",
    route: str | None = None,
    access: Access = Access.PUBLIC,
    address: str = "203.0.113.7",
    method: str = "POST",
    says: dict | None = None,
    **headers: str,
) -> Response:
    """One call, as Chalice hands it over."""
    request = SimpleNamespace(
        method=method,
        path=path,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        query_params=None,
        uri_params=None,
        raw_body=json.dumps(body or {}).encode(),
        context={"requestId": f"req-{len(getattr(view, 'operations', []))}"}
        | {"identity": {"sourceIp": address}},
    )
    says = {"idempotent": method != "GET", **(says or {})}
    declared = Declared(method, route or path, named(view), __name__, access, **says)
    return respond(declared, request, {})


def named(deeds: Any) -> Any:
    """What counts deeds, as a function, which has a name."""

    def view(request: Any, **path: str) -> Answer:
        return deeds(request, **path)

    return view


def as_sent(response: Response) -> Any:
    """An answer as it travels."""
    text = response.body if isinstance(response.body, str) else json.dumps(response.body)
    return response.status_code, json.loads(text)


def keyed(view: Any, body: Any = None, key: str = "order-1", **named: Any) -> Response:
    return call(view, body, **{**named, "idempotency-key": key})
