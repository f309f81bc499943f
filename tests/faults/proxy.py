"""A proxy between the shop and its database that carries a call out and cuts off the reply.

    with Proxy(cloud.aws.endpoint) as proxy, proxy.in_front_of_dynamodb():
        proxy.cut("UpdateItem", times=1)
        ...                                   # the SDK sees a dead connection and repeats by itself

Nothing of the shop or the SDK is replaced: what happens is what a dropped packet does.
"""

import http.client
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from chalicelib.kernel.db import dynamo

VARIABLE = "AWS_ENDPOINT_URL_DYNAMODB"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Proxy:
    """Forwards to `endpoint` from a free port; `cut` says whose replies never arrive."""

    def __init__(self, endpoint: str) -> None:
        self._target = urlsplit(endpoint).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._lock = threading.Lock()
        self._waiting: dict[str, int] = {}
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        # Every operation that was carried out, in order; and those whose replies were cut off.
        self.done: list[str] = []
        self.lost: list[str] = []

    def cut(self, operation: str, times: int = 1) -> None:
        """Let the next `times` calls of `operation` be carried out and their replies be lost."""
        with self._lock:
            self._waiting[operation] = self._waiting.get(operation, 0) + times

    @contextmanager
    def in_front_of_dynamodb(self) -> Iterator[None]:
        """Let this process reach DynamoDB through the proxy."""
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = self.url
        dynamo.disconnect()
        try:
            yield
        finally:
            os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})
            dynamo.disconnect()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _passes(self, operation: str) -> bool:
        """Whether the reply may pass; a cut is used up."""
        with self._lock:
            self.done.append(operation)
            if not self._waiting.get(operation):
                return True
            self._waiting[operation] -= 1
            self.lost.append(operation)
            return False

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream = http.client.HTTPConnection(proxy._target, timeout=30)
                upstream.request("POST", self.path, body, dict(self.headers))
                reply = upstream.getresponse()
                content = reply.read()
                upstream.close()
                operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                if not proxy._passes(operation):
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """A test's output is its own."""

        return Handler
