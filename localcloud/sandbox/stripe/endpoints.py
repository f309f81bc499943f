"""The calls of Stripe's API that this sandbox answers: address, parameter types, what they do.

Each function gets a `Call` whose parameters have passed the types, and returns the object to
answer with, or raises StripeRefusal.
"""

import fnmatch
import time
from typing import Any

import stripe.params as p
import stripe.params.checkout as c

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import billing, events, metadata, payments, sessions
from localcloud.sandbox.stripe.calls import Call, Endpoint, Work
from localcloud.sandbox.stripe.errors import BadParameter, StripeRefusal, missing, no_such
from localcloud.sandbox.stripe.events import Happenings
from localcloud.sandbox.stripe.expand import lines
from localcloud.sandbox.stripe.intent_endpoints import cancel_intent, check_intent, create_intent
from localcloud.sandbox.stripe.lists import page
from localcloud.sandbox.stripe.rules import check_session, no_such_parameter
from localcloud.sandbox.world import Refused


def create_session(call: Call) -> Document:
    """POST /v1/checkout/sessions"""
    customer = _customer_of(call)
    email = customer["email"] if customer else None
    now, at = int(time.time()), f"{call.world.url}/c/pay"
    session, kept = sessions.opened(call.given, now, at, email)
    call.world.store.put(sessions.LINES, kept)
    return call.world.store.put(sessions.KIND, session)


def _customer_of(call: Call) -> Document | None:
    """The customer that the session names; it must be there."""
    if (named := call.given.get("customer")) is None:
        return None
    found = call.world.store.get(billing.CUSTOMER, named)
    if found is None or found.get("deleted"):
        raise no_such_parameter("customer", named, "customer")
    return found


def retrieve_session(call: Call) -> Document:
    """GET /v1/checkout/sessions/{session}"""
    return call.found(sessions.KIND, "checkout.session", "session")


def update_session(call: Call) -> Document:
    """POST /v1/checkout/sessions/{session}: metadata"""
    session = retrieve_session(call)
    after = sessions.updated(session, call.given.get("metadata"))
    return call.world.store.put(sessions.KIND, after)


