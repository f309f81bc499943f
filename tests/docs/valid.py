"""What makes a document valid OpenAPI 3.1, and which of its answers are open."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, SchemaError
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR


def complaints(document: dict[str, Any]) -> list[str]:
    """What is wrong by the specification's own schema, and with the JSON schemas in it."""
    wrong = [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(document)]
    for name, schema in document["components"]["schemas"].items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            wrong.append(f"{name}: {error.message}")
    return wrong


def references(value: Any) -> Iterator[str]:
    """Every `$ref` of the document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref" and isinstance(inner, str):
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def follow(document: dict[str, Any], pointer: str) -> Any:
    """What a reference points to; None for nothing."""
    place: Any = document
    for part in pointer.removeprefix("#/").split("/"):
        place = place.get(part) if isinstance(place, dict) else None
    return place


def open_objects(document: dict[str, Any]) -> set[str]:
    """The schemas of answers that leave room for what they do not name."""
    answers = [
        operation["responses"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    found, waiting = set(), set(references(answers))
    seen: set[str] = set()
    while waiting:
        pointer = waiting.pop()
        seen.add(pointer)
        schema = follow(document, pointer)
        if _is_open(schema):
            found.add(pointer.rpartition("/")[2])
        waiting |= set(references(schema)) - seen
    return found | ({"an answer"} if _is_open(answers) else set())


def _is_open(value: Any) -> bool:
    """Whether an object somewhere in the value takes fields that are not named, or anything."""
    if isinstance(value, list):
        return any(map(_is_open, value))
    if not isinstance(value, dict):
        return False
    roomy = value.get("type") == "object" and value.get("additionalProperties", True) is True
    anything = any(inner == {} and key != "properties" for key, inner in value.items())
    return roomy or anything or any(map(_is_open, value.values()))
