"""The document itself, generated from the routes that the contexts declare."""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from chalicelib.kernel.web.http import Declared, Routes
from tools.openapi import links, operations, parts
from tools.openapi.models import PREFIX, Models

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
OPENAPI = "3.1.0"
ABOUT = """A shop over HTTP. Answers come in an envelope: `success`, `code` for programs, `message`
for people in the language of `Accept-Language`, and `data`. Money is an integer in the currency's
minor unit: `{"amount": 1999, "currency": "USD"}` is 19.99 USD. Times are ISO 8601 in UTC, ids are
opaque.

A cart's id is its key: whoever knows it holds the cart. An order's key is the `accessToken` of its
checkout. Users send `Authorization: Bearer`, machines `X-Api-Key`. Every route that changes
something takes an `Idempotency-Key`; with one, asking again is safe whatever became of the first
answer."""


def text() -> str:
    """The file as it should be: for people too, so with a line to each value."""
    return json.dumps(generated(), ensure_ascii=False, indent=1) + "\n"


@cache
def generated() -> dict[str, Any]:
    """The whole document, as JSON-ready values; never change it."""
    return build(routes())


def routes() -> list[Declared]:
    """The shop's routes, by path."""
    import_module("app")  # what is imported is declared
    # A test's own routes are declared beside them.
    own = [route for route in Routes.declared if route.module.startswith("chalicelib.")]
    return sorted(own, key=lambda route: (route.path, route.method))


def build(declared: list[Declared]) -> dict[str, Any]:
    """The document of these routes. Raises LookupError for a schema that is not there."""
    models = Models(declared)
    paths: dict[str, Any] = {}
    for route in declared:
        paths.setdefault(route.path, {})[route.method.lower()] = operations.operation(route, models)
    links.tie(declared, paths)
    schemas = {**models.schemas, **parts.schemas()}
    responses = parts.responses()
    return {
        "openapi": OPENAPI,
        "info": {"title": "Cartwright", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": _tags(declared),
        "paths": paths,
        "components": {
            "schemas": _needed(schemas, [paths, responses]),
            "responses": responses,
            "parameters": parts.PARAMETERS,
            "headers": parts.HEADERS,
            "securitySchemes": {**parts.SECURITY, **_signatures(declared)},
        },
    }


def _signatures(declared: list[Declared]) -> dict[str, Any]:
    """A scheme for each header in which a provider signs."""
    headers = sorted({route.signature for route in declared if route.signature})
    return {parts.signature_name(header): parts.signature(header) for header in headers}


def _needed(schemas: dict[str, Any], users: Any) -> dict[str, Any]:
    """The schemas that something refers to: a query's stand among the parameters themselves."""
    found: set[str] = set()
    waiting = [users]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            name = str(value.get("$ref", "")).removeprefix(PREFIX)
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting += value.values()
    return {name: schemas[name] for name in sorted(found)}


def _tags(declared: list[Declared]) -> list[dict[str, str]]:
    about: dict[str, str] = {}
    for route in declared:
        head = import_module(route.module.rpartition(".")[0]).__doc__ or ""
        about.setdefault(operations.tag(route), " ".join(head.partition("\n\n")[0].split()))
    return [{"name": name, "description": text} for name, text in sorted(about.items())]