def expire_session(call: Call) -> Document:
    """POST /v1/checkout/sessions/{session}/expire"""
    session = retrieve_session(call)
    try:
        call.payer.expire(session["id"], None, call.request_id, call.key)
    except Refused:
        raise StripeRefusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`.",
            param="session",
        ) from None
    return retrieve_session(call)


def session_lines(call: Call) -> Document:
    """GET /v1/checkout/sessions/{session}/line_items"""
    session = retrieve_session(call)
    after = call.given.get("starting_after")
    return lines(call.world, session["id"], call.given.get("limit", 10), after)


def list_sessions(call: Call) -> Document:
    """GET /v1/checkout/sessions"""
    names = ("payment_intent", "status", "customer", "subscription")
    equals = {n: call.given[n] for n in names if n in call.given}
    found = call.world.store.find(sessions.KIND, **equals)
    email = call.given.get("customer_details", {}).get("email")
    if email:
        found = [s for s in found if (s["customer_details"] or {}).get("email") == email]
    return page(call, found, "/v1/checkout/sessions")


def create_refund(call: Call) -> Document:
    """POST /v1/refunds"""
    charge = _charge_to_refund(call)
    happen = Happenings(charge["payment_intent"], None, call.request_id, call.key)
    return call.aftermath.refund(charge, call.given.get("amount"), call.given, happen)


def _charge_to_refund(call: Call) -> Document:
    store, given = call.world.store, call.given
    if "charge" in given:
        charge = store.get(payments.CHARGE, given["charge"])
        if charge is None:
            raise no_such("charge", given["charge"], "charge")
        return charge
    intent = store.get(payments.INTENT, given["payment_intent"])
    if intent is None:
        raise no_such("payment_intent", given["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        raise StripeRefusal(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
            param="payment_intent",
        )
    found = store.get(payments.CHARGE, intent["latest_charge"])
    if found is None:
        raise no_such("charge", intent["latest_charge"], "charge")
    return found


def check_refund(given: dict[str, Any]) -> None:
    """What Stripe refuses beyond types."""
    if "charge" not in given and "payment_intent" not in given:
        raise missing("payment_intent")
    if "charge" in given and "payment_intent" in given:
        raise BadParameter(
            "You may only specify one of these parameters: charge, payment_intent.",
            code="parameters_exclusive",
        )
    if given.get("amount", 1) < 1:
        raise BadParameter(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount"
        )
    metadata.check(given.get("metadata"), "metadata")


def check_new_session(given: dict[str, Any]) -> None:
    """What Stripe refuses beyond types."""
    check_session(given, int(time.time()))


def check_session_update(given: dict[str, Any]) -> None:
    """Only metadata can be changed here."""
    for name in given:
        if name not in ("metadata", "expand"):
            raise BadParameter(f"This sandbox does not update `{name}`.", param=name)
    metadata.check(given.get("metadata"), "metadata")


def reader(kind: str, noun: str, param: str) -> Work:
    """A call that answers one stored object."""
    return lambda call: call.found(kind, noun, param)


def lister(kind: str, url: str, *filters: str) -> Work:
    """A call that answers a list filtered by these parameters."""

    def work(call: Call) -> Document:
        equals = {name: call.given[name] for name in filters if name in call.given}
        return page(call, call.world.store.find(kind, **equals), url)

    return work


def retrieve_event(call: Call) -> Document:
    """GET /v1/events/{id}"""
    return events.shown(call.world, call.found(events.KIND, "event", "id"))


def list_events(call: Call) -> Document:
    """GET /v1/events"""
    found = call.world.store.find(events.KIND)
    wanted = call.given.get("types") or [call.given.get("type", "*")]
    found = [e for e in found if any(fnmatch.fnmatchcase(e["type"], kind) for kind in wanted)]
    answer = page(call, found, "/v1/events")
    return {**answer, "data": [events.shown(call.world, event) for event in answer["data"]]}


S, E = "/v1/checkout/sessions", Endpoint
ENDPOINTS = (
    E("checkout.sessions.create", "POST", S, c.SessionCreateParams, create_session,
      check_new_session),
    E("checkout.sessions.list", "GET", S, c.SessionListParams, list_sessions),
    E("checkout.sessions.retrieve", "GET", f"{S}/<session>", c.SessionRetrieveParams,
      retrieve_session),
    E("checkout.sessions.update", "POST", f"{S}/<session>", c.SessionUpdateParams,
      update_session, check_session_update),
    E("checkout.sessions.expire", "POST", f"{S}/<session>/expire", c.SessionExpireParams,
      expire_session),
    E("checkout.sessions.line_items", "GET", f"{S}/<session>/line_items",
      c.SessionListLineItemsParams, session_lines),
    E("payment_intents.create", "POST", "/v1/payment_intents", p.PaymentIntentCreateParams,
      create_intent, check_intent),
    E("payment_intents.cancel", "POST", "/v1/payment_intents/<intent>/cancel",
      p.PaymentIntentCancelParams, cancel_intent),
    E("payment_intents.list", "GET", "/v1/payment_intents", p.PaymentIntentListParams,
      lister(payments.INTENT, "/v1/payment_intents", "customer")),
    E("payment_intents.retrieve", "GET", "/v1/payment_intents/<intent>",
      p.PaymentIntentRetrieveParams, reader(payments.INTENT, "payment_intent", "intent")),
    E("charges.list", "GET", "/v1/charges", p.ChargeListParams,
      lister(payments.CHARGE, "/v1/charges", "payment_intent", "customer")),
    E("charges.retrieve", "GET", "/v1/charges/<charge>", p.ChargeRetrieveParams,
      reader(payments.CHARGE, "charge", "charge")),
    E("refunds.create", "POST", "/v1/refunds", p.RefundCreateParams, create_refund, check_refund),
    E("refunds.list", "GET", "/v1/refunds", p.RefundListParams,
      lister(payments.REFUND, "/v1/refunds", "charge", "payment_intent")),
    E("refunds.retrieve", "GET", "/v1/refunds/<refund>", p.RefundRetrieveParams,
      reader(payments.REFUND, "refund", "refund")),
    E("disputes.list", "GET", "/v1/disputes", p.DisputeListParams,
      lister(payments.DISPUTE, "/v1/disputes", "charge", "payment_intent")),
    E("disputes.retrieve", "GET", "/v1/disputes/<dispute>", p.DisputeRetrieveParams,
      reader(payments.DISPUTE, "dispute", "dispute")),
    E("events.list", "GET", "/v1/events", p.EventListParams, list_events),
    E("events.retrieve", "GET", "/v1/events/<id>", p.EventRetrieveParams, retrieve_event),
)  # fmt: skip
