"""A refund that its provider does not carry out, ended by a person.

It was counted before the provider was asked, and the provider is asked again by itself. Where it
never answers any more, because its keys are gone or its account is closed, somebody says what
became of the money.
"""

from contextlib import suppress
from dataclasses import replace
from enum import StrEnum

from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.kernel.errors import Conflict, NotFound, ProviderBusy, StaleState
from chalicelib.orders.rules import Order
from chalicelib.orders.service import find
from chalicelib.payments.registry import GONE
from chalicelib.payments.rules import Payment, Refund, RefundStatus, RefundTo
from chalicelib.settlement import refunding


class Ending(StrEnum):
    # The owner has given it back, outside of the shop.
    BY_HAND = "BY_HAND"
    # Nothing went back: the money can be refunded anew, another way.
    CALLED_OFF = "CALLED_OFF"


class RefundNotFound(NotFound):
    code = "REFUND_NOT_FOUND"


class RefundNotPending(Conflict):
    """It is done or failed: nothing waits for a decision."""

    code = "REFUND_NOT_PENDING"


def end(payment_id: str, refund_id: str, ending: Ending, *, now: int) -> tuple[Order, Payment]:
    """End a refund that waits for its provider, which is asked once more before.

    What the provider turns out to have sent back all the same is counted when it says so. Raises
    PaymentNotFound, RefundNotFound; RefundNotPending also when the provider answers now.
    """
    _pending(payment_id, refund_id)
    with suppress(*GONE, ProviderBusy, StaleState):
        refunding.finish(payment_id, refund_id, now=now)

    def attempt() -> None:
        made = _pending(payment_id, refund_id)
        if ending == Ending.BY_HAND:
            after = replace(made, status=RefundStatus.DONE, to=RefundTo.BY_HAND)
        else:
            after = replace(made, status=RefundStatus.FAILED)
        refunding.record(payment_id, after, now=now)

    retry_on_conflict(attempt)
    return find(payment_id)


def _pending(payment_id: str, refund_id: str) -> Refund:
    _, payment = find(payment_id)
    made = payment.refund_of(refund_id)
    if made is None:
        raise RefundNotFound()
    if made.status != RefundStatus.PENDING:
        raise RefundNotPending()
    return made
