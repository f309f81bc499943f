"""Orders, captures, refunds and disputes: the objects as the API answers them.

What the sandbox itself must remember of an order stands in its `_own` and is never shown.
"""

import secrets
import string
import time
from typing import Any

from localcloud.sandbox.paypal.amounts import plain, written
from localcloud.sandbox.store import Document

ORDER, CAPTURE, REFUND = "paypal.order", "paypal.capture", "paypal.refund"
DISPUTE = "paypal.dispute"
ALPHABET = string.ascii_uppercase + string.digits
ACCOUNT_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MERCHANT, PAYER = "SANDBXSHXP222", "SANDBXPAYER22"
LIFE_SECONDS = 3 * 3600


def new_id(length: int = 17) -> str:
    """An id in the shape of PayPal's own."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(length))


def moment(seconds: float | None = None) -> str:
    """A time as PayPal writes it, now if none is given."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def shown(document: Document) -> Document:
    """The object without what is the sandbox's own."""
    return {name: value for name, value in document.items() if name != "_own"}


def minimal(order: Document) -> Document:
    """The answer to who does not prefer the representation."""
    return {name: order[name] for name in ("id", "status", "links")}


def created(given: dict[str, Any], api: str) -> Document:
    """A new order from a checked body."""
    identifier = new_id()
    wallet = given.get("payment_source", {}).get("paypal")
    context = (wallet or {}).get("experience_context") or given.get("application_context", {})
    status = "CREATED" if wallet is None else "PAYER_ACTION_REQUIRED"
    order = {
        "id": identifier,
        "intent": given["intent"],
        "status": status,
        "purchase_units": [
            {"reference_id": "default", **unit, "payee": {"merchant_id": MERCHANT}}
            for unit in given["purchase_units"]
        ],
        "create_time": moment(),
        "_own": {"context": context, "ends": time.time() + LIFE_SECONDS, "money": "clear"},
    }
    if wallet is not None:
        order["payment_source"] = {"paypal": {}}
    return linked(order, api)


def linked(order: Document, api: str) -> Document:
    """The order with the links that fit its status."""
    own = f"{api}/v2/checkout/orders/{order['id']}"
    page = f"{api}/paypal/checkoutnow?token={order['id']}"
    links = [_link(own, "self", "GET")]
    if order["status"] == "PAYER_ACTION_REQUIRED":
        links.append(_link(page, "payer-action", "GET"))
    elif order["status"] in ("CREATED", "APPROVED"):
        links += [
            _link(page, "approve", "GET"),
            _link(own, "update", "PATCH"),
            _link(f"{own}/capture", "capture", "POST"),
        ]
    return {**order, "links": links}


def approved(order: Document, money: str) -> Document:
    """The order after the payer's consent; `money` is what its capture will meet: clear, held or
    declined."""
    wallet = {
        "email_address": "pat.payer@example.com",
        "account_id": PAYER,
        "account_status": "VERIFIED",
        "name": {"given_name": "Pat", "surname": "Payer"},
        "address": {"country_code": "US"},
    }
    payer = {
        "name": wallet["name"],
        "email_address": wallet["email_address"],
        "payer_id": PAYER,
        "address": wallet["address"],
    }
    own = {**order["_own"], "money": money, "ends": time.time() + LIFE_SECONDS}
    return {
        **order,
        "status": "APPROVED",
        "payment_source": {"paypal": wallet},
        "payer": payer,
        "update_time": moment(),
        "_own": own,
    }


def capture(order: Document, api: str) -> Document:
    """The capture of an order's whole amount."""
    unit, identifier, now = order["purchase_units"][0], new_id(), moment()
    own = f"{api}/v2/payments/captures/{identifier}"
    held = order["_own"]["money"] == "held"
    amount = {name: unit["amount"][name] for name in ("currency_code", "value")}
    made = {
        "id": identifier,
        "status": "PENDING" if held else "COMPLETED",
        "amount": amount,
        "final_capture": True,
        "seller_protection": {"status": "NOT_ELIGIBLE"},
        **{name: unit[name] for name in ("custom_id", "invoice_id") if name in unit},
        "links": [
            _link(own, "self", "GET"),
            _link(f"{own}/refund", "refund", "POST"),
            _link(f"{api}/v2/checkout/orders/{order['id']}", "up", "GET"),
        ],
        "create_time": now,
        "update_time": now,
    }
    if held:
        return {**made, "status_details": {"reason": "PENDING_REVIEW"}}
    return {**made, "seller_receivable_breakdown": _received(amount)}


