"""What every refusal of the API has in common, whoever refuses and why."""

import json
import re
from typing import Any

from chalice.test import HTTPResponse

from chalicelib.kernel.web.security import HEADERS
from tests import stage

TABLES = ("stock", "holds", "orders", "payments", "carts", "webhooks")
# Words that only the inside of the shop knows.
INSIDE = re.compile(
    r"Traceback|cartwright-test|/cartwright/|botocore|pynamodb|pydantic|dynamo|Exception"
    r"|sk_test|whsec|stripe\.com|\.py\b|moto",
    re.IGNORECASE,
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refused(answer: HTTPResponse, status: int, code: str, *, language: str = "en") -> Any:
    """Check a refusal whole; answers its body."""
    text = answer.body.decode()
    body = json.loads(text)
    assert (answer.status_code, body["code"]) == (status, code), text
    assert set(body) == {
        "success",
        "code",
        "message",
        "data",
        "errors",
        "requestId",
        "timestamp",
    }
    assert body["success"] is False and body["data"] is None
    assert body["timestamp"] > 1_700_000_000_000
    # The request's id is chance: it may spell anything.
    assert not INSIDE.search(text.replace(body["requestId"], "")), text
    _check_headers(answer, body["requestId"], language)
    for part in [body, *body["errors"]]:
        _check_words(part["message"], language)
    assert all(entry["field"] for entry in body["errors"])
    return body


def _check_headers(answer: HTTPResponse, request_id: str, language: str) -> None:
    assert answer.headers["X-Request-Id"] == request_id != ""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Content-Type"].startswith("application/json")
    assert HEADERS.items() <= answer.headers.items()


def _check_words(message: str, language: str) -> None:
    assert message and "{" not in message and "…" not in message, message
    assert not re.fullmatch(r"[\w.]+", message, re.ASCII), f"a name instead of a text: {message}"
    assert bool(CHINESE.search(message)) == (language == "zh-CN"), message


def refuses(
    shop: Any, method: str, path: str, body: Any, status: int, code: str, **headers: str
) -> Any:
    """Call in both languages and check both refusals, and that neither left a trace in the tables;
    answers the English body."""
    before = contents()
    for language in ("zh-CN", "en"):
        answer = shop.call(method, path, body, **{"Accept-Language": language, **headers})
        refusal = refused(answer, status, code, language=language)
    assert contents() == before, "a refused call changed something"
    return refusal


def contents() -> dict[str, list[str]]:
    """Everything in the tables that a call could change, read past all clients."""
    return {name: stage.moto_here.contents(name) for name in TABLES}


def fields(body: Any) -> list[str]:
    """The names of the fields that a refusal complains about."""
    return [entry["field"] for entry in body["errors"]]
