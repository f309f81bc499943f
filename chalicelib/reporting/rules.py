"""An event as a fact that reports add up: which amounts it moves, on the day that it happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.kernel.messaging.events import Event

# A day's facts lie in so many partitions.
SHARDS = 8
# What reports count, and what of it.
TYPES = (
    "cart.created",
    "order.created",
    "order.paid",
    "order.cancelled",
    "order.refunded",
    "order.refund_failed",
    "order.charged_back",
    "payment.returned",
    "payment.failed",
    "payment.expired",
)


@dataclass(frozen=True)
class Fact:
    """Amounts in minor units of `currency`, None where the event moves none.

    Charged is what an order cost, `gross` that without shipping; `refund` is what went back of a
    paid order, negative where that turned out not to have; `returned` went back without ever having
    paid one. `charged_back` is what a payer's bank took. Whose it was stands in the order alone.
    """

    event_id: str
    type: str
    at: int
    currency: str
    order_id: str | None = None
    cart_id: str | None = None
    provider: str | None = None
    gross: int | None = None
    shipping: int | None = None
    charged: int | None = None
    store_credit: int | None = None
    refund: int | None = None
    returned: int | None = None
    charged_back: int | None = None
    units: int | None = None
    revived: bool | None = None
    # What was sold: variant_id, product_id, quantity, unit_price.
    sold: Sequence[Mapping[str, Any]] | None = None


def fact_of(event: Event) -> Fact:
    """The fact of an event of one of `TYPES`: the same event, the same fact. Raises KeyError for
    one without what its type has."""
    data = event.data
    return Fact(
        event.id,
        event.type,
        event.at,
        data["currency"],
        order_id=data.get("orderId"),
        cart_id=data.get("cartId"),
        provider=data.get("provider"),
        **_amounts(event.type, data),
    )


def _amounts(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if kind in ("order.created", "order.paid", "order.cancelled"):
        return _sale(kind, data)
    if kind == "order.refunded":
        return {"refund": data["amount"]}
    if kind == "order.refund_failed":
        # Only what had been counted; and what never paid an order has no refund of its own.
        counted = data.get("undoes") and "refundId" in data
        return {"refund": -data["amount"]} if counted else {}
    if kind == "payment.returned":
        return {"returned": data["amount"]}
    if kind == "order.charged_back":
        return {"charged_back": data["amount"]}
    return {}


def _sale(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {
        "gross": data["items"],
        "shipping": data["shipping"],
        "charged": data["amount"],
        "store_credit": data["storeCredit"],
        "units": data["units"],
    }
    if kind != "order.paid":
        return amounts
    sold = [
        {
            "variant_id": line["variantId"],
            "product_id": line["productId"],
            "quantity": line["quantity"],
            "unit_price": line["unitPrice"],
        }
        for line in data["sold"]
    ]
    return {**amounts, "revived": data["revived"], "sold": sold}
