"""What OxaPay refuses when an invoice is made or a list is asked for.

Source: docs.oxapay.com, api-reference/payment/generate-invoice and payment-history. Parameters that
are not documented are refused here, since a shop that sends one has most likely misspelt another.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from localcloud.sandbox.oxapay.errors import wrong

LEAST_MINUTES, MOST_MINUTES = 15, 2880
MOST_ROWS, USUAL_ROWS = 200, 10
MOST_AMOUNT = Decimal(10) ** 12

Check = Callable[[Any], str | None]


def _sum(value: Any) -> str | None:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return None if number and 0 < value < MOST_AMOUNT else "must be a number above 0"


def _whole(least: int, most: int) -> Check:
    def check(value: Any) -> str | None:
        fits = type(value) is int and least <= value <= most
        return None if fits else f"must be a whole number from {least} to {most}"

    return check


def _percent(value: Any) -> str | None:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return None if number and 0 <= value <= 60 else "must be a number from 0 to 60"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def _symbol(value: Any) -> str | None:
    fits = isinstance(value, str) and value.isalnum() and 2 <= len(value) <= 10
    return None if fits else "must be a currency's symbol"


def _tether(value: Any) -> str | None:
    return None if value == "USDT" else "must be USDT"


def _url(value: Any) -> str | None:
    parts = urlsplit(value) if isinstance(value, str) else None
    fits = parts and parts.scheme in ("http", "https") and parts.netloc
    return None if fits else "must be a valid URL"


INVOICE: dict[str, Check] = {
    "amount": _sum,
    "currency": _symbol,
    "lifetime": _whole(LEAST_MINUTES, MOST_MINUTES),
    "fee_paid_by_payer": _whole(0, 1),
    "under_paid_coverage": _percent,
    "to_currency": _tether,
    "auto_withdrawal": _flag,
    "mixed_payment": _flag,
    "callback_url": _url,
    "return_url": _url,
    "email": _text,
    "order_id": _text,
    "thanks_message": _text,
    "description": _text,
    "sandbox": _flag,
}
FILTERS = ("track_id", "type", "status", "currency")
TIMES = ("from_date", "to_date")
ORDERS = ("sort_by", "sort_type")


def check_invoice(given: Any) -> dict[str, Any]:
    """The parameters of a new invoice; raises OxaPayRefusal naming the first that is wrong."""
    if not isinstance(given, dict):
        raise wrong("", "The body must be a JSON object.")
    if "amount" not in given:
        raise wrong("amount", "The amount field is required.")
    for name, value in given.items():
        if name not in INVOICE:
            raise wrong(name, f"The {name} field is not known.")
        complaint = INVOICE[name](value)
        if complaint:
            raise wrong(name, f"The {name} field {complaint}.")
    return given


def check_query(given: dict[str, str]) -> dict[str, Any]:
    """The parameters of a list, with numbers as numbers; raises OxaPayRefusal."""
    found: dict[str, Any] = {"page": 1, "size": USUAL_ROWS}
    for name, text in given.items():
        if name in (*TIMES, "page", "size"):
            if not text.isdecimal():
                raise wrong(name, f"The {name} field must be a whole number.")
            found[name] = int(text)
        elif name in FILTERS:
            found[name] = text.lower() if name != "currency" else text.upper()
        elif name not in ORDERS:
            raise wrong(name, f"The {name} field is not known.")
    if not 1 <= found["size"] <= MOST_ROWS:
        raise wrong("size", f"The size field must be from 1 to {MOST_ROWS}.")
    if not found["page"]:
        raise wrong("page", "The page field must be at least 1.")
    return found
