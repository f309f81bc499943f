"""What happens at a deployed shop: shoppers over HTTP, the provider, the shopkeeper's look
into the tables."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from chalicelib.catalog.tables import VariantItem
from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.kernel import clock
from chalicelib.kernel.db.values import image
from chalicelib.kernel.ids import token
from localcloud import Cloud
from localcloud.aws import Answer
from localcloud.sandbox.client import SandboxClient
from tests import factory, live
from tests.faults.world import check_world, scan

QUEUE = "cartwright-local-payment-events"


@dataclass(frozen=True)
class Bought:
    """A checkout's answer, and the provider's session that belongs to it."""

    order_id: str
    token: str
    session: str
    answer: dict[str, Any]


def buyer() -> dict[str, Any]:
    """Somebody who has bought nothing here before, as a checkout's body."""
    email = f"{token()}@shop.test"
    return {"email": email, "address": factory.ADDRESS, "shippingMethod": "standard"}


class Market:
    """The deployed shop `cloud`. Everything a shopper does here goes over HTTP."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.sandbox = SandboxClient(cloud.addresses["sandbox"])
        self.tables = cloud.aws.client("dynamodb")

    # ---- the shopper -----------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One call to the API; header names with `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.cloud.http.request(method, f"/api{path}", body, sent)

    def data(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The envelope's data of a call that must succeed."""
        answer = self.call(method, path, body, **headers)
        assert answer.status in (200, 201), answer.text
        return answer.json()["data"]

    def cart(self, lines: dict[str, int]) -> str:
        """A new cart with these lines; its id."""
        cart_id = self.data("POST", "/cart/create", {})["id"]
        for variant_id, quantity in lines.items():
            wish = {"variantId": variant_id, "quantity": quantity}
            self.data("POST", f"/cart/{cart_id}/add", wish)
        return str(cart_id)

    def checkout(self, cart_id: str, words: dict | None = None, **headers: str) -> Bought:
        """Check a cart out, by somebody new unless their words are given."""
        words = words or buyer()
        return self.bought(self.data("POST", f"/cart/{cart_id}/checkout", words, **headers))

    def buy(self, lines: dict[str, int]) -> Bought:
        return self.checkout(self.cart(lines))

    def bought(self, answer: dict[str, Any]) -> Bought:
        """A checkout's answer with the provider's session of its order."""
        return Bought(
            answer["orderId"],
            answer["accessToken"],
            self.session_of(answer["orderId"])["id"],
            answer,
        )

    def order(self, bought: Bought, **headers: str) -> dict[str, Any]:
        """The order's page, as its buyer sees it."""
        path = f"/order-status/{bought.order_id}"
        found: dict[str, Any] = self.data("GET", path, X_Order_Token=bought.token, **headers)
        return found

    def turns(self, bought: Bought, status: str) -> dict[str, Any]:
        """The order's page once it says `status`, as a browser that goes on asking sees it."""
        live.until(
            lambda: self.order(bought)["status"] == status, f"{bought.order_id} becomes {status}"
        )
        return self.order(bought)

    # ---- the provider ----------------------------------------------------------------------

    def act(self, bought: Bought, action: str, **body: Any) -> None:
        """The payer or the bank acts on the order's session: `pay`, `fail`, `expire`."""
        self.sandbox.control("stripe", bought.session, action, **body)

    def session_of(self, order_id: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.sandbox.state()["stripe"]["sessions"]
        return next(one for one in found if one["client_reference_id"] == order_id)

    # ---- the shopkeeper --------------------------------------------------------------------

    def sell(self, stock: int, low_stock_at: int = 0, **changes: Any) -> str:
        """A new variant, on no list, with `stock` units; its id."""
        variant_id = token("test")
        fields = factory.variant_fields(variant_id) | changes
        VariantItem(variant_id, **fields).save()
        inventory.stock_new(variant_id, stock, low_stock_at=low_stock_at, now=clock.now())
        return variant_id

    def stock(self, variant_id: str) -> dict[str, int]:
        """The counters, read consistently and past all services."""
        item = image(
            self.tables.get_item(
                TableName=settings().table("stock"),
                Key={"variant_id": {"S": variant_id}, "place": {"S": "main"}},
                ConsistentRead=True,
            )["Item"]
        )
        return {name: item[name] for name in ("available", "reserved", "sold", "stocked")}

    def ledger(self, variant_id: str) -> list[dict[str, Any]]:
        """The variant's movements, oldest first."""
        found = self.tables.query(
            TableName=settings().table("ledger"),
            KeyConditionExpression="variant_id = :id",
            ExpressionAttributeValues={":id": {"S": variant_id}},
            ConsistentRead=True,
        )
        return [image(item) for item in found["Items"]]

    def movements(self, variant_id: str) -> Counter[str]:
        """How many movements of each type the ledger has."""
        return Counter(row["type"] for row in self.ledger(variant_id))

    def state(self, variant_id: str) -> str | None:
        """How lists show the variant, as the stream has told."""
        rows = {row["variant_id"]: str(row["state"]) for row in self.scan("stock-states")}
        return rows.get(variant_id)

    def scan(self, table: str) -> list[dict[str, Any]]:
        """A table whole."""
        return scan(table, self.tables)

    def end_hold_of(self, bought: Bought) -> None:
        """Let the order's hold have ended a second ago, as if its time had passed."""
        key = {"order_id": {"S": bought.order_id}}
        order = self.tables.get_item(TableName=settings().table("orders"), Key=key)["Item"]
        self.tables.update_item(
            TableName=settings().table("holds"),
            Key={"hold_id": order["hold_id"]},
            UpdateExpression="SET expires_at = :past",
            ExpressionAttributeValues={":past": TypeSerializer().serialize(clock.now() - 1)},
        )

    def queue(self, name: str = QUEUE) -> str:
        """The address of a queue."""
        return str(self.cloud.aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    def waiting(self, queue: str) -> int:
        """Messages on a queue, those being worked on included."""
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        found = self.cloud.aws.client("sqs").get_queue_attributes(
            QueueUrl=queue, AttributeNames=names
        )
        return sum(int(found["Attributes"][name]) for name in names)

    def comes_to_rest(self) -> None:
        """Wait until every webhook has arrived and has been worked off."""
        assert self.sandbox.quiesce(live.DEADLINE_SECONDS), "webhooks are still to arrive"
        queue = self.queue()
        live.until(lambda: self.waiting(queue) == 0, "the queue of payment events is empty")

    def check(self) -> None:
        """Once at rest: what must hold of the tables and the provider's books."""
        self.comes_to_rest()
        check_world(self.sandbox.state(), self.tables)
