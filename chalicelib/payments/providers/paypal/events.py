"""PayPal's webhooks as events. Each only says that something happened: the shop asks what.

Source: developer.paypal.com/api/rest/webhooks/event-names. What an event is about is told in three
ways: an order names the payment in its first purchase unit, a capture in its own `custom_id`, a
refund names its capture by a link, a dispute by the seller's transaction.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.payments.ports import Event

Json = Mapping[str, Any]
# A payment's id and a capture's, where they are told.
Subject = tuple[str | None, str | None]

_CAPTURE = re.compile(r"https://[a-z.-]+/v[12]/payments/captures?/([A-Za-z0-9-]{1,40})|"
                      r"http://[a-z0-9.:-]+/v2/payments/captures/([A-Za-z0-9-]{1,40})")  # fmt: skip


def event_of(event: Json) -> Event:
    """An event of PayPal's; one of a kind the shop does not follow has an id and a type only."""
    kind = _text(event.get("event_type")) or "unknown"
    identifier = str(event["id"])
    find = _SUBJECTS.get(kind)
    if find is None:
        return Event(identifier, kind)
    payment_id, capture_id = find(_object(event.get("resource")))
    return Event(
        event_id=identifier,
        type=kind,
        payment_id=payment_id,
        capture_id=capture_id,
        ask=bool(payment_id or capture_id),
        # An order does not show that it is disputed or was reversed: only the webhook says so.
        facts={"disputed": True} if kind in _DISPUTED else {},
    )


def _order(order: Json) -> Subject:
    return _text(_first(order.get("purchase_units")).get("custom_id")), None


def _capture(capture: Json) -> Subject:
    return _text(capture.get("custom_id")), _text(capture.get("id"))


def _refund(refund: Json) -> Subject:
    links = refund.get("links")
    for link in links if isinstance(links, list) else []:
        found = _CAPTURE.fullmatch(str(_object(link).get("href")))
        if found and link.get("rel") == "up":
            return _text(refund.get("custom_id")), found[1] or found[2]
    return _text(refund.get("custom_id")), None


def _dispute(dispute: Json) -> Subject:
    sale = _first(dispute.get("disputed_transactions"))
    return _text(sale.get("custom")), _text(sale.get("seller_transaction_id"))


_SUBJECTS: dict[str, Callable[[Json], Subject]] = {
    "CHECKOUT.ORDER.APPROVED": _order,
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED": _order,
    "PAYMENT.CAPTURE.COMPLETED": _capture,
    "PAYMENT.CAPTURE.PENDING": _capture,
    "PAYMENT.CAPTURE.DENIED": _capture,
    # The list of event names has both words for it.
    "PAYMENT.CAPTURE.DECLINED": _capture,
    "PAYMENT.CAPTURE.REFUNDED": _refund,
    "PAYMENT.CAPTURE.REVERSED": _refund,
    "CUSTOMER.DISPUTE.CREATED": _dispute,
    "CUSTOMER.DISPUTE.UPDATED": _dispute,
    "CUSTOMER.DISPUTE.RESOLVED": _dispute,
}
_DISPUTED = {
    "PAYMENT.CAPTURE.REVERSED",
    "CUSTOMER.DISPUTE.CREATED",
    "CUSTOMER.DISPUTE.UPDATED",
    "CUSTOMER.DISPUTE.RESOLVED",
}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _first(values: Any) -> Json:
    return _object(values[0]) if isinstance(values, list) and values else {}
