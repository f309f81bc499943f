"""What the shop asks of a payment provider, in the shop's own words.

A provider is a module with `make() -> Provider`, named in payments/registry.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from chalicelib.kernel.errors import Malformed, ProviderFailed
from chalicelib.kernel.money import Money


class Refused(ProviderFailed):
    """The provider said no for good: asking the same again is pointless, no money can move."""


class SignatureInvalid(Malformed):
    """A webhook that is not the provider's, or too old to be believed."""

    code = "SIGNATURE_INVALID"


class State(StrEnum):
    """How a payment stands, as its provider says."""

    OPEN = "OPEN"
    PAID = "PAID"
    # The buyer is done, the money is on its way (bank debits and the like).
    PROCESSING = "PROCESSING"
    FAILED = "FAILED"
    # Over without money: expired, or never begun.
    ENDED = "ENDED"


@dataclass(frozen=True)
class ChargeLine:
    name: str
    unit_amount: Money
    quantity: int


@dataclass(frozen=True)
class Charge:
    """What is to be paid. Made from the order alone, so that a repeat is the same to the byte."""

    payment_id: str
    reference: str
    number: str
    lines: Sequence[ChargeLine]
    total: Money
    email: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: int


@dataclass(frozen=True)
class Opened:
    """A payment page at the provider."""

    session_id: str
    url: str


@dataclass(frozen=True)
class Outcome:
    """The provider's word on a payment. Amount and capture are told when there is money."""

    state: State
    session_id: str | None = None
    amount: Money | None = None
    # What a refund refers to, e.g. Stripe's PaymentIntent.
    capture_id: str | None = None


@dataclass(frozen=True)
class Event:
    """A webhook, verified and read. `outcome` is None for what does not concern us."""

    event_id: str
    type: str
    payment_id: str | None = None
    reference: str | None = None
    outcome: Outcome | None = None
    # A bank refused this try; the payment may still be made by another one.
    declined: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


class Provider(Protocol):
    """Every call raises ProviderBusy when asking again may help, Refused when it can't."""

    def open(self, charge: Charge) -> Opened:
        """Begin the payment, or find it: the same charge opens once, however often asked."""

    def close(self, session_id: str) -> Outcome:
        """Let nobody pay any more; answers how it ended, PAID if the buyer was faster."""

    def refund(self, capture_id: str, amount: Money, *, key: str) -> str:
        """Give money back, once per `key`; answers the refund's id."""

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: int) -> None:
        """Raises SignatureInvalid unless the raw bytes are the provider's and fresh."""

    def read(self, body: str) -> Event:
        """A verified webhook as an event."""
