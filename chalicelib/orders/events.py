"""What happens to orders, as events: one for each line of an order's history.

A line's `reason` says which: its statuses do not (a refund that fails goes REFUNDED to PAID, and is
no sale). Amounts come from the line's facts; a line from before there were facts has those of its
order as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.kernel import telemetry
from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging.events import Event, EventData, made
from chalicelib.orders.rules import Reason

Image = Mapping[str, Any]


class _OrderData(EventData):
    order_id: str
    number: str
    cart_id: str
    kind: str
    currency: str
    locale: str


class _Sale(_OrderData):
    """Amounts in minor units of `currency`: `amount` is the whole, of which `storeCredit` is paid
    from the buyer's balance."""

    amount: int
    items: int
    shipping: int
    store_credit: int
    lines: int
    units: int
    payment_id: str | None = None
    provider: str | None = None


class _Money(_OrderData):
    """`amount` is what this is about, not the order's; null for lines from before 2026-12."""

    amount: int | None = None
    payment_id: str | None = None
    provider: str | None = None


class SoldLine(EventData):
    variant_id: str
    product_id: str
    quantity: int
    unit_price: int


class OrderCreated(_Sale):
    """Placed, and waiting for its payment."""

    type = "order.created"


class OrderPaid(_Sale):
    """Paid. `revived`: after it had been cancelled. `captured` is what came in, where the provider
    says so."""

    type = "order.paid"
    revived: bool
    captured: int | None = None
    sold: list[SoldLine]


class OrderCancelled(_Sale):
    """Over without money. `reason`: expired, payment_failed, refused, or cancelled by its buyer."""

    type = "order.cancelled"
    reason: str
    was_paid: bool


class _Refund(_Money):
    refund_id: str | None = None
    # ORIGIN, BALANCE or BY_HAND; `ORIGIN+BALANCE` where a part goes each way.
    refund_to: str | None = None


class OrderRefundBegun(_Refund):
    """A refund is decided; the provider is asked."""

    type = "order.refund_begun"


class OrderRefunded(_Refund):
    """Money went back. `whole`: with it all that was paid is back, and the order is REFUNDED."""

    type = "order.refunded"
    whole: bool


class OrderRefundFailed(_Refund):
    """A refund did not reach the payer: the money is the shop's again, and a person decides.
    `undoes`: an order.refunded had said that it went back."""

    type = "order.refund_failed"
    undoes: bool = False


class OrderDisputed(_Money):
    """The payer's bank keeps the amount until a dispute is decided."""

    type = "order.disputed"


class OrderDisputeWon(_Money):
    """A dispute is over, and the shop keeps the money."""

    type = "order.dispute_won"


class OrderChargedBack(_Money):
    """A dispute is over, and the payer's bank has taken the amount."""

    type = "order.charged_back"


class PaymentReturned(_Money):
    """Money that no order needed went back. It never was revenue. `why`: late, second, decided."""

    type = "payment.returned"
    why: str


class OrderChanged(_OrderData):
    """Anything else: `reason` is the line's, e.g. changed, proof_rejected, paid_in_part."""

    type = "order.changed"
    reason: str
    amount: int | None = None
    why: str | None = None


class OrderLinkRequested(EventData):
    """A buyer asks for the link to an order; the mail goes to the address that the order has."""

    type = "order.link_requested"
    order_id: str
    locale: str


class OrderLinkMissed(EventData):
    """Somebody asks for a link to what matches no order. No mail: it only takes the same time."""

    type = "order.link_missed"


def of_history(image: Image, *, since: int = 0) -> Iterator[Event]:
    """The events of an order's history from its line `since` on. `image` is the order as plain
    values, as it is stored (kernel/db/values.image)."""
    history = image.get("history") or []
    for index in range(since, len(history)):
        yield _of_line(image, index, history[index])


def _of_line(image: Image, index: int, line: Mapping[str, Any]) -> Event:
    reason = str(line["reason"])
    fields = {**_base(image), **(line.get("facts") or {})}
    model = _MODELS.get(reason, _unknown)
    return made(
        model(reason, fields, image),
        id=derived("evt", image["order_id"], index),
        at=int(line["at"]),
        seq=index,
        correlation_id=line.get("correlation_id") or "",
    )


def _base(image: Image) -> dict[str, Any]:
    return {
        "order_id": image["order_id"],
        "number": image["number"],
        "cart_id": image["cart_id"],
        "kind": image.get("kind") or "SALE",
        "currency": image["currency"],
        "locale": image["locale"],
    }


def _whole(image: Image) -> dict[str, Any]:
    """What a sale's line has to say and one from before there were facts does not."""
    lines = image.get("lines") or []
    return {
        "amount": image["total"],
        "items": image["total"] - image["shipping_price"],
        "shipping": image["shipping_price"],
        "store_credit": image.get("balance_part") or 0,
        "lines": len(lines),
        "units": sum(line["quantity"] for line in lines),
    }


Model = Callable[[str, dict[str, Any], Image], EventData]


def _created(reason: str, fields: dict[str, Any], image: Image) -> EventData:
    return OrderCreated(**{**_whole(image), **fields})


def _paid(reason: str, fields: dict[str, Any], image: Image) -> EventData:
    # What was sold can't change any more: an order is changed while it waits.
    sold = [
        SoldLine(**{name: line[name] for name in SoldLine.model_fields}) for line in image["lines"]
    ]
    return OrderPaid(**{**_whole(image), **fields}, sold=sold, revived=reason == Reason.REVIVED)


def _cancelled(reason: str, fields: dict[str, Any], image: Image) -> EventData:
    return OrderCancelled(**{**_whole(image), **fields}, reason=reason, was_paid=False)


def _refunded(reason: str, fields: dict[str, Any], image: Image) -> EventData:
    return OrderRefunded(**fields, whole=reason == Reason.REFUNDED)


def _returned(reason: str, fields: dict[str, Any], image: Image) -> EventData:
    return PaymentReturned(**{**fields, "why": reason.removeprefix("refunded_")})


def _changed(reason: str, fields: dict[str, Any], image: Image) -> EventData:
    return OrderChanged(**fields, reason=reason)


def _unknown(reason: str, fields: dict[str, Any], image: Image) -> EventData:
    telemetry.metric({"RelayUnknown": 1}, reason=reason)
    return _changed(reason, fields, image)


def _as(model: type[EventData]) -> Model:
    return lambda reason, fields, image: model(**fields)


_MODELS: Mapping[str, Model] = {
    Reason.PLACED: _created,
    Reason.PAID: _paid,
    Reason.REVIVED: _paid,
    Reason.EXPIRED: _cancelled,
    Reason.PAYMENT_FAILED: _cancelled,
    Reason.REFUSED: _cancelled,
    Reason.CANCELLED: _cancelled,
    Reason.REFUND_BEGUN: _as(OrderRefundBegun),
    Reason.REFUNDED_PART: _refunded,
    Reason.REFUNDED: _refunded,
    Reason.REFUND_FAILED: _as(OrderRefundFailed),
    Reason.DISPUTED: _as(OrderDisputed),
    Reason.DISPUTE_WON: _as(OrderDisputeWon),
    Reason.CHARGED_BACK: _as(OrderChargedBack),
    Reason.REFUNDED_LATE: _returned,
    Reason.REFUNDED_SECOND: _returned,
    Reason.REFUNDED_DECIDED: _returned,
    Reason.CHANGED: _changed,
    Reason.PROOF_REJECTED: _changed,
    Reason.PAID_IN_PART: _changed,
}
