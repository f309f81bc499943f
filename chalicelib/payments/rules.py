"""A payment attempt as a value, and what may become of it."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Outcome, State


class PaymentStatus(StrEnum):
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    # Paid, but not what was asked for: a person decides.
    REVIEW = "REVIEW"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"


@dataclass(frozen=True)
class Payment:
    """One attempt to pay one `reference` (an order's id; payments does not know more of it)."""

    payment_id: str
    reference: str
    provider: str
    amount: Money
    status: PaymentStatus
    created_at: int
    expires_at: int
    session_id: str | None = None
    url: str | None = None
    capture_id: str | None = None
    reason: str | None = None


def mismatch(payment: Payment, outcome: Outcome) -> str | None:
    """Why money that came is not the money asked for; None when it is."""
    if outcome.state != State.PAID:
        return None
    if outcome.amount != payment.amount:
        came = outcome.amount.decimal() if outcome.amount else "an unknown amount"
        return f"{came} paid, {payment.amount.decimal()} asked for"
    if payment.session_id and outcome.session_id != payment.session_id:
        return "paid in another session"
    return None
