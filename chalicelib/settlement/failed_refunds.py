"""Refunds that fail after all: the provider took them, and days later the payer's bank did not.

The money is the shop's again, so the refund does not count any more and the order is as before it.
An administrator decides what to do then: refund once more, or give it back by hand.
"""

from chalicelib.kernel.errors import StaleState
from chalicelib.orders import snapshot
from chalicelib.payments import disputes
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome
from chalicelib.payments.rules import Payment
from chalicelib.settlement import decide_refund
from chalicelib.settlement.decide import Situation
from chalicelib.settlement.write import Work, write


def record_failed_refund(payment: Payment, outcome: Outcome, *, key: str = "", now: int) -> None:
    """Write down that a refund of this payment has failed, if one has; said again, nothing more.

    `payment` was read before the provider was asked for the `outcome`: StaleState when refunds have
    changed since, so that one that was made in between is not taken for one that failed. `key` is
    the refund's, where the provider names it.
    """
    found = payments.read(payment.payment_id)
    if found is None or found.version != payment.version:
        raise StaleState()
    read = Situation(snapshot.around(found).order, found)
    decision = decide_refund.did_not_arrive(read, disputes.went_back(found, outcome), key)
    write(decision, Work(read, None, now))
