"""Disputes: the payer's bank keeps money of an order, has taken it, or has let it go again.

A dispute is a mark on the order and an amount; the order keeps its status. What is in dispute can't
be refunded (payments/rules.py: `refundable`); a lost one makes its payment CHARGED_BACK.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.kernel.errors import Conflict, StaleState
from chalicelib.orders import snapshot
from chalicelib.orders.rules import Order
from chalicelib.orders.service import find
from chalicelib.payments import disputes
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Dispute, DisputeStatus
from chalicelib.payments.rules import Payment
from chalicelib.settlement import decide_refund
from chalicelib.settlement.decide import Situation
from chalicelib.settlement.write import Work, write


class NoOpenDispute(Conflict):
    """Nothing of this payment is in dispute: it never was, or is decided."""

    code = "NO_OPEN_DISPUTE"


def sync_disputes(payment_id: str, reported: Sequence[Dispute], *, now: int) -> None:
    """Write down what the provider says of a payment's disputes; said again, nothing more."""

    def attempt() -> None:
        payment = payments.read(payment_id)
        if payment is None:
            raise StaleState()
        if changed := disputes.news(payment, reported):
            found = Situation(snapshot.around(payment).order, payment)
            write(decide_refund.dispute(found, changed), Work(found, None, now))

    retry_on_conflict(attempt)


def poll_disputes(
    payment_id: str, decision: DisputeStatus | None = None, *, now: int
) -> tuple[Order, Payment]:
    """Ask the provider how a payment's disputes stand, and write it down; or, with a `decision`,
    what a person knows of those that are open. What the provider says later still counts.

    Raises PaymentNotFound, NoOpenDispute and what the provider raises.
    """
    _, payment = find(payment_id)
    if decision is None:
        sync_disputes(payment_id, disputes.asked(payment), now=now)
    else:
        open_disputes = [one for one in payment.disputes if one.status == DisputeStatus.OPEN]
        if not open_disputes:
            raise NoOpenDispute()
        sync_disputes(payment_id, [replace(one, status=decision) for one in open_disputes], now=now)
    return find(payment_id)
