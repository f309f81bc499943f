"""Money as PayPal writes it: `{"currency_code": "USD", "value": "12.50"}`.

Source: developer.paypal.com/api/rest/reference/currency-codes. BRL, CNY and MYR are for accounts of
their own country; another account is told so by PayPal (ProviderRefused).
"""

import re
from typing import Any

from chalicelib.kernel.money import DECIMALS, Money
from chalicelib.payments.ports import ProviderRefused

CURRENCIES = frozenset(
    """AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD
    USD""".split()
)
# HUF and TWD have hundredths by ISO 4217, and here, but PayPal takes none.
WHOLE = frozenset({"HUF", "JPY", "TWD"})

STEPS = {
    currency: 10 ** DECIMALS.get(currency, 2) for currency in WHOLE if DECIMALS.get(currency, 2)
}

_VALUE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?")


def to_provider_amount(amount: Money) -> dict[str, str]:
    """As PayPal wants it. Raises ProviderRefused for what it does not take."""
    if amount.currency not in CURRENCIES or amount.amount < 0:
        raise ProviderRefused()
    places = DECIMALS.get(amount.currency, 2)
    whole, part = divmod(amount.amount, 10**places)
    if amount.currency in WHOLE:
        if part:
            raise ProviderRefused()
        return {"currency_code": amount.currency, "value": str(whole)}
    return {"currency_code": amount.currency, "value": f"{whole}.{part:0{places}}"}


def money(answer: Any) -> Money:
    """From an answer. Raises KeyError, TypeError or ValueError for anything that is no amount."""
    currency, match = answer["currency_code"], _VALUE.fullmatch(answer["value"])
    if match is None or currency not in CURRENCIES:
        raise ValueError("not an amount")
    places = DECIMALS.get(currency, 2)
    part = (match[2] or "").ljust(places, "0")
    if part[places:].strip("0"):
        raise ValueError("a fraction that no coin has")
    return Money(int(match[1] + part[:places]), currency)
