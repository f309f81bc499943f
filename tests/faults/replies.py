"""Canned answers of AWS: conflicts, throttling, lost replies, for the next writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

LOST = "LostReply"


def cancelled(*codes: str) -> ClientError:
    """A cancelled transaction with a reason per action: `cancelled("None", "ThrottlingError")`."""
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": code} for code in codes],
        },
        "TransactWriteItems",
    )


def refused(code: str) -> ClientError:
    """Any other error by its code."""
    return ClientError({"Error": {"Code": code, "Message": code}}, "call")


@contextmanager
def answering(operation: str, *answers: Any) -> Iterator[list[str]]:
    """Let the next calls of `operation` end so: an exception is raised without the call being made,
    LOST makes the call and loses its reply, None lets it pass. Yields what was called."""
    real = BaseClient._make_api_call
    waiting, calls = list(answers), []

    def call(client: BaseClient, name: str, request: dict[str, Any]) -> Any:
        if name != operation:
            return real(client, name, request)
        calls.append(name)
        answer = waiting.pop(0) if waiting else None
        if isinstance(answer, Exception):
            raise answer
        result = real(client, name, request)
        if answer == LOST:
            raise ReadTimeoutError(endpoint_url="dynamodb")
        return result

    BaseClient._make_api_call = call
    try:
        yield calls
    finally:
        BaseClient._make_api_call = real
