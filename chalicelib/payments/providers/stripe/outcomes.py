"""How a payment stands, by Stripe's Checkout session or by a PaymentIntent of its own.

`completed` is not `paid`: delayed methods complete first and are paid, or fail, later.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.stripe.amounts import read
from chalicelib.payments.providers.stripe.sdk import id_of

# What the metadata of a PaymentIntent says (`paid_in`) that belongs to no session.
FORM = "form"

_INTENT_STATES = {
    "succeeded": State.PAID,
    "processing": State.PROCESSING,
    "canceled": State.ENDED,
}


def of_intent(intent: Mapping[str, Any]) -> Outcome:
    """The intent's outcome; one that waits for the buyer is open."""
    state = _INTENT_STATES.get(intent["status"], State.OPEN)
    charge = charge_in(intent) if state == State.PAID else None
    return Outcome(
        state=state,
        session_id=intent["id"],
        amount=read(intent["amount_received"], intent["currency"]),
        capture_id=intent["id"],
        refunded=read(charge["amount_refunded"], charge["currency"]) if charge else None,
        disputed=bool(charge and charge["disputed"]),
    )


def of_session(session: Mapping[str, Any], state: State | None = None) -> Outcome:
    """The session's outcome; `state` where an event says more than the session in it."""
    state = state or _state(session)
    amount = session.get("amount_total")
    charge = charge_in(session.get("payment_intent"))
    return Outcome(
        state=state,
        session_id=session["id"],
        amount=read(amount, session["currency"]) if amount is not None else None,
        capture_id=id_of(session.get("payment_intent")),
        refunded=read(charge["amount_refunded"], charge["currency"]) if charge else None,
        disputed=bool(charge and charge["disputed"]),
    )


def charge_in(intent: Any) -> Mapping[str, Any] | None:
    """A PaymentIntent's charge where it was asked for (`expand`) and there is one."""
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    return charge if isinstance(charge, Mapping) else None


def _state(session: Mapping[str, Any]) -> State:
    if session["status"] == "open":
        return State.OPEN
    if session["status"] == "expired":
        return State.ENDED
    paid = session["payment_status"] in ("paid", "no_payment_required")
    return State.PAID if paid else State.PROCESSING
