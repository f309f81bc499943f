"""A reply that is lost on its way, so that the SDK itself repeats the call: what a table sees when
a network drops a packet."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.endpoint import Endpoint
from botocore.exceptions import ReadTimeoutError


@contextmanager
def reply_lost(operation: str, *, after: int = 0) -> Iterator[list[str]]:
    """Let one call of `operation` be carried out and its reply be lost, `after` calls of it that
    go well. Yields every sending of it."""
    real = Endpoint._do_get_response
    sent: list[str] = []

    def send(endpoint: Any, request: Any, model: Any, context: Any) -> Any:
        answer = real(endpoint, request, model, context)
        if model.name != operation:
            return answer
        sent.append(model.name)
        if len(sent) == after + 1:
            return None, ReadTimeoutError(endpoint_url="dynamodb")
        return answer

    with patch.object(Endpoint, "_do_get_response", send), patch("botocore.endpoint.time.sleep"):
        yield sent
