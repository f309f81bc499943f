"""Money that the payer's bank takes back: what is noted of it, and what its provider says.

Disputes stand in the payment's own item beside its refunds and move in the same versions: a refund
and a dispute that meet see each other, and the sum of both never exceeds what came in.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Dispute, Disputes, DisputeStatus, Outcome
from chalicelib.payments.registry import ready
from chalicelib.payments.rules import Payment
from chalicelib.payments.tables import UNNAMED


class PaymentDisputed(Conflict):
    """The payer's bank keeps this money or has taken it back: it can't go back a second time."""

    code = "PAYMENT_DISPUTED"


def asked(payment: Payment, capture_id: str | None = None) -> Sequence[Dispute]:
    """Every dispute of a payment as its provider says now; none where none can be disputed.

    Raises ProviderBusy, ProviderRefused or ProviderFailed.
    """
    capture_id = capture_id or payment.capture_id
    provider = ready(payment.provider)
    if capture_id is None or not provider.capabilities.disputes:
        return ()
    found = cast("Disputes", provider).disputes(capture_id)
    return [_in_currency(payment, one) for one in found]


def news(payment: Payment, reported: Sequence[Dispute]) -> Sequence[Dispute]:
    """Of what a provider tells, what is not noted yet.

    One that is decided does not open again: an answer that is older than the decision changes
    nothing. An appeal shows once it is decided.
    """
    known = {one.dispute_id: one for one in payment.disputes}
    return [one for one in reported if _is_news(known.get(one.dispute_id), one)]


def stored(payment: Payment, changed: Sequence[Dispute]) -> dict[str, Any]:
    """The attributes of the payment's item with these disputes, new or changed."""
    after = payment.with_disputes(changed)
    # What the provider has named stands for the one without a name.
    named = [one for one in after.disputes if one.dispute_id != UNNAMED]
    after = replace(after, disputes=named or after.disputes)
    return {
        "disputes": {
            one.dispute_id: {"status": str(one.status), "amount": one.amount.amount}
            for one in after.disputes
        },
        "disputed": after.disputed,
    }


def went_back(payment: Payment, outcome: Outcome) -> Money | None:
    """What the provider says went back by refunds; None where it was not asked.

    Where it counts what a dispute took among its refunds, that is left out: the dispute stands for
    it, an open one too, since nothing can be refunded while it is.
    """
    if outcome.refunded is None or not ready(payment.provider).capabilities.reversals_are_refunds:
        return outcome.refunded
    extra = outcome.refunded - payment.returned
    nothing = Money(0, payment.amount.currency)
    return outcome.refunded - min(payment.at_bank, max(nothing, extra))


def may_be_taken(payment: Payment, outcome: Outcome) -> bool:
    """Whether something went back of which nobody knows, where a dispute may have taken it."""
    if not outcome.refunded or not ready(payment.provider).capabilities.reversals_are_refunds:
        return False
    return payment.returned + payment.at_bank < outcome.refunded


def all_gone(payment: Payment, outcome: Outcome) -> bool:
    """Whether nothing of what came in is left at the provider: refunded, or taken by disputes."""
    came = outcome.amount or payment.came
    back = went_back(payment, outcome) or Money(0, came.currency)
    taken = payment.charged_back
    return not (back + taken if taken.amount else back) < came


def _is_news(known: Dispute | None, reported: Dispute) -> bool:
    if known is None:
        return True
    reopened = reported.status == DisputeStatus.OPEN and known.status != DisputeStatus.OPEN
    return reported != known and not reopened


def _in_currency(payment: Payment, reported: Dispute) -> Dispute:
    """The dispute in the payment's own currency: all of it, where the bank reckons in another."""
    if reported.amount.currency == payment.amount.currency:
        return reported
    return replace(reported, amount=payment.came)
