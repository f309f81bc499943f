"""Calling every route of the shop: with bodies that fit, as whoever may, with anything in them."""

import json
from collections.abc import Iterator
from typing import Any

from chalice.test import Client, HTTPResponse

from app import app
from chalicelib.accounts.tables import UserItem
from chalicelib.kernel.caller import Role
from chalicelib.kernel.web.http import Declared, Routes
from tests.accounts import people

# Whatever the app serves is declared once it is imported.
assert app.routes
DECLARED = [each for each in Routes.declared if each.module.startswith("chalicelib.")]
ROUTES = sorted(DECLARED, key=lambda each: (each.path, each.method))


def name(route: Declared) -> str:
    return f"{route.method} {route.path}"


def admin_token(email: str = "admin@shop.test") -> str:
    """The access token of a user who may do everything."""
    user = people.register(email)
    UserItem(user.user_id).update(actions=[UserItem.role.set(Role.ADMIN)])
    return people.sign_in(email).access_token


class Walker:
    """Calls routes in process; `headers` go with every call."""

    def __init__(self, **headers: str) -> None:
        self._client = Client(app)
        self._headers = {key.replace("_", "-"): value for key, value in headers.items()}

    def call(
        self, route: Declared, body: bytes, *, in_path: str = "thing_1", query: str = "",
        **headers: str,
    ) -> HTTPResponse:  # fmt: skip
        path = route.path
        for part in path.split("/"):
            if part.startswith("{"):
                path = path.replace(part, in_path)
        sent = {"Content-Type": "application/json", **self._headers}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        with self._client as client:
            return client.http.request(route.method, path + query, sent, body)


def body_of(route: Declared, text: str, **special: str) -> dict[str, Any]:
    """A body of the route's shape with `text` wherever text goes; `special` by the field's name."""
    if not route.takes:
        return {}
    schema = route.takes.model_json_schema(by_alias=True)
    made: dict[str, Any] = _value(schema, "", schema.get("$defs", {}), text, special)
    return made


def hostile(route: Declared, texts: list[str]) -> Iterator[bytes]:
    """Bodies of the route's shape, one for each text, which stands in every field."""
    for text in texts:
        yield json.dumps(body_of(route, text)).encode()


def _value(
    schema: dict[str, Any], field: str, defs: dict[str, Any], text: str, special: dict[str, str]
) -> Any:
    if field in special:
        return special[field]
    schema = _plain(schema, defs)
    kind = schema.get("type")
    if kind == "object":
        return {
            key: _value(each, key, defs, text, special)
            for key, each in schema.get("properties", {}).items()
        }
    if kind == "array":
        return [_value(schema.get("items", {}), field, defs, text, special)]
    simple = {"integer": max(1, int(schema.get("minimum", 1))), "boolean": True}
    return schema.get("const", schema.get("enum", [simple.get(kind, text)])[0])


def _plain(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """The schema with its references followed, of several the first that is not null."""
    if "$ref" in schema:
        return _plain(defs[schema["$ref"].rpartition("/")[2]], defs)
    for union in ("anyOf", "allOf", "oneOf"):
        if union in schema:
            return _plain(next(one for one in schema[union] if one.get("type") != "null"), defs)
    return schema
