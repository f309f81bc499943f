"""SQS: putting a message on a queue, and hiding one that failed."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import batched
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from chalicelib.config import settings
from chalicelib.kernel import dry_run


@cache
def _client() -> Any:
    return get_session().create_client(
        "sqs",
        region_name=settings().region,
        config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3}),
    )


def send(queue_url: str, body: dict[str, Any], *, delay: int = 0) -> None:
    """Put one message on the queue, to come after `delay` seconds (900 at most); it is durable when
    this returns."""
    dry_run.check("SendMessage")
    later = {"DelaySeconds": delay} if delay else {}
    _client().send_message(QueueUrl=queue_url, MessageBody=json.dumps(body), **later)


def send_all(queue_url: str, bodies: Iterable[dict[str, Any]]) -> int:
    """Put messages on the queue, ten in one call; answers how many. Raises RuntimeError where SQS
    did not take one of them; those before it are on the queue."""
    count = 0
    for some in batched(bodies, 10, strict=False):
        entries = [
            {"Id": str(place), "MessageBody": json.dumps(body)} for place, body in enumerate(some)
        ]
        answer = _client().send_message_batch(QueueUrl=queue_url, Entries=entries)
        if failed := answer.get("Failed"):
            raise RuntimeError(f"{len(failed)} messages are not on the queue")
        count += len(some)
    return count


def url(name: str) -> str:
    """The address of a queue of this account, by its whole name."""
    return str(_client().get_queue_url(QueueName=name)["QueueUrl"])


def take(queue_url: str, *, most: int, hide_seconds: int) -> Iterator[dict[str, Any]]:
    """Messages of a queue, each once, hidden from others for `hide_seconds`: MessageId, Body,
    ReceiptHandle, Attributes."""
    seen: set[str] = set()
    while len(seen) < most:
        found = _client().receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=min(10, most - len(seen)),
            VisibilityTimeout=hide_seconds,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        fresh = [each for each in found.get("Messages", []) if each["MessageId"] not in seen]
        if not fresh:
            return
        seen.update(each["MessageId"] for each in fresh)
        yield from fresh


def forward(message: dict[str, Any], queue_url: str, *, gone_from: str) -> None:
    """Move a message from one queue to another: there first, then gone from here."""
    _client().send_message(QueueUrl=queue_url, MessageBody=message["Body"])
    _client().delete_message(QueueUrl=gone_from, ReceiptHandle=message["ReceiptHandle"])


def send_anew(queue_arn: str, body: str, seconds: int) -> None:
    """Put a received message's body on its queue as a new message, to come after `seconds`."""
    _client().send_message(QueueUrl=_url_of(queue_arn), MessageBody=body, DelaySeconds=seconds)


def hide(queue_arn: str, receipt_handle: str, seconds: int) -> None:
    """Let a received message come again after `seconds`."""
    url = _url_of(queue_arn)
    _client().change_message_visibility(
        QueueUrl=url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
    )


def _url_of(queue_arn: str) -> str:
    return url(queue_arn.rpartition(":")[2])
