"""The API among its functions: Chalice writes one handler for all routes, the gateway gets three.

Each row with `paths` becomes a function of the same code, and answers what begins with them. Paths
that have no throttle of their own are folded into `{proxy+}`: one REST API holds 300 resources, one
for each piece of each path, and the app finds its route itself (kernel/web/routing.py).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from localcloud.functions.rows import Rows

Template = dict[str, Any]

HANDLER, PERMISSION = "APIHandler", "APIHandlerInvokePermission"
PROXY = "{proxy+}"
ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"


def split(template: Template, rows: Rows) -> Template:
    """A packaged template with the rows' functions in place of Chalice's one."""
    made = copy.deepcopy(template)
    resources = made["Resources"]
    handler, permission = resources.pop(HANDLER), resources.pop(PERMISSION)
    for row in rows.functions:
        if row.paths:
            own = resources.get(row.logical, {})
            resources[row.logical] = _joined(handler, own)
            # What the gateway calls is the alias, which a deploy moves and a rollback moves back.
            resources[f"{row.logical}InvokePermission"] = _joined(
                permission, {"Properties": {"FunctionName": {"Ref": f"{row.logical}.Alias"}}}
            )
    api = resources["RestAPI"]["Properties"]
    body = api["DefinitionBody"]
    body["paths"] = folded(body["paths"], rows, throttled(api.get("MethodSettings", [])))
    outputs = made.get("Outputs", {})
    for name in [name for name in outputs if name.startswith(HANDLER)]:
        del outputs[name]
    return made


def _joined(base: Mapping[str, Any], over: Mapping[str, Any]) -> Template:
    """Two mappings as one; what both have is taken from `over`, unless both are mappings of names
    and no intrinsic function."""
    made = copy.deepcopy(dict(base))
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(made.get(name), dict)
        if both and not _is_intrinsic(value) and not _is_intrinsic(made[name]):
            made[name] = _joined(made[name], value)
        else:
            made[name] = copy.deepcopy(value)
    return made


def _is_intrinsic(value: Mapping[str, Any]) -> bool:
    return any(name == "Ref" or name.startswith("Fn::") for name in value)


def throttled(settings: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The paths that have method settings of their own."""
    paths = (one["ResourcePath"].removeprefix("/").replace("~1", "/") for one in settings)
    return frozenset(path for path in paths if path != "*")


def folded(paths: Mapping[str, Any], rows: Rows, kept: frozenset[str]) -> Template:
    """The document's paths with all that needs no resource of its own in proxies.

    Raises `Problem` for a path that no row answers.
    """
    sample = next(method for methods in paths.values() for method in methods.values())
    made: Template = {}
    for path in sorted(kept & paths.keys()):
        made[path] = {
            verb: _of_function(method, rows.answering(path).logical)
            for verb, method in paths[path].items()
        }
    opened = set(_proxies(paths, rows)) | kept & paths.keys()
    opened |= set(_between(opened))
    for path in sorted(opened):
        function = rows.answering(path.removesuffix(f"/{PROXY}") or "/").logical
        made.setdefault(path, {})[ANY] = _any(sample, path, function)
    return dict(sorted(made.items()))


def _proxies(paths: Iterable[str], rows: Rows) -> Iterator[str]:
    """Each row's prefix, as a path of its own, as a proxy for what is below it, or both."""
    for path in paths:
        row = rows.answering(path)
        prefix = max(
            (one for one in row.paths if path == one or path.startswith(f"{one}/")), key=len
        )
        yield prefix if path == prefix else f"{prefix}/{PROXY}"


def _between(opened: set[str]) -> Iterator[str]:
    """The pieces on the way to a path, which would answer nothing themselves, and a proxy for what
    else is below each. A piece may have one variable below it, and no proxy beside that."""
    pieces = {
        "/".join(path.split("/")[:depth])
        for path in opened
        for depth in range(2, len(path.split("/")))
    }
    for piece in pieces:
        yield piece
        below = {path.removeprefix(f"{piece}/").partition("/")[0] for path in opened | pieces
                 if path.startswith(f"{piece}/")}  # fmt: skip
        if all(not one.startswith("{") or one == PROXY for one in below):
            yield f"{piece}/{PROXY}"


def _of_function(method: Mapping[str, Any], function: str) -> Template:
    made = copy.deepcopy(dict(method))
    service = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31"
    made[INTEGRATION]["uri"] = {
        "Fn::Sub": f"{service}/functions/${{{function}Aliaslive}}/invocations"
    }
    return made


def _any(sample: Mapping[str, Any], path: str, function: str) -> Template:
    made = _of_function(sample, function)
    names = [piece[1:-1].rstrip("+") for piece in path.split("/") if piece.startswith("{")]
    made.pop("parameters", None)
    if names:
        made["parameters"] = [
            {"name": name, "in": "path", "required": True, "type": "string"} for name in names
        ]
    return made
