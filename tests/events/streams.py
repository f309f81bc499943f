"""The streams of the tables in this process, handed to the relay as Lambda does."""

import json
from typing import Any

import boto3

from chalicelib.config import settings
from chalicelib.events import workers
from tests.stage import moto_here

TABLES = ("carts", "orders", "payments", "products")


class Streams:
    """What is written from now on; `relay()` hands over what is new."""

    def __init__(self) -> None:
        self._seen = {name: len(moto_here.stream(name)) for name in TABLES}

    def records(self) -> list[dict[str, Any]]:
        """What is new, not handed over yet, as Lambda writes it."""
        found = []
        for name in TABLES:
            records = moto_here.stream(name)
            found += [_as_lambda_does(record) for record in records[self._seen[name] :]]
        return found

    def take(self) -> list[dict[str, Any]]:
        """The same, and from now on it is no news."""
        found = self.records()
        self._seen = {name: len(moto_here.stream(name)) for name in TABLES}
        return found

    def relay(self, times: int = 1) -> None:
        """Hand over what is new, `times` times over."""
        new = self.take()
        for _ in range(times if new else 0):
            workers.relay({"Records": new}, None)


def _as_lambda_does(record: dict[str, Any]) -> dict[str, Any]:
    change = record["dynamodb"]
    when = int(change["ApproximateCreationDateTime"].timestamp())
    plain = json.loads(json.dumps(change, default=str))
    return {**record, "dynamodb": {**plain, "ApproximateCreationDateTime": when}}


def parked() -> list[dict[str, Any]]:
    """What waits on the relay's queue."""
    return messages(settings().relay_again_queue_url)


def messages(queue_url: str) -> list[dict[str, Any]]:
    """All messages of a queue, taken from it."""
    sqs, found = boto3.client("sqs"), []
    while some := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in some:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return found


def from_queue(*bodies: dict[str, Any], queue: str = "relay-again") -> dict[str, Any]:
    """Messages as Lambda hands them over."""
    return {
        "Records": [
            {
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{queue}",
                "messageId": f"m{number}",
                "receiptHandle": "h",
                "body": json.dumps(body),
            }
            for number, body in enumerate(bodies)
        ]
    }
