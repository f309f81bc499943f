"""Events: what happened, recorded with the change itself and sent to the shop as webhooks.

Source: developer.paypal.com/api/rest/webhooks, "Webhook event names".
"""

import fnmatch
from collections.abc import Sequence

from localcloud.sandbox.deliveries import Letter, Manner
from localcloud.sandbox.paypal.orders import moment, new_id
from localcloud.sandbox.store import Document
from localcloud.sandbox.world import World

KIND = "paypal.event"
PROVIDER = "paypal"
PATH = "/api/payment/webhook"
ENABLED = (
    "CHECKOUT.ORDER.APPROVED",
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "PAYMENT.CAPTURE.*",
    "CUSTOMER.DISPUTE.*",
)


class Happenings:
    """The events of one change to an order; `record` stores them and queues their deliveries."""

    def __init__(self, order_id: str, manner: Manner | None) -> None:
        self._lane = order_id
        self._manner = manner
        self.events: list[Document] = []

    def add(self, kind: str, resource_type: str, resource: Document, summary: str) -> None:
        """Something happened to a resource."""
        version = "2.0" if resource_type != "dispute" else "1.0"
        self.events.append(
            {
                "id": f"WH-{new_id(17)}-{new_id(17)}",
                "event_version": "1.0",
                "create_time": moment(),
                "resource_type": resource_type,
                "resource_version": version,
                "event_type": kind,
                "summary": summary,
                "resource": resource,
                "links": [],
                "_own": {"order": self._lane},
            }
        )

    def record(self, world: World, enabled: Sequence[str]) -> list[int]:
        """Store all events and queue what the shop is subscribed to; the delivery ids."""
        for event in self.events:
            world.store.put(KIND, event)
        sent = [
            letter(world, event)
            for event in self.events
            if any(fnmatch.fnmatchcase(event["event_type"], pattern) for pattern in enabled)
        ]
        manner = self._manner or world.deliveries.usual
        return world.deliveries.enqueue(PROVIDER, self._lane, sent, manner)


def letter(world: World, event: Document) -> Letter:
    """An event as it is sent: PayPal's webhooks have an address of their own at the shop."""
    body = {name: value for name, value in event.items() if name != "_own"}
    return Letter(event["id"], event["event_type"], body, world.deliveries.at(PATH))
