"""One route as an operation of the document."""

import re
from typing import Any

from pydantic import BaseModel

from chalicelib.kernel.caller import Permission
from chalicelib.kernel.web.auth import Access, reads_credentials
from chalicelib.kernel.web.http import Declared
from tools.openapi import parts, statuses
from tools.openapi.models import PREFIX, Models, Schema, given_by
from tools.openapi.parts import Part, header
from tools.openapi.statuses import NOT_MODIFIED, SEE_OTHER, UNWELL

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TEXT, CSV = "text/plain", "text/csv"
_PLACEHOLDER = re.compile(r"{(\w+)}")


def operation(route: Declared, models: Models) -> Part:
    """The operation object of a route."""
    body = _body(route, models)
    made = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [tag(route)],
        "security": _security(route),
        "parameters": _parameters(route, models),
        **({"requestBody": body} if body else {}),
        "responses": _responses(route, models),
    }
    if isinstance(route.access, Permission):
        made["description"] = f"Needs the permission `{route.access}`."
    return made


def operation_id(route: Declared) -> str:
    """The view's name as the wire writes names: `createCart`."""
    head, *rest = route.name.split("_")
    return head + "".join(word.title() for word in rest)


def tag(route: Declared) -> str:
    """The route's context: `cart` for chalicelib.cart.routes."""
    return route.module.split(".")[1]


def path_names(route: Declared) -> list[str]:
    """The names of the ids in the route's path."""
    return _PLACEHOLDER.findall(route.path)


def _security(route: Declared) -> list[dict[str, list[str]]]:
    if isinstance(route.access, Permission):
        return [{parts.BEARER: []}, {parts.API_KEY: []}]
    if route.access is Access.USER:
        return [{parts.BEARER: []}]
    if route.access is Access.SIGNED:
        return [{parts.signature_name(route.signature): []}]
    if route.access is Access.HOLDER and "order_id" in path_names(route):
        return [{parts.ORDER_TOKEN: []}, {parts.BEARER: []}]
    if route.access is Access.ANYONE:
        return [{}, {parts.BEARER: []}, {parts.API_KEY: []}]
    if reads_credentials(route.method, route.access):
        return [{}, {parts.BEARER: []}]
    return []


def _parameters(route: Declared, models: Models) -> list[Part]:
    made = [parts.path_parameter(name) for name in path_names(route)]
    if route.query:
        made += _query(models.open(models.request(route.query)))
    if route.idempotent:
        made.append({"$ref": "#/components/parameters/IdempotencyKey"})
    return [*made, {"$ref": "#/components/parameters/AcceptLanguage"}]


def _query(model: Schema) -> list[Part]:
    needed = model.get("required", [])
    made = []
    for name, schema in model.get("properties", {}).items():
        schema = _without_null(schema)
        parameter = {"name": name, "in": "query", "required": name in needed, "schema": schema}
        if "description" in schema:
            parameter["description"] = schema.pop("description")
        made.append(parameter)
    return made


def _without_null(schema: Schema) -> Schema:
    """In a query there is no null: a parameter is there or it is not."""
    kept = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if rest.get("default", ...) is None:
        del rest["default"]
    if not kept:
        return rest
    return {**kept[0], **rest} if len(kept) == 1 else {"anyOf": kept, **rest}


def _body(route: Declared, models: Models) -> Part | None:
    if not route.mutates:
        return None
    if route.access is Access.SIGNED:
        return {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}
    if not route.takes:
        return None
    reference = models.request(route.takes)
    content = {JSON: {"schema": reference}}
    if route.form:
        content[FORM] = {"schema": _flat(models.open(reference), models)}
    # No body at all counts as `{}`.
    return {"required": bool(models.open(reference).get("required")), "content": content}


def _flat(schema: Schema, models: Models) -> Schema:
    """An object as a form sends it: `address.line1=…` for what is nested."""
    properties: dict[str, Any] = {}
    for name, inner in schema.get("properties", {}).items():
        inner = _without_null(inner)
        nested = models.open(inner) if "$ref" in inner else inner
        if "properties" in nested:
            properties |= {
                f"{name}.{key}": _without_null(each) for key, each in nested["properties"].items()
            }
        else:
            properties[name] = inner
    return {
        "type": "object",
        "required": [name for name in schema.get("required", []) if name in properties],
        "properties": properties,
        "additionalProperties": False,
    }


def _responses(route: Declared, models: Models) -> Part:
    model = given_by(route)
    made: Part = {str(route.status): _success(route, model, models)}
    for status in statuses.possible(route):
        made[str(status)] = _other(status)
    if model and _is_bare(model) and UNWELL in route.also:
        # Monitors read the same answer, whether the shop is well or not.
        both = [models.answer(model), {"$ref": f"{PREFIX}Error"}]
        unwell = parts.responses()[f"Error{UNWELL}"]
        made[str(UNWELL)] = {**unwell, "content": {JSON: {"schema": {"anyOf": both}}}}
    return dict(sorted(made.items()))


def _is_bare(model: type[BaseModel]) -> bool:
    """Whether the answer comes without the envelope: its schema says so."""
    return getattr(model, "bare", False)


def _success(route: Declared, model: type[BaseModel] | None, models: Models) -> Part:
    headers = {"X-Request-Id": header("RequestId")}
    if NOT_MODIFIED in route.also:
        headers["ETag"] = header("ETag")
    if route.idempotent:
        headers["Idempotency-Replayed"] = header("Replayed")
    # The one text that is answered in place of JSON: its schema says so.
    if plain := getattr(model, "plain", None):
        text = {"type": "string", "const": plain}
        return {"description": "Done.", "headers": headers, "content": {TEXT: {"schema": text}}}
    schema = models.answer(model) if model else {"type": "null"}
    whole = schema if model and _is_bare(model) else parts.envelope(schema)
    content: Part = {JSON: {"schema": whole}}
    # The same as a sheet, where its schema says so.
    if getattr(model, "csv", False):
        content[CSV] = {"schema": {"type": "string"}}
    return {"description": "Done.", "headers": headers, "content": content}


def _other(status: int) -> Part:
    if status == NOT_MODIFIED:
        return {"description": "What `If-None-Match` names is still so."}
    if status == SEE_OTHER:
        return {
            "description": "To a form: on to the provider's page.",
            "headers": {"Location": header("Location")},
        }
    return {"$ref": f"#/components/responses/Error{status}"}
