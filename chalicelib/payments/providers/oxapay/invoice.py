"""What an OxaPay invoice says, read without trusting it: anything odd raises ProviderBusy.

Statuses are compared whatever their case; sums may be JSON numbers (as Decimal) or text. Source:
docs.oxapay.com, api-reference/payment.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.ids import is_id
from chalicelib.kernel.money import DECIMALS, Money
from chalicelib.payments.ports import Outcome, State

OPEN = ("new", "waiting")
PROCESSING = ("paying", "confirming")
# Of a transaction: seen on the chain, and not yet to be counted on.
_UNCONFIRMED = ("new", "waiting", "pending", "processing", "paying", "confirming")
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,24})?")
_MOST = Decimal(10) ** 15
_EXACT = Context(prec=80, rounding=ROUND_DOWN)


def outcome(data: Mapping[str, Any], session_id: str) -> Outcome:
    """How the payment stands. Money is told as what the invoice asked for once OxaPay says that it
    is paid, else as what came in: too little of it is for a person to judge."""
    status = word(data.get("status"))
    if status in OPEN:
        return Outcome(State.OPEN, session_id)
    if status in PROCESSING:
        return Outcome(State.PROCESSING, session_id)
    asked = _money(_decimal(data.get("amount")), data)
    if status == "paid":
        return Outcome(State.PAID, session_id, asked, session_id)
    if status in ("refunding", "refunded"):
        return Outcome(State.PAID, session_id, asked, session_id, refunded=asked)
    if status in ("underpaid", "manual_accept"):
        return Outcome(State.PAID, session_id, _received(data)[0], session_id)
    if status == "expired":
        came, under_way = _received(data)
        if came.amount:
            return Outcome(State.PAID, session_id, came, session_id)
        return Outcome(State.PROCESSING if under_way else State.ENDED, session_id)
    raise ProviderBusy()


def _received(data: Mapping[str, Any]) -> tuple[Money, bool]:
    """What came in confirmed transactions, and whether there are others still to be confirmed."""
    txs = data.get("txs")
    if not isinstance(txs, list) or not all(isinstance(tx, dict) for tx in txs):
        raise ProviderBusy()
    came, under_way = Decimal(0), False
    for tx in txs:
        if word(tx.get("status")) in _UNCONFIRMED:
            under_way = True
        elif word(tx.get("status")) in ("confirmed", ""):
            came = _EXACT.add(came, _decimal(tx.get("value")))
    return _money(came, data), under_way


def _money(value: Decimal, data: Mapping[str, Any]) -> Money:
    """A sum in the invoice's currency; what is smaller than a minor unit is not counted."""
    currency = data.get("currency")
    if not isinstance(currency, str) or not currency:
        raise ProviderBusy()
    currency = currency.upper()
    units = value.scaleb(DECIMALS.get(currency, 2), _EXACT)
    return Money(int(units.to_integral_value(context=_EXACT)), currency)


def _decimal(value: Any) -> Decimal:
    """A JSON number, or text that spells one. Raises ProviderBusy for what is no sum of money."""
    spelt = isinstance(value, str) and _NUMBER.fullmatch(value)
    if not spelt and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
        raise ProviderBusy()
    found = Decimal(value)
    if not 0 <= found < _MOST:
        raise ProviderBusy()
    return found


def track_id(data: Any) -> str:
    """The invoice's own id."""
    found = data.get("track_id") if isinstance(data, dict) else None
    found = str(found) if type(found) is int else found
    if not isinstance(found, str) or not is_id(found):
        raise ProviderBusy()
    return found


def word(value: Any) -> str:
    """A status or type, whichever way its letters are written."""
    return value.strip().lower() if isinstance(value, str) else ""
