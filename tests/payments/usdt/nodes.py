"""What nodes answer in tests, word for word."""

import json
from io import BytesIO
from typing import Any

import requests

HASH = "ab" * 32
WALLET = "1122334455667788990011223344556677889900"
ON_TRON = "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"
SENDER = "aabbccddeeff00112233445566778899aabbccdd"
SUM = f"{12_345_678:064x}"


class Wire:
    """Answers one after another; what was asked is kept."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.sent: list[Any] = []

    def as_method(self) -> Any:
        return lambda session, request, **options: self.send(request, **options)

    def send(self, request: Any, **options: Any) -> requests.Response:
        assert options["allow_redirects"] is False and options["timeout"]
        body = json.loads(request.body) if request.body else None
        self.sent.append((request.method, request.url, body))
        answered = self.answers.pop(0)
        status, raw = (
            answered if isinstance(answered, tuple) else (200, json.dumps(answered).encode())
        )
        answer = requests.Response()
        answer.status_code, answer.raw, answer.request = status, BytesIO(raw), request
        answer.url = request.url
        return answer


JUNK: list[Any] = [
    (200, b""),
    (200, b"<html>gateway</html>"),
    (200, b"\xff\xfe"),
    (200, b"[" * 100_000),
    [],
    None,
    {},
    {"jsonrpc": "2.0", "id": 1},
    {"jsonrpc": "2.0", "id": 1, "error": {"code": -32005, "message": "limit exceeded"}},
    {"error": "rate", "result": "0x1"},
    (429, b"{}"),
    (403, b"{}"),
    (500, b"{}"),
    (302, b""),
]