def settled(capture: Document, status: str) -> Document:
    """A capture that was held, after the decision."""
    done = {**capture, "status": status, "update_time": moment()}
    done.pop("status_details", None)
    if status == "COMPLETED":
        done["seller_receivable_breakdown"] = _received(done["amount"])
    return done


def related(capture: Document, order_id: str) -> Document:
    """A capture as a webhook tells it: with its order's id."""
    return {**capture, "supplementary_data": {"related_ids": {"order_id": order_id}}}


def refund(capture: Document, amount: int, given: dict[str, Any], api: str) -> Document:
    """A refund; the capture's own custom_id where the call names none."""
    identifier, now = new_id(), moment()
    value = written(amount, capture["amount"]["currency_code"])
    named: dict[str, Any] = {}
    for source in (capture, given):
        named |= {n: source[n] for n in ("custom_id", "invoice_id", "note_to_payer") if n in source}
    nothing = written(0, value["currency_code"])
    return {
        "id": identifier,
        "status": "COMPLETED",
        "amount": value,
        **named,
        "seller_payable_breakdown": {
            "gross_amount": value, "paypal_fee": nothing, "net_amount": value
        },
        "links": [
            _link(f"{api}/v2/payments/refunds/{identifier}", "self", "GET"),
            _link(f"{api}/v2/payments/captures/{capture['id']}", "up", "GET"),
        ],
        "create_time": now,
        "update_time": now,
    }  # fmt: skip


def dispute(capture: Document, amount: int) -> Document:
    """A dispute over so much of a capture, in the buyer's words."""
    return {
        "id": (identifier := f"PP-D-{secrets.randbelow(90_000) + 10_000}"),
        "dispute_id": identifier,
        "create_time": moment(),
        "update_time": moment(),
        "disputed_transactions": [
            {
                "seller_transaction_id": capture["id"],
                "invoice_number": capture.get("invoice_id"),
                "custom": capture.get("custom_id"),
                "seller": {"merchant_id": MERCHANT},
            }
        ],
        "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "status": "OPEN",
        "dispute_amount": written(amount, capture["amount"]["currency_code"]),
        "dispute_life_cycle_stage": "INQUIRY",
        "dispute_channel": "INTERNAL",
    }


def decided(dispute: Document, won: bool) -> Document:
    """A dispute after the decision: for the seller, or for the buyer, who gets all of it."""
    amount = dispute["dispute_amount"]
    outcome = {
        "outcome_code": "RESOLVED_SELLER_FAVOUR" if won else "RESOLVED_BUYER_FAVOUR",
        "amount_refunded": written(0, amount["currency_code"]) if won else amount,
    }
    return {**dispute, "status": "RESOLVED", "update_time": moment(), "dispute_outcome": outcome}


def listed(dispute: Document) -> Document:
    """A dispute in a list: how it was decided stands at itself alone."""
    names = ("dispute_id", "create_time", "update_time", "reason", "status", "dispute_amount")
    return {name: dispute[name] for name in names}


def _received(amount: dict[str, str]) -> dict[str, Any]:
    """What reaches the merchant: 3.49 % and 49 of the smallest units are kept, as in the US."""
    gross, currency = plain(amount), amount["currency_code"]
    fee = min(gross, gross * 349 // 10_000 + 49)
    return {
        "gross_amount": amount,
        "paypal_fee": written(fee, currency),
        "net_amount": written(gross - fee, currency),
    }


def _link(href: str, rel: str, method: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "method": method}
