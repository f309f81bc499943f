"""Amounts as PayPal takes and writes them; inside they are integers of the smallest unit.

Source: developer.paypal.com/api/rest/reference/currency-codes.
"""

import re
from typing import Any

from localcloud.sandbox.paypal.errors import malformed, unfit

WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
CURRENCIES = frozenset(
    """AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD
    USD""".split()
)
VALUE = re.compile(r"(-?)([0-9]*)(?:\.([0-9]+))?")
LONGEST = 32
Amount = dict[str, str]


def units(given: Any, field: str, currency: str | None = None) -> int:
    """The smallest units in `{"currency_code", "value"}`.  Refuses what PayPal refuses."""
    code, text = _fields(given, field)
    if code not in CURRENCIES:
        raise unfit("INVALID_CURRENCY_CODE", f"{field}/currency_code")
    if currency not in (None, code):
        raise unfit("MULTI_CURRENCY_ORDER", f"{field}/currency_code")
    match = VALUE.fullmatch(text) if 0 < len(text) <= LONGEST else None
    if match is None or not (match[2] or match[3]):
        raise malformed("INVALID_PARAMETER_SYNTAX", f"{field}/value")
    part = match[3] or ""
    if len(part) > decimals(code):
        raise unfit("DECIMAL_PRECISION", f"{field}/value")
    found = int((match[2] or "0") + part.ljust(decimals(code), "0"))
    return -found if match[1] else found


def _fields(given: Any, field: str) -> tuple[str, str]:
    if not isinstance(given, dict):
        raise malformed("INVALID_PARAMETER_SYNTAX", field)
    for name in ("currency_code", "value"):
        if name not in given:
            raise malformed("MISSING_REQUIRED_PARAMETER", f"{field}/{name}")
        if not isinstance(given[name], str):
            raise malformed("INVALID_PARAMETER_SYNTAX", f"{field}/{name}")
    return given["currency_code"], given["value"]


def decimals(currency: str) -> int:
    """How many digits stand behind the point."""
    return 0 if currency in WITHOUT_DECIMALS else 2


def written(amount: int, currency: str) -> Amount:
    """`1250, "USD"` → `{"currency_code": "USD", "value": "12.50"}`."""
    places = decimals(currency)
    digits = str(amount).rjust(places + 1, "0")
    value = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return {"currency_code": currency, "value": value}


def plain(amount: Amount) -> int:
    """The smallest units of an amount written by `written`."""
    return units(amount, "")
