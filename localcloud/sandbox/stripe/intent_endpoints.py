"""The calls that make and cancel PaymentIntents, and what Stripe refuses in them.

Source: docs.stripe.com/api/payment_intents; `payment_method_types` is gone since endive.
"""

import time
from typing import Any

from localcloud.sandbox.store import Document
from localcloud.sandbox.stripe import intents, metadata, payments
from localcloud.sandbox.stripe.amounts import check_currency, check_total, check_unit_amount
from localcloud.sandbox.stripe.calls import Call
from localcloud.sandbox.stripe.errors import BadParameter, StripeRefusal, missing
from localcloud.sandbox.world import Refused

TAKEN = frozenset(
    """amount currency automatic_payment_methods description metadata receipt_email expand
    statement_descriptor statement_descriptor_suffix""".split()
)
LONGEST_DESCRIPTION = 1000


def create_intent(call: Call) -> Document:
    """POST /v1/payment_intents"""
    intent = intents.made(call.given, int(time.time()))
    return call.world.store.put(payments.INTENT, intent)


def cancel_intent(call: Call) -> Document:
    """POST /v1/payment_intents/{intent}/cancel"""
    intent = call.found(payments.INTENT, "payment_intent", "intent")
    payer = intents.IntentPayer(call.world, call.payer.enabled)
    try:
        payer.cancel(intent["id"], None, call.request_id, call.key)
    except Refused:
        raise StripeRefusal(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
            f" Only a PaymentIntent with one of the following statuses may be canceled:"
            f" {', '.join(intents.WAITING)}.",
            code="payment_intent_unexpected_state",
        ) from None
    return call.found(payments.INTENT, "payment_intent", "intent")


def check_intent(given: dict[str, Any]) -> None:
    """What Stripe refuses beyond types."""
    for name in ("amount", "currency"):
        if name not in given:
            raise missing(name)
    for name in given:
        if name not in TAKEN:
            raise BadParameter(f"This sandbox does not do `{name}`.", param=name)
    check_currency(given["currency"], "currency")
    if given["amount"] < 1:
        raise BadParameter(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount"
        )
    check_unit_amount(given["amount"], given["currency"], "amount")
    check_total(given["amount"], given["currency"])
    if not given.get("automatic_payment_methods", {}).get("enabled"):
        raise BadParameter("This sandbox has automatic_payment_methods only.")
    if len(given.get("description", "")) > LONGEST_DESCRIPTION:
        raise BadParameter("Invalid string: too long", param="description")
    metadata.check(given.get("metadata"), "metadata")
