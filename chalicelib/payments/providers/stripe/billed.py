"""Subscriptions as Stripe tells of them: its objects and its webhooks, in the shop's words.

Source: docs.stripe.com/api, version 2026-10-28.endive: a period's end stands at the subscription's
items, an invoice names its subscription in `parent.subscription_details`, and what an invoice pays
for stands at its lines (its own `period_end` is that of the period before).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.kernel.money import Money
from chalicelib.payments.billing_ports import (
    Begun,
    BillingState,
    BillingStatus,
    Invoice,
    InvoiceState,
)
from chalicelib.payments.ports import Event, State, Subject
from chalicelib.payments.providers.stripe.amounts import read
from chalicelib.payments.providers.stripe.sdk import id_of

OURS = "subscription_id"
PLAN = "plan_id"
_STATES = {
    "incomplete": BillingState.INCOMPLETE,
    "incomplete_expired": BillingState.ENDED,
    "trialing": BillingState.TRIALING,
    "active": BillingState.ACTIVE,
    "past_due": BillingState.PAST_DUE,
    "unpaid": BillingState.UNPAID,
    "paused": BillingState.PAUSED,
    "canceled": BillingState.ENDED,
}
_INVOICES = {
    "paid": InvoiceState.PAID,
    "void": InvoiceState.VOID,
    "uncollectible": InvoiceState.FAILED,
}
# Those that tell of money; a draft or an announcement changes nothing yet.
_OF_INVOICES = frozenset(
    """invoice.paid invoice.payment_failed invoice.payment_action_required invoice.voided
    invoice.marked_uncollectible""".split()
)
MODE = "subscription"


def event_of(event: Mapping[str, Any]) -> Event | None:
    """A webhook about a subscription; None for one about anything else.

    What it says of the subscription is not believed: it may be an old one. It says which one to
    ask about: none where metadata are told without our id, which the shop's own have from the
    beginning.
    """
    kind, subject = str(event.get("type")), _map(_map(event.get("data")).get("object"))
    metadata = subject.get("metadata")
    if kind.startswith("customer.subscription."):
        external = id_of(subject.get("id"))
    elif kind in _OF_INVOICES:
        details = _map(_map(subject.get("parent")).get("subscription_details"))
        external, metadata = id_of(details.get("subscription")), details.get("metadata")
    elif kind.startswith("checkout.session.") and subject.get("mode") == MODE:
        external = id_of(subject.get("subscription"))
    else:
        return None
    stranger = isinstance(metadata, Mapping) and OURS not in metadata
    return Event(
        event_id=event["id"],
        type=kind,
        reference=_map(metadata).get(OURS),
        subject=Subject.SUBSCRIPTION,
        external_id=None if stranger else external,
    )


def begun_of(session: Mapping[str, Any]) -> Begun:
    """What became of a page."""
    external = id_of(session["subscription"])
    if external is not None:
        return Begun(State.PAID, external)
    return Begun(State.OPEN if session["status"] == "open" else State.ENDED)


def billing_status_of(
    subscription: Mapping[str, Any], invoices: Iterable[Mapping[str, Any]]
) -> BillingStatus:
    """How a subscription stands. Raises KeyError or TypeError for what is none."""
    items, metadata = subscription["items"]["data"], subscription["metadata"] or {}
    price, recurring = items[0]["price"], items[0]["price"]["recurring"]
    return BillingStatus(
        external_id=subscription["id"],
        subscription_id=metadata.get(OURS),
        plan_id=metadata.get(PLAN),
        state=_STATES[subscription["status"]],
        item_id=items[0]["id"],
        price=_price(price),
        interval=recurring["interval"],
        count=recurring["interval_count"],
        period_end=max(item["current_period_end"] for item in items),
        ends=subscription["cancel_at_period_end"] or subscription["cancel_at"] is not None,
        ended_at=subscription["ended_at"],
        invoices=tuple(_invoice(each) for each in invoices if each["status"] in _SHOWN),
    )


_SHOWN = {"open", *_INVOICES}


def _price(price: Mapping[str, Any]) -> Money | None:
    if price["unit_amount"] is None:
        return None
    return read(price["unit_amount"], price["currency"])


def _invoice(invoice: Mapping[str, Any]) -> Invoice:
    state = _INVOICES.get(invoice["status"])
    if state is None:
        state = InvoiceState.FAILED if invoice["attempt_count"] else InvoiceState.OPEN
    payable = invoice["status"] == "open"
    ends = [line["period"]["end"] for line in invoice["lines"]["data"]]
    return Invoice(
        invoice_id=invoice["id"],
        state=state,
        amount=read(invoice["amount_due"], invoice["currency"]),
        period_end=max(ends, default=invoice["period_end"]),
        created_at=invoice["created"],
        pay_url=invoice["hosted_invoice_url"] if payable else None,
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
