"""Sending back money that no order needs: it came too late, or twice, or a person decided so.

The payment is REFUNDING, and is so no longer than the provider can't be asked. What it says has
gone back already, in its own pages or to the payer's bank, has; what it refuses waits for a person.
"""

from dataclasses import replace

from chalicelib.kernel.money import Money
from chalicelib.payments import disputes, refunds
from chalicelib.payments import service as payments
from chalicelib.payments.ports import ProviderRefused
from chalicelib.payments.rules import Payment
from chalicelib.settlement import decide_review, disputing
from chalicelib.settlement.decide import Decision, Situation


def send_back(found: Situation, amount: Money, *, now: int) -> Decision:
    """Ask the provider to send `amount` back; what follows from its answer. Raises ProviderBusy and
    ProviderFailed: the payment stays REFUNDING, and this is asked for again."""
    try:
        payments.give_back(found.payment, amount, key=refunds.late_key(found.payment))
    except ProviderRefused:
        return _send_rest(found, amount, now=now)
    return decide_review.sent_back(found, amount)


def _send_rest(found: Situation, amount: Money, *, now: int) -> Decision:
    """The provider has said no: see what of it is gone already, and send the rest."""
    payment = found.payment
    provider_state = payments.status(payment, take=False)
    asked = disputes.asked(payment, provider_state.capture_id)
    if asked:
        disputing.sync_disputes(payment.payment_id, asked, now=now)
    payment = payment.with_disputes(asked)
    found = replace(found, payment=payment)
    # The refusal may be kept under its key: asked once more, it has another.
    done = decide_review.sent_back(found, amount, spent_key=True)
    if disputes.all_gone(payment, provider_state):
        return done
    left = decide_review.rest(
        payment, provider_state.amount or amount, disputes.went_back(payment, provider_state)
    )
    if isinstance(left, str):
        return decide_review.not_sent_back(amount, left)
    return (
        done if _sent(payment, left) else decide_review.not_sent_back(amount, decide_review.REFUSED)
    )


def _sent(payment: Payment, left: Money) -> bool:
    try:
        payments.give_back(payment, left, key=refunds.rest_key(payment, left))
    except ProviderRefused:
        return False
    return True
