"""Finding a call's route by its path, before Chalice looks.

API Gateway knows few paths and sends everything below them here (`/api/{proxy+}`): it holds 300
resources, one for each piece of each path. So what it does not know, a path that nobody has or a
method that the path does not take, is answered by the shop: in its envelope and language, with
CORS.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from chalice.app import Chalice, Request

from chalicelib.kernel.errors import MethodNotAllowed, NotFound, ShopError
from chalicelib.kernel.web import http

GREEDY = "+}"
Found = tuple[str, dict[str, str]]


class Api(Chalice):
    """A Chalice app that finds routes below `{proxy+}` resources itself."""

    def __call__(self, event: Any, context: Any) -> Any:
        path = event.get("requestContext", {}).get("resourcePath")
        if path is None:
            return super().__call__(event, context)
        segments = _segments(path, event.get("pathParameters") or {})
        found = match(segments, self.routes)
        if found is None:
            return self._refused(event, context, NotFound())
        pattern, parameters = found
        if event["requestContext"]["httpMethod"] not in self.routes[pattern]:
            allowed = ", ".join(sorted(self.routes[pattern]))
            return self._refused(event, context, MethodNotAllowed(), Allow=allowed)
        return super().__call__(_at(event, pattern, parameters), context)

    def _refused(self, event: Any, context: Any, error: ShopError, **headers: str) -> Any:
        response = http.refuse(Request(_at(event, "/", {}), context), error)
        response.headers.update(headers)
        return response.to_dict(self.api.binary_types)


def _segments(pattern: str, parameters: Mapping[str, str]) -> list[str]:
    """The call's path, piece by piece, as the gateway took it apart. A slash at its end is none of
    it, as for the gateway."""
    made: list[str] = []
    for piece in pattern.strip("/").split("/"):
        if piece.endswith(GREEDY):
            made += parameters.get(piece[1:-2], "").split("/")
        elif piece.startswith("{"):
            made.append(parameters.get(piece[1:-1], ""))
        else:
            made.append(piece)
    return made[:-1] if made[-1] == "" else made


def match(segments: list[str], patterns: Iterable[str]) -> Found | None:
    """The pattern that fits, and what stands for its variables. Of several the one with its
    literal pieces further to the left, as API Gateway chooses."""
    fitting = [pattern for pattern in patterns if _fits(_pieces(pattern), segments)]
    if not fitting:
        return None
    best = min(fitting, key=lambda one: [_is_variable(piece) for piece in _pieces(one)])
    return best, {
        piece[1:-1]: segment
        for piece, segment in zip(_pieces(best), segments, strict=True)
        if _is_variable(piece)
    }


@cache
def _pieces(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.strip("/").split("/"))


def _fits(pieces: tuple[str, ...], segments: list[str]) -> bool:
    return len(pieces) == len(segments) and all(
        segment != "" if _is_variable(piece) else piece == segment
        for piece, segment in zip(pieces, segments, strict=True)
    )


def _is_variable(piece: str) -> bool:
    return piece.startswith("{")


def _at(event: Mapping[str, Any], pattern: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The event as the gateway sends it for a resource of the route's own."""
    return {
        **event,
        "resource": pattern,
        "pathParameters": dict(parameters) or None,
        "requestContext": {**event["requestContext"], "resourcePath": pattern},
    }
