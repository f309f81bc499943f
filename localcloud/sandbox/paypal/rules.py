"""What PayPal refuses before anything happens.  Source: the Orders v2 and Payments v2 reference."""

import re
from typing import Any
from urllib.parse import urlsplit

from localcloud.sandbox.paypal.amounts import units
from localcloud.sandbox.paypal.errors import malformed, unfit

TEXTS = {"reference_id": 256, "custom_id": 127, "invoice_id": 127, "description": 127}
UNIT_FIELDS = {*TEXTS, "amount", "items", "shipping", "soft_descriptor", "payee"}
ADDED = ("item_total", "shipping", "handling", "tax_total", "insurance")
TAKEN_OFF = ("shipping_discount", "discount")
QUANTITY = re.compile(r"[1-9][0-9]{0,9}")
LOCALE = re.compile(r"[a-z]{2}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
CHOICES = {
    "user_action": ("CONTINUE", "PAY_NOW"),
    "shipping_preference": ("GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"),
    "landing_page": ("LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE"),
    "payment_method_preference": ("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED"),
}


def check_order(given: dict[str, Any]) -> None:
    """Refuse an order that PayPal refuses; several purchase units, which it takes, too."""
    if given.get("intent") not in ("CAPTURE", "AUTHORIZE"):
        raise malformed(
            "INVALID_PARAMETER_VALUE" if "intent" in given else "MISSING_REQUIRED_PARAMETER",
            "/intent",
        )
    if given["intent"] != "CAPTURE":
        raise unfit("PERMISSION_NOT_GRANTED", "/intent")
    found = given.get("purchase_units")
    if not isinstance(found, list) or not found:
        raise malformed("MISSING_REQUIRED_PARAMETER", "/purchase_units")
    if len(found) > 1:
        raise unfit("UNSUPPORTED_INTENT", "/purchase_units")
    _check_unit(_object(found[0], "/purchase_units/0"), "/purchase_units/0")
    source = _object(given.get("payment_source", {}), "/payment_source")
    wallet = _object(source.get("paypal", {}), "/payment_source/paypal")
    field = "/payment_source/paypal/experience_context"
    _check_context(_object(wallet.get("experience_context", {}), field), field)


def check_refund(given: dict[str, Any]) -> None:
    """Refuse a refund that can't be one of any capture."""
    for name, most in (("custom_id", 127), ("invoice_id", 127), ("note_to_payer", 255)):
        if name in given:
            _check_text(given[name], most, f"/{name}")


def _check_unit(unit: dict[str, Any], at: str) -> None:
    for name in unit.keys() - UNIT_FIELDS:
        raise malformed("INVALID_PARAMETER_SYNTAX", f"{at}/{name}")
    for name, most in TEXTS.items():
        if name in unit:
            _check_text(unit[name], most, f"{at}/{name}")
    if "amount" not in unit:
        raise malformed("MISSING_REQUIRED_PARAMETER", f"{at}/amount")
    amount = units(unit["amount"], f"{at}/amount")
    if amount <= 0:
        raise unfit("CANNOT_BE_ZERO_OR_NEGATIVE", f"{at}/amount/value")
    currency = unit["amount"]["currency_code"]
    parts = _object(unit["amount"].get("breakdown", {}), f"{at}/amount/breakdown")
    known = {
        name: units(parts[name], f"{at}/amount/breakdown/{name}", currency)
        for name in (*ADDED, *TAKEN_OFF)
        if name in parts
    }
    sum_of_parts = sum(-value if name in TAKEN_OFF else value for name, value in known.items())
    if parts and sum_of_parts != amount:
        raise unfit("AMOUNT_MISMATCH", f"{at}/amount/value")
    if "items" in unit:
        _check_items(unit["items"], known.get("item_total"), currency, f"{at}/items")


def _check_items(items: Any, item_total: int | None, currency: str, at: str) -> None:
    if not isinstance(items, list):
        raise malformed("INVALID_PARAMETER_SYNTAX", at)
    if item_total is None:
        raise unfit("ITEM_TOTAL_REQUIRED", "/purchase_units/0/amount/breakdown/item_total")
    sum_of_items = 0
    for number, item in enumerate(items):
        where = f"{at}/{number}"
        item = _object(item, where)
        _check_text(item.get("name"), 127, f"{where}/name")
        quantity = item.get("quantity")
        if not isinstance(quantity, str) or not QUANTITY.fullmatch(quantity):
            raise malformed("INVALID_PARAMETER_SYNTAX", f"{where}/quantity")
        each = units(item.get("unit_amount"), f"{where}/unit_amount", currency)
        if each < 0:
            raise unfit("CANNOT_BE_NEGATIVE", f"{where}/unit_amount/value")
        sum_of_items += each * int(quantity)
    if sum_of_items != item_total:
        raise unfit("ITEM_TOTAL_MISMATCH", "/purchase_units/0/amount/breakdown/item_total/value")


def _check_context(context: dict[str, Any], at: str) -> None:
    for name in ("return_url", "cancel_url"):
        if name in context and not _is_address(context[name]):
            raise malformed("INVALID_PARAMETER_SYNTAX", f"{at}/{name}")
    for name, choices in CHOICES.items():
        if name in context and context[name] not in choices:
            raise malformed("INVALID_PARAMETER_VALUE", f"{at}/{name}")
    locale = context.get("locale", "en-US")
    if not isinstance(locale, str) or not LOCALE.fullmatch(locale):
        raise malformed("INVALID_PARAMETER_SYNTAX", f"{at}/locale")


def _is_address(given: Any) -> bool:
    """A URI: no braces and no blanks in it."""
    if not isinstance(given, str) or re.search(r"[{}\s<>\"]", given):
        return False
    parts = urlsplit(given)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _check_text(given: Any, most: int, field: str) -> None:
    if given is None:
        raise malformed("MISSING_REQUIRED_PARAMETER", field)
    if not isinstance(given, str):
        raise malformed("INVALID_PARAMETER_SYNTAX", field)
    if not 1 <= len(given) <= most:
        raise malformed("INVALID_STRING_LENGTH", field)


def _object(given: Any, field: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise malformed("INVALID_PARAMETER_SYNTAX", field)
    return given
