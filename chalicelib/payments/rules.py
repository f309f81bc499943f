"""A payment attempt as a value, and what may become of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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


# May still bring money, or has brought some that is in question.
OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING, PaymentStatus.REVIEW})
# The provider may still have to tell something, or to give something back.
UNFINISHED = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING, PaymentStatus.REFUNDING})


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
    spent_keys: int = 0


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


class WebhookStatus(StrEnum):
    """How far a webhook is. FAILED ones come again by themselves until the queue gives them up."""

    # Put on the queue once more, by an administrator.
    RECEIVED = "RECEIVED"
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    # Concerns no payment of the shop's.
    IGNORED = "IGNORED"


# What providers call what they know of people; none of it decides anything here.
PERSONAL = frozenset(
    """address billing billing_details buyer card cardholder collected_information custom_fields
    customer customer_address customer_details customer_email customer_name customer_phone
    email email_address individual_name ip ip_address last4 name note owner payer payer_email
    payer_id payment_method_details payment_source phone phone_number receipt_email recipient
    seller sender_address shipping shipping_address shipping_details tax_id tax_ids""".split()
)
# What opens something: the order's page with its token, a form that pays.
OPENING = frozenset("cancel_url client_secret return_url success_url url".split())


def without_people(value: Any) -> Any:
    """A provider's JSON without what it says of people, and without what opens their orders."""
    if isinstance(value, dict):
        without = PERSONAL | OPENING
        kept = {key: each for key, each in value.items() if key.lower() not in without}
        return {key: without_people(each) for key, each in kept.items()}
    return [without_people(each) for each in value] if isinstance(value, list) else value
