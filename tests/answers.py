"""Every answer of a test's shop against the document: a status it does not know, a field too many.

`tests/shop.py` hands each answer over, so that each test that calls the API tests the document too.
"""

import json
import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from chalice.test import HTTPResponse
from jsonschema import Draft202012Validator

from tools.openapi.document import generated

CSV = "text/csv"


class Undocumented(AssertionError):
    """The API answered what its document does not say."""


def check(method: str, path: str, answer: HTTPResponse) -> None:
    """Raises Undocumented when the document does not foresee this answer."""
    found = operation_of(method, urlsplit(path).path)
    if found is None:
        return  # no route of the shop's: nothing is promised
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind == CSV and kind in found["responses"]["200"]["content"]:
        return  # a sheet: text of any form
    check_answer(found, answer.status_code, answer.body, f"{method} {path}")


def check_answer(operation: dict[str, Any], status: int, body: bytes, what: str) -> None:
    answers = operation["responses"]
    if str(status) not in answers:
        raise Undocumented(f"{what} answered {status}; documented are {', '.join(answers)}")
    validator = _validator(operation["operationId"], status)
    if validator is None:
        if body:
            raise Undocumented(f"{what}: {status} has no body, but {len(body)} bytes came")
        return
    wrong = [
        f"{'.'.join(map(str, error.absolute_path)) or 'body'}: {error.message[:300]}"
        for error in validator.iter_errors(_read(body, validator))
    ]
    if wrong:
        raise Undocumented(f"{what} answered {status} unlike its schema: {'; '.join(wrong)}")


def _read(body: bytes, validator: Draft202012Validator) -> Any:
    return body.decode() if "const" in validator.schema else json.loads(body)


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """The operation that a call reaches: fixed paths win over those with ids, as in the gateway."""
    for pattern, operations in _paths():
        if pattern.fullmatch(path):
            found: dict[str, Any] | None = operations.get(method.lower())
            return found
    return None


def document() -> dict[str, Any]:
    """The document of the whole app."""
    return generated()


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = document()["paths"]
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]*", re.escape(path))), paths[path])
        for path in sorted(paths, key=lambda path: (path.count("{"), path))
    ]


@cache
def _validator(operation_id: str, status: int) -> Draft202012Validator | None:
    whole = document()
    (answer,) = [
        operation["responses"][str(status)]
        for operations in whole["paths"].values()
        for operation in operations.values()
        if operation["operationId"] == operation_id
    ]
    if "$ref" in answer:
        answer = whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    if "content" not in answer:
        return None
    # A sheet is another form of the same.
    (content,) = (one for kind, one in answer["content"].items() if kind != CSV)
    schema = content["schema"]
    return Draft202012Validator({**schema, "components": whole["components"]})
