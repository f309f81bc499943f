"""Stripe's API description, and what breaks it: calls that a client sends, answers it gets.

The description is not part of this repository; where it is not beside it, the tests skip.  Form
bodies are decoded here on their own, not with the sandbox's code: two readers, one description.
"""

import copy
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from localcloud.sandbox import SandboxClient

FILE = Path(__file__).resolve().parents[2] / ".." / "shared/contracts/stripe-openapi-subset.json"
FORM = "application/x-www-form-urlencoded"


class StripeContract:
    """Checks against the description; every check answers a list of sentences, empty when fine.

    What we send is held to the enums as they are; what we receive may have further values where
    the description says so.
    """

    def __init__(self, file: Path = FILE) -> None:
        self.document = json.loads(file.read_text())
        self._strict = _registry(self.document)
        self._lenient = _registry(_without_open_enums(self.document))

    def call_errors(self, method: str, path: str, body: str) -> list[str]:
        """What is wrong with a call: its form body, or the query of a GET."""
        found = self._operation(method, path)
        if found is None:
            return [f"{method} {path} is not described"]
        where, operation = found
        if method == "POST":
            schema = operation["requestBody"]["content"][FORM]["schema"]
            pointer = f"{where}/requestBody/content/{_escape(FORM)}/schema"
            return self._errors(self._strict, pointer, typed(decoded(body), schema, self.document))
        return self._query_errors(operation, decoded(body))

    def answer_errors(self, method: str, path: str, status: int, answer: object) -> list[str]:
        """What is wrong with the answer to a call."""
        found = self._operation(method, path)
        if found is None:
            return [f"{method} {path} is not described"]
        response = "200" if status == 200 else "default"
        pointer = f"{found[0]}/responses/{response}/content/application~1json/schema"
        return self._errors(self._lenient, pointer, answer)

    def object_errors(self, document: dict[str, Any]) -> list[str]:
        """What is wrong with an object: its values, and fields that Stripe's has not."""
        name = document["object"]
        errors = self._errors(self._lenient, f"/components/schemas/{name}", document)
        unknown = document.keys() - self.fields(name)
        return errors + [f"{name} has no {field}" for field in sorted(unknown)]

    def fields(self, name: str) -> set[str]:
        """The fields of a kind of object."""
        return set(self.document["components"]["schemas"][name]["properties"])

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in operations:
                where = f"/paths/{_escape(template)}/{method.lower()}"
                return where, operations[method.lower()]
        return None

    def _query_errors(self, operation: dict[str, Any], given: dict[str, Any]) -> list[str]:
        described = (self._resolved(item) for item in operation.get("parameters", []))
        schemas = {item["name"]: item["schema"] for item in described if item["in"] == "query"}
        errors = [f"unknown parameter {name}" for name in given.keys() - schemas.keys()]
        for name in given.keys() & schemas.keys():
            value = typed(given[name], schemas[name], self.document)
            validator = Draft202012Validator(schemas[name], registry=self._strict)
            errors += [f"{name}: {error.message}" for error in validator.iter_errors(value)]
        return errors

    def _resolved(self, item: dict[str, Any]) -> dict[str, Any]:
        return resolved(item, self.document)

    def _errors(self, registry: Registry, pointer: str, instance: object) -> list[str]:
        validator = Draft202012Validator({"$ref": f"urn:s#{pointer}"}, registry=registry)
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in validator.iter_errors(instance)
        ]


@dataclass
class Recorder:
    """Watches what reaches a sandbox, whoever sends it, and holds it against the contract.

    `with Recorder(contract, sandbox) as recorder: …` fails at the end when a call or an answer in
    the block breaks the contract.  `calls` are the calls that were seen.
    """

    contract: StripeContract
    sandbox: SandboxClient
    calls: list[dict[str, Any]] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def __enter__(self) -> "Recorder":
        self._seen = {call["id"] for call in self.sandbox.requests()}
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.calls = [c for c in self.sandbox.requests() if c["id"] not in self._seen]
        if kind is None:
            assert self.errors() == []

    def errors(self) -> list[str]:
        """Every breach, with the call it belongs to."""
        return [
            f"{call['method']} {call['path']} ({call['status']}): {error}"
            for call in self.calls
            for error in self.breaches(call)
        ]

    def breaches(self, call: dict[str, Any]) -> list[str]:
        """What is wrong with one call and its answer; calls the sandbox refused may be wrong."""
        method, path, status = call["method"], call["path"], call["status"]
        sent = call["body"] if method == "POST" else call["query"]
        errors = self.contract.call_errors(method, path, sent) if status == 200 else []
        return errors + self.contract.answer_errors(method, path, status, call["answer"])


def decoded(text: str) -> dict[str, Any]:
    """A form body with bracketed names as nested dicts and lists of strings."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = re.split(r"\]\[|\[|\]", name.removesuffix("]"))
        node = tree
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = value
    return _lists(tree) if tree else {}


def typed(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Strings as numbers and booleans where the schema, or a branch of it, says so."""
    schema = resolved(schema, document)
    branches = [schema, *(resolved(b, document) for b in schema.get("anyOf", []))]
    if isinstance(value, dict):
        known: dict[str, Any] = {}
        for branch in branches:
            known |= branch.get("properties", {})
        return {name: typed(child, known.get(name, {}), document) for name, child in value.items()}
    if isinstance(value, list):
        items = next((branch["items"] for branch in branches if "items" in branch), {})
        return [typed(child, items, document) for child in value]
    return _typed_leaf(value, {branch.get("type") for branch in branches})


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema that a `$ref` of the document stands for."""
    while "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        schema = target
    return schema


def _typed_leaf(value: str, types: set[str]) -> Any:
    if "integer" in types and re.fullmatch(r"-?\d+", value):
        return int(value)
    if "number" in types and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    if "boolean" in types and value in ("true", "false"):
        return value == "true"
    return value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(child) for key, child in value.items()}


def _registry(document: dict[str, Any]) -> Registry:
    resource = Resource(contents=document, specification=DRAFT202012)
    return Registry().with_resource("urn:s", resource)


def _without_open_enums(document: dict[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    stack: list[Any] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get("x-open-enum"):
                node.pop("enum", None)
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return document


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
