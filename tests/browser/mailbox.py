"""What the shop would mail: its events about accounts, heard on a queue of the test's own."""

import json
import time
from typing import Any
from uuid import uuid4

from localcloud import Cloud

PATIENCE_S = 30
VERIFY, RESET = "account.verification_requested", "account.password_reset_requested"


class Mailbox:
    """Subscribed to the shop's events, from when it is made."""

    def __init__(self, cloud: Cloud) -> None:
        self.sqs, sns = cloud.aws.client("sqs"), cloud.aws.client("sns")
        topics = [one["TopicArn"] for one in sns.list_topics()["Topics"]]
        topic = next(arn for arn in topics if arn.endswith("shop-events"))
        name = f"mailbox-{uuid4().hex[:12]}"
        self.queue = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
        self.letters: list[dict[str, Any]] = []

    def token(self, kind: str, email: str) -> str:
        """The token of the newest link of that kind to that address; waits for its letter."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self._fetch()
            for letter in reversed(self.letters):
                if letter["type"] == kind and letter["data"].get("email") == email:
                    token: str = letter["data"]["token"]
                    self.letters.remove(letter)
                    return token
        raise AssertionError(f"no {kind} came; there are {[one['type'] for one in self.letters]}")

    def _fetch(self) -> None:
        """Whatever has come; waits on the queue for up to two seconds."""
        found = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=2
        )
        for message in found.get("Messages", []):
            body = json.loads(message["Body"])
            # An emulator may wrap what AWS delivers raw.
            self.letters.append(json.loads(body["Message"]) if "Message" in body else body)
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
