"""A listener of the shop's topic: what an event's subscriber would receive, in this process."""

import json
from typing import Any

import boto3

from chalicelib.config import settings


class Listener:
    """A queue of its own behind the topic; `events()` answers all that has come so far."""

    def __init__(self) -> None:
        self._sqs = boto3.client("sqs")
        self._url = self._sqs.create_queue(QueueName="listener")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        boto3.client("sns").subscribe(
            TopicArn=settings().shop_events_topic_arn,
            Protocol="sqs",
            Endpoint=attributes["Attributes"]["QueueArn"],
        )
        self._received: list[dict[str, Any]] = []

    def events(self) -> list[dict[str, Any]]:
        while found := self._sqs.receive_message(QueueUrl=self._url).get("Messages"):
            for message in found:
                self._received.append(json.loads(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return self._received
