"""What an order of PayPal's says about the payment.

Source: developer.paypal.com/docs/api/orders/v2 (order and capture statuses). An order has at most
one capture that took money, since its intent is CAPTURE; tries that failed may stand beside it.
"""

import re
from dataclasses import replace

from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.money import Money, total
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.paypal.amounts import money
from chalicelib.payments.providers.paypal.calls import Json

# Of orders, captures and refunds; what is one can stand in an address as it is.
ID = re.compile(r"[A-Za-z0-9-]{1,40}")

_WITHOUT_CAPTURE = {
    "CREATED": State.OPEN,
    "SAVED": State.OPEN,
    "PAYER_ACTION_REQUIRED": State.OPEN,
    "APPROVED": State.OPEN,
    "VOIDED": State.ENDED,
}
# The first that an order has says how it stands: money outweighs a try that failed.
_CAPTURED = {
    "COMPLETED": State.PAID,
    "PARTIALLY_REFUNDED": State.PAID,
    "REFUNDED": State.PAID,
    "PENDING": State.PROCESSING,
    "DECLINED": State.FAILED,
    "FAILED": State.FAILED,
}


def outcome_of(order: Json, session_id: str) -> Outcome:
    """What an order says. Raises ProviderBusy for what is no answer about this order."""
    try:
        if order["id"] != session_id:
            raise ValueError("another order")
        payments = [unit.get("payments", {}) for unit in order.get("purchase_units", [])]
        captures = [each for found in payments for each in found.get("captures", [])]
        if not captures:
            return Outcome(_WITHOUT_CAPTURE[order["status"]], session_id)
        ranks = list(_CAPTURED)
        capture = min(captures, key=lambda each: ranks.index(each["status"]))
        outcome = _captured(capture, session_id)
        if outcome.state == State.PAID:
            refunds = [each for found in payments for each in found.get("refunds", [])]
            return replace(outcome, refunded=_refunded(capture, refunds))
        if outcome.state == State.FAILED and order["status"] != "COMPLETED":
            # One try failed, the buyer may choose another way to pay.
            return Outcome(State.OPEN, session_id)
        return outcome
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProviderBusy() from error


def _captured(capture: Json, session_id: str) -> Outcome:
    return Outcome(
        state=_CAPTURED[capture["status"]],
        session_id=session_id,
        amount=money(capture["amount"]),
        capture_id=_capture_id(capture["id"]),
    )


def _refunded(capture: Json, refunds: list[Json]) -> Money:
    """What went back or is on its way; the whole of it where the capture says so."""
    amount = money(capture["amount"])
    if capture["status"] == "REFUNDED":
        return amount
    gone = [money(each["amount"]) for each in refunds if each["status"] in ("COMPLETED", "PENDING")]
    return total(gone, amount.currency)


def _capture_id(capture_id: str) -> str:
    if not ID.fullmatch(capture_id):
        raise ValueError("not an id of PayPal's")
    return capture_id
