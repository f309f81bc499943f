"""PayPal's API descriptions, and what breaks them: calls that a shop sends, answers it gets.

The descriptions are not part of this repository; where they are not beside it, the tests skip.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).resolve().parents[2] / ".." / "shared/contracts"
ORDERS, PAYMENTS = FOLDER / "paypal-orders-v2.json", FOLDER / "paypal-payments-v2.json"
JSON = "application/json"


class PayPalContract:
    """Checks against both descriptions; each answers a list of sentences, empty when fine."""

    def __init__(self) -> None:
        self._descriptions = [_Description(ORDERS), _Description(PAYMENTS)]

    def breaches(self, call: dict[str, Any]) -> list[str]:
        """What is wrong with one call the sandbox saw, and with its answer."""
        method, path, status = call["method"], call["path"], call["status"]
        for description in self._descriptions:
            operation = description.operation(method, path)
            if operation:
                return [
                    f"{method} {path} ({status}): {error}"
                    for error in description.errors(*operation, call)
                ]
        return [f"{method} {path} is not described"]


class _Description:
    def __init__(self, file: Path) -> None:
        self.document = json.loads(file.read_text())
        resource = Resource(contents=self.document, specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:s", resource)

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in operations:
                where = template.replace("~", "~0").replace("/", "~1")
                return f"/paths/{where}/{method.lower()}", operations[method.lower()]
        return None

    def errors(self, where: str, operation: dict[str, Any], call: dict[str, Any]) -> list[str]:
        found = []
        if call["method"] == "POST" and call["status"] < 300:
            schema = operation["requestBody"]["content"][JSON]["schema"]
            sent = json.loads(call["body"])
            pointer = f"{where}/requestBody/content/application~1json/schema"
            found += self._invalid(pointer, sent)
            found += [f"sends {field}, which is not described" for field in self._unknown(
                schema, sent)]  # fmt: skip
            found += self._headers(operation, call)
        return found + self._answer(where, operation, call)

    def _answer(self, where: str, operation: dict[str, Any], call: dict[str, Any]) -> list[str]:
        status, answer = str(call["status"]), call["answer"]
        if status == "200" and "200" not in operation["responses"]:
            status = "201"  # an idempotent repeat, which this description leaves out
        if status not in operation["responses"]:
            return self._invalid("/components/schemas/error_" + status, answer)
        response = operation["responses"][status]
        if JSON not in response.get("content", {}):
            return []
        pointer = f"{where}/responses/{status}/content/application~1json/schema"
        errors = self._invalid(pointer, answer)
        unknown = self._unknown(response["content"][JSON]["schema"], answer)
        return errors + [f"answers {field}, which is not described" for field in unknown]

    def _headers(self, operation: dict[str, Any], call: dict[str, Any]) -> list[str]:
        named = [self._resolved(each) for each in operation.get("parameters", [])]
        (described,) = [each for each in named if each["name"] == "PayPal-Request-Id"]
        most = described["schema"].get("maxLength", 108)
        sent = call["idempotencyKey"] or ""
        return [] if 0 < len(sent) <= most else [f"PayPal-Request-Id has {len(sent)} characters"]

    def _invalid(self, pointer: str, instance: object) -> list[str]:
        validator = Draft202012Validator({"$ref": f"urn:s#{pointer}"}, registry=self._registry)
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in validator.iter_errors(instance)
        ]

    def _unknown(self, schema: dict[str, Any], value: Any, at: str = "") -> Iterator[str]:
        """Fields that no schema there names; PayPal's schemas leave others open."""
        branches = list(self._branches(schema))
        if isinstance(value, dict):
            known: dict[str, list[dict[str, Any]]] = {}
            for branch in branches:
                for name, child in branch.get("properties", {}).items():
                    known.setdefault(name, []).append(child)
            for name, child in value.items():
                if known and name not in known:
                    yield f"{at}/{name}"
                else:
                    yield from self._unknown({"allOf": known.get(name, [])}, child, f"{at}/{name}")
        if isinstance(value, list):
            items = [branch["items"] for branch in branches if "items" in branch]
            for number, child in enumerate(value):
                yield from self._unknown({"allOf": items}, child, f"{at}/{number}")

    def _branches(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        schema = self._resolved(schema)
        yield schema
        for kind in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(kind, []):
                yield from self._branches(branch)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            target: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            schema = target
        return schema
