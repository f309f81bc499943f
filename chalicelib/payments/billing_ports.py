"""What the shop asks of a provider that takes money again and again: customers, subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Opened, ProviderRefused, State


class CustomerGone(ProviderRefused):
    """The provider has no such customer any more: somebody removed it there."""


class BillingState(StrEnum):
    """How a subscription stands, as its provider says."""

    # Begun, and its first money has not come.
    INCOMPLETE = "INCOMPLETE"
    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    # A renewal was refused; the provider tries again for some weeks.
    PAST_DUE = "PAST_DUE"
    # It has given up trying, and waits for a person.
    UNPAID = "UNPAID"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class InvoiceState(StrEnum):
    OPEN = "OPEN"
    PAID = "PAID"
    # Tried in vain, or given up.
    FAILED = "FAILED"
    VOID = "VOID"


@dataclass(frozen=True)
class Terms:
    """What comes again: `price` each `count` times `interval` (day, week, month or year)."""

    plan_id: str
    name: str
    price: Money
    interval: str
    count: int


@dataclass(frozen=True)
class Start:
    """A subscription to begin. Made from what is written down alone, so that a repeat is the same
    to the byte; `attempt` counts the pages that were begun for it."""

    subscription_id: str
    attempt: int
    customer_id: str
    terms: Terms
    locale: str
    success_url: str
    cancel_url: str
    expires_at: int


@dataclass(frozen=True)
class Begun:
    """What became of a page; `external_id` is the provider's id of the subscription it began."""

    state: State
    external_id: str | None = None


@dataclass(frozen=True)
class Invoice:
    """What one period costs. `pay_url` is where the customer pays it by hand, while that helps."""

    invoice_id: str
    state: InvoiceState
    amount: Money
    period_end: int
    created_at: int
    pay_url: str | None = None


@dataclass(frozen=True)
class BillingStatus:
    """The provider's word on a subscription, with its newest invoices."""

    external_id: str
    # Ours, where the shop began it.
    subscription_id: str | None
    plan_id: str | None
    state: BillingState
    item_id: str
    # None where it is no whole amount for one thing.
    price: Money | None
    interval: str
    count: int
    period_end: int
    # It is not renewed at the end of its period.
    ends: bool
    ended_at: int | None
    invoices: Sequence[Invoice]


class Billing(Protocol):
    """Every call raises ProviderBusy when asking again may help, ProviderRefused when it can't,
    KeySpent when the key's answer is an error for good."""

    def new_customer(self, user_id: str, *, again: int) -> str:
        """A customer for a user, once for each number of `again`; answers its id. Nothing about
        the person is told here, so that a repeat is the same to the byte."""

    def set_email(self, customer_id: str, email: str) -> None:
        """Where receipts go."""

    def delete_customer(self, customer_id: str) -> None:
        """Forget a customer; their subscriptions end. That it is gone already is no error."""

    def open(self, start: Start) -> Opened:
        """Begin a page, or find it: the same start opens once. Raises CustomerGone as well."""

    def page(self, session_id: str) -> Begun:
        """What became of a page: OPEN, ENDED, or a subscription."""

    def close(self, session_id: str) -> Begun:
        """Let nobody subscribe there any more; answers what became of it."""

    def read(self, external_id: str) -> BillingStatus | None:
        """How a subscription stands now; None where there is no such one."""

    def set_ending(self, external_id: str, ends: bool, *, key: str) -> None:
        """Whether it is over at the end of its period."""

    def change(self, external_id: str, item_id: str, terms: Terms, *, key: str) -> None:
        """Other terms from now on, with what that means for the running period left to the
        provider."""

    def end(self, external_id: str) -> None:
        """End it at once. That it is over already is no error."""
