"""Invoices: the documents that are kept and the objects as the API answers them.

Sums are kept as text, digit for digit as they were sent; an answer writes them as JSON numbers.
Source: docs.oxapay.com, api-reference/payment.
"""

import secrets
from decimal import Decimal
from typing import Any

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe.amounts import decimals

KIND = "oxapay.invoice"
# Coins that the page pays with; one is enough to see what a shop does with it.
COIN, NETWORK = "USDT", "Tron Network"
PUBLIC = (
    "track_id", "type", "amount", "currency", "status", "mixed_payment", "callback_url",
    "description", "email", "fee_paid_by_payer", "lifetime", "order_id", "under_paid_coverage",
    "return_url", "thanks_message", "expired_at", "date", "txs",
)  # fmt: skip
SUMS = ("amount", "value", "sent_amount", "received_amount", "rate", "auto_convert_amount")
# Of these nothing more is expected.
OVER = ("paid", "underpaid", "manual_accept", "expired", "refunding", "refunded")


def opened(given: dict[str, Any], now: int, page: str) -> Document:
    """A new invoice from checked parameters; `page` is the pay page's address."""
    track_id = str(secrets.randbelow(9 * 10**8) + 10**8)
    lifetime = given.get("lifetime", 60)
    return {
        "id": track_id,
        "track_id": track_id,
        "type": "invoice",
        "status": "new",
        "amount": str(given["amount"]),
        "currency": given.get("currency", "USD").upper(),
        "lifetime": lifetime,
        "fee_paid_by_payer": given.get("fee_paid_by_payer", 0),
        "under_paid_coverage": given.get("under_paid_coverage", 0),
        "mixed_payment": given.get("mixed_payment", False),
        "callback_url": given.get("callback_url", ""),
        "return_url": given.get("return_url", ""),
        "email": given.get("email", ""),
        "order_id": given.get("order_id", ""),
        "description": given.get("description", ""),
        "thanks_message": given.get("thanks_message", ""),
        "date": now,
        "expired_at": now + lifetime * 60,
        "txs": [],
        "payment_url": f"{page}/{track_id}",
    }


def created(invoice: Document) -> Document:
    """The answer to its creation: the only one that is known to tell the address."""
    return {name: invoice[name] for name in ("track_id", "payment_url", "expired_at", "date")}


def shown(invoice: Document, *, address: bool) -> Document:
    """As reading and listing answer it, with its address only if `address`."""
    names = (*PUBLIC, "payment_url") if address else PUBLIC
    return {name: numbered(invoice[name], name) for name in names}


def numbered(value: Any, name: str = "") -> Any:
    """The same with sums as numbers: Python writes back the very digits of up to fifteen."""
    if isinstance(value, dict):
        return {key: numbered(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [numbered(each) for each in value]
    if name in SUMS:
        whole = Decimal(value) == Decimal(value).to_integral_value()
        return int(Decimal(value)) if whole else float(value)
    return value


def minor(invoice: Document) -> int:
    """What is asked for, in minor units of its currency."""
    return int(Decimal(invoice["amount"]).scaleb(decimals(invoice["currency"].lower())))


def major(units: int, invoice: Document) -> str:
    """Minor units of the invoice's currency as the API writes sums: `1250` → `12.50`."""
    return str(Decimal(units).scaleb(-decimals(invoice["currency"].lower())))


def transaction(value: str, now: int, status: str) -> Document:
    """Coins that came in, worth `value` in the invoice's currency."""
    return {
        "status": status,
        "tx_hash": secrets.token_hex(32),
        "sent_amount": value,
        "received_amount": value,
        "value": value,
        "currency": COIN,
        "network": NETWORK,
        "sender_address": "T" + secrets.token_hex(16),
        "address": "T" + secrets.token_hex(16),
        "rate": "1",
        "confirmations": 12 if status == "confirmed" else 0,
        "auto_convert_amount": "0",
        "auto_convert_currency": COIN,
        "date": now,
    }
