"""Disputes at PayPal, from the payer's first complaint to the bank's chargeback.

Source: developer.paypal.com/docs/api/customer-disputes/v1. The list tells which there are, each by
itself how it was decided. The app needs the feature "Customer disputes"; without it PayPal answers
403, which is ours to mend (ProviderFailed).
"""

import re
from collections.abc import Sequence

from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments.ports import Dispute, DisputeStatus
from chalicelib.payments.providers.paypal.amounts import money
from chalicelib.payments.providers.paypal.calls import Calls, Declined, Json

DISPUTES = "/v1/customer/disputes"
# Of one capture: a complaint, a claim and a chargeback are stages of the same dispute.
MOST = 10

# Who has the money in the end; with a payout PayPal pays the buyer out of its own pocket.
_DECIDED = {
    "RESOLVED_BUYER_FAVOUR": DisputeStatus.LOST,
    "ACCEPTED": DisputeStatus.LOST,
    "RESOLVED_SELLER_FAVOUR": DisputeStatus.WON,
    "RESOLVED_WITH_PAYOUT": DisputeStatus.WON,
    "CANCELED_BY_BUYER": DisputeStatus.WON,
    "DENIED": DisputeStatus.WON,
}
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def of_capture(calls: Calls, capture_id: str) -> Sequence[Dispute]:
    """Every dispute of a capture. Raises ProviderBusy, ProviderFailed or Declined."""
    try:
        listed = calls.get(f"{DISPUTES}?disputed_transaction_id={capture_id}&page_size={MOST}")
    except Declined as declined:
        if declined.missing:
            return []
        raise
    try:
        names = [_named(each["dispute_id"]) for each in listed.get("items", [])]
        return [_dispute(calls.get(f"{DISPUTES}/{name}")) for name in names]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProviderBusy() from error


def _dispute(dispute: Json) -> Dispute:
    """What one says of itself; RESOLVED in no way that is known, it waits for a person."""
    outcome = dispute.get("dispute_outcome") or {}
    status = DisputeStatus.OPEN
    if dispute["status"] == "RESOLVED":
        status = _DECIDED.get(str(outcome.get("outcome_code")), DisputeStatus.OPEN)
    amount = dispute["dispute_amount"]
    if status == DisputeStatus.LOST:
        # It may be decided for less than was asked.
        amount = outcome.get("amount_refunded") or amount
    return Dispute(_named(dispute["dispute_id"]), status, money(amount))


def _named(dispute_id: str) -> str:
    if not _ID.fullmatch(dispute_id):
        raise ValueError("not an id of PayPal's")
    return dispute_id
