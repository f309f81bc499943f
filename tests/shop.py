"""A whole shop in one process: tables (moto), the payment sandbox, and the workers called by hand.

Nothing happens by itself here: a test pays, delivers webhooks, works off the queue and sweeps when
it wants to, so that it can put a fault between any two of them.
"""

import json
from typing import Any

from chalice.test import Client, HTTPResponse

from chalicelib.checkout import service as checkout
from chalicelib.checkout.rules import Placed
from chalicelib.config import settings
from chalicelib.kernel import clock
from chalicelib.kernel.messaging import queues
from chalicelib.settlement import expire
from chalicelib.webhooks import workers
from localcloud.sandbox import Sandbox
from tests import answers, factory, signing, stage


class Shop(factory.Shelf):
    """What a test does with the shop; its state is in the tables and in `sandbox`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._http: Client | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """One HTTP call to the API, in process; its answer must be one that the document knows."""
        from app import app

        if self._http is None:
            self._http = Client(app)
            self._http.__enter__()
        sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        answer = self._http.http.request(
            method, path, {"Content-Type": "application/json", **headers}, sent
        )
        answers.check(method, path, answer)
        return answer

    def checkout(self, cart_id: str, *, user_id: str | None = None, **changes: Any) -> Placed:
        # Every cart is another buyer's: one e-mail may hold only so much.
        wish = factory.wish(**({"email": f"{cart_id}@shop.test"} | changes))
        return checkout.checkout(cart_id, wish, now=clock.now(), user_id=user_id)

    def buy(self, lines: dict[str, int]) -> Placed:
        """A cart with these lines, checked out."""
        return self.checkout(factory.cart_with(lines))

    def session_of(self, placed: Placed) -> dict[str, Any]:
        """The sandbox's session of an order."""
        sessions = self.sandbox.state()["stripe"]["sessions"]
        return next(one for one in sessions if one["client_reference_id"] == placed.order.order_id)

    def pay(self, placed: Placed) -> list[dict[str, Any]]:
        """Pay at the provider; answers the events it would send, which are not sent."""
        return self.act(placed, "pay")

    def act(self, placed: Placed, action: str, **body: Any) -> list[dict[str, Any]]:
        """Let something happen to the order's session; answers the events that follow from it."""
        before = {event["id"] for event in self.events()}
        self.sandbox.control("stripe", self.session_of(placed)["id"], action, lose=True, **body)
        return [event for event in self.events() if event["id"] not in before]

    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.state()["stripe"]["events"]
        return found

    def deliver(self, event: dict[str, Any], **changes: Any) -> HTTPResponse:
        """Post an event to the webhook route, signed as the provider signs."""
        body = json.dumps(event).encode()
        header = signing.header(body, stage.SECRETS["stripe/webhook_secret"], **changes)
        return self.call("POST", "/api/webhooks/stripe", body, **{"Stripe-Signature": header})

    def work(self) -> list[str]:
        """Work off what is on the queue, once; answers the ids of messages that failed."""
        queue = queues._client()
        url = settings().payment_events_queue_url
        found = queue.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        if not found:
            return []
        failed = self.hand_over([record_of(message) for message in found])
        for message in found:
            if message["MessageId"] not in failed:
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return failed

    def waiting(self) -> int:
        """Messages on the queue, those that come again later included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = queues._client().get_queue_attributes(
            QueueUrl=settings().payment_events_queue_url, AttributeNames=names
        )
        return sum(int(found["Attributes"][name]) for name in names)

    def drain(self) -> None:
        """Work off everything; nothing of it may fail."""
        while self.waiting():
            assert self.work() == []

    def hand_over(self, records: list[dict[str, Any]]) -> list[str]:
        """Give the worker a batch as Lambda does."""
        answer = workers.settle({"Records": records}, None)
        return [entry["itemIdentifier"] for entry in answer["batchItemFailures"]]

    def settle(self, placed: Placed) -> None:
        """Pay, and let the webhook be delivered and worked off."""
        for event in self.pay(placed):
            assert self.deliver(event).status_code == 200
        assert self.work() == []

    def sweep(self, *, after: int = 0) -> expire.Swept:
        """The sweeper's run, `after` seconds from now."""
        return expire.sweep(clock.now() + after)


def scheduled(at: int) -> dict[str, Any]:
    """What a schedule sends to its function, as of epoch seconds."""
    facts = dict.fromkeys(("account", "region", "source", "detail-type", "id"), "-")
    return {**facts, "version": "0", "detail": {}, "resources": [], "time": clock.iso(at)}


def record_of(message: dict[str, Any]) -> dict[str, Any]:
    """A received message as a Lambda event shows it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{stage.QUEUE}",
    }
