"""A subscription as a value, and what the provider's word makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.kernel.errors import Conflict, Invalid, NotFound
from chalicelib.kernel.i18n import localised
from chalicelib.kernel.ids import derived
from chalicelib.kernel.money import Money
from chalicelib.payments.billing_ports import (
    BillingState,
    BillingStatus,
    Invoice,
    InvoiceState,
    Start,
    Terms,
)
from chalicelib.payments.rules import SUBSCRIPTION_ID

Localised = Mapping[str, str]

# A webhook takes seconds; what was not heard of after these is asked about.
USUAL_SECONDS = 300
# Where money is owed the provider is asked each hour, whatever it tells.
OWING_SECONDS = 3600
# Of an invoice each, the newest: eight years of months in one item.
MOST_INVOICES = 100


class Status(StrEnum):
    # Begun: its page waits to be paid, or its first money is on its way.
    INCOMPLETE = "INCOMPLETE"
    # Nobody paid; it can be begun anew.
    EXPIRED = "EXPIRED"
    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    # A renewal was refused; the provider tries again.
    PAST_DUE = "PAST_DUE"
    UNPAID = "UNPAID"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"


OWING = frozenset({Status.PAST_DUE, Status.UNPAID})
_OF_STATE: Mapping[BillingState, Status] = {
    BillingState.INCOMPLETE: Status.INCOMPLETE,
    BillingState.TRIALING: Status.TRIALING,
    BillingState.ACTIVE: Status.ACTIVE,
    BillingState.PAST_DUE: Status.PAST_DUE,
    BillingState.UNPAID: Status.UNPAID,
    BillingState.PAUSED: Status.PAUSED,
    BillingState.ENDED: Status.CANCELLED,
}


class PlanNotFound(NotFound):
    code = "PLAN_NOT_FOUND"


class PlanNotSold(Conflict):
    """Nobody begins it any more; who has it keeps it."""

    code = "PLAN_NOT_SOLD"


class SubscriptionNotFound(NotFound):
    """Not there, or not the caller's."""

    code = "SUBSCRIPTION_NOT_FOUND"


class AlreadySubscribed(Conflict):
    """The user has another subscription of that plan."""

    code = "ALREADY_SUBSCRIBED"


class TooManySubscriptions(Conflict):
    """So many were begun and ended that only a person can tell why."""

    code = "TOO_MANY_SUBSCRIPTIONS"


class SubscriptionNotActive(Conflict):
    """Not paid yet, or over: there is nothing to change."""

    code = "SUBSCRIPTION_NOT_ACTIVE"


class SubscriptionRefused(Invalid):
    """The provider does not do this with this subscription."""

    code = "SUBSCRIPTION_REFUSED"


class SubscriptionNotThereYet(RuntimeError):
    """A webhook came before its subscription could be read: it is tried again, never dropped."""


class Kind(StrEnum):
    CANCEL = "CANCEL"
    RESUME = "RESUME"
    CHANGE = "CHANGE"


@dataclass(frozen=True)
class Offer:
    """A plan's terms, as they stood when somebody took them."""

    plan_id: str
    name: Localised
    price: Money
    interval: str
    count: int

    def terms(self, locale: str) -> Terms:
        """As the provider shows them."""
        return Terms(
            self.plan_id, localised(self.name, locale), self.price, self.interval, self.count
        )


@dataclass(frozen=True)
class Deed:
    """What its owner wants done. Written down before the provider is asked, so that a crash in
    between loses no wish; `number` makes the key, and is another one for each deed."""

    kind: Kind
    number: int
    offer: Offer | None = None

    def same(self, other: "Deed") -> bool:
        return (self.kind, self.offer) == (other.kind, other.offer)

    def done(self, billing_status: BillingStatus) -> bool:
        """Whether the provider shows that it was carried out."""
        if self.offer is not None:
            return billing_status.plan_id == self.offer.plan_id
        return billing_status.ends == (self.kind == Kind.CANCEL)


@dataclass(frozen=True)
class Subscription:
    """One user's subscription of one plan. `version` goes up with each write: whoever writes names
    the version that was read before the provider was asked."""

    subscription_id: str
    user_id: str
    offer: Offer
    status: Status
    provider: str
    # Pages begun for it, and the newest one.
    attempt: int
    customer_id: str
    locale: str
    # The shop's address at the time: what is sent to the provider must not change on a repeat.
    shop_url: str
    begun_at: int
    page_ends_at: int
    created_at: int
    session_id: str | None = None
    url: str | None = None
    # At the provider, once it was paid.
    external_id: str | None = None
    item_id: str | None = None
    period_end: int | None = None
    ends: bool = False
    ended_at: int | None = None
    invoices: Sequence[Invoice] = ()
    deed: Deed | None = None
    deeds: int = 0
    version: int = 0
    # When the provider was last asked.
    asked_at: int = 0

    @property
    def over(self) -> bool:
        """For good."""
        return self.status == Status.CANCELLED

    @property
    def waits(self) -> bool:
        """For somebody to pay its page."""
        return self.status == Status.INCOMPLETE and self.external_id is None

    @property
    def runs(self) -> bool:
        """The provider has it, and takes money for it or tries to."""
        return not self.over and self.external_id is not None

    def payable(self, now: int) -> bool:
        return self.waits and now < self.page_ends_at

    @property
    def plans(self) -> frozenset[str]:
        """The plans it takes up: of each of them its user has no other one."""
        if self.over:
            return frozenset()
        wanted = {self.deed.offer.plan_id} if self.deed and self.deed.offer else set()
        return frozenset({self.offer.plan_id, *wanted})

    @property
    def start(self) -> Start:
        """Its newest page, the same to the byte however often it is asked for."""
        page = f"{self.shop_url}/account.html?section=subscriptions"
        return Start(
            subscription_id=self.subscription_id,
            attempt=self.attempt,
            customer_id=self.customer_id,
            terms=self.offer.terms(self.locale),
            locale=self.locale,
            success_url=f"{page}&subscribed={self.subscription_id}",
            cancel_url=page,
            expires_at=self.page_ends_at,
        )

    @property
    def due_at(self) -> int | None:
        """From when on the provider is to be asked; None while nothing is expected of it."""
        if self.over or self.status == Status.EXPIRED:
            return None
        if self.waits or self.deed is not None:
            return max(self.begun_at, self.asked_at) + USUAL_SECONDS
        if self.status in OWING or self.status == Status.INCOMPLETE:
            return self.asked_at + OWING_SECONDS
        over = (self.period_end or self.begun_at) + USUAL_SECONDS
        return over if self.asked_at < over else self.asked_at + OWING_SECONDS

    def key(self, deed: Deed) -> str:
        """The idempotency key of a deed."""
        return f"{deed.kind.lower()}:{self.subscription_id}:{deed.number}"


def subscription_id_of(user_id: str, number: int) -> str:
    """The id of a user's n-th subscription."""
    return derived(SUBSCRIPTION_ID, user_id, number)


def apply_billing_status(
    before: Subscription, billing_status: BillingStatus, *, now: int
) -> Subscription:
    """The subscription after the provider's word; the same word again changes nothing more."""
    status = _OF_STATE[billing_status.state]
    over = status == Status.CANCELLED
    deed = before.deed
    if over or (deed is not None and deed.done(billing_status)):
        deed = None
    return replace(
        before,
        offer=_offer(before, billing_status),
        status=status,
        external_id=billing_status.external_id,
        item_id=billing_status.item_id,
        period_end=billing_status.period_end,
        ends=billing_status.ends and not over,
        ended_at=billing_status.ended_at,
        invoices=_merged(before.invoices, billing_status.invoices, over=over),
        deed=deed,
        url=None,
        asked_at=now,
    )


def _offer(before: Subscription, billing_status: BillingStatus) -> Offer:
    """What it is about: the plan that its owner changed to, once the provider has it. What the shop
    does not know by name keeps its name, at the price that the provider takes."""
    offer, wanted = before.offer, before.deed.offer if before.deed else None
    if wanted is not None and billing_status.plan_id == wanted.plan_id:
        offer = wanted
    return replace(
        offer,
        price=billing_status.price or offer.price,
        interval=billing_status.interval,
        count=billing_status.count,
    )


def _merged(
    known: Sequence[Invoice], newest: Sequence[Invoice], *, over: bool
) -> Sequence[Invoice]:
    """Each invoice once, as it was told last; the newest first."""
    by_id = {each.invoice_id: each for each in (*known, *newest)}
    invoices = sorted(by_id.values(), key=lambda each: (-each.created_at, each.invoice_id))
    if over:
        invoices = [replace(each, pay_url=None) for each in invoices]
    return tuple(invoices[:MOST_INVOICES])


def owed(subscription: Subscription) -> Invoice | None:
    """The newest invoice that its owner can pay by hand."""
    if subscription.status not in (*OWING, Status.INCOMPLETE):
        return None
    unpaid = (InvoiceState.OPEN, InvoiceState.FAILED)
    return next((each for each in subscription.invoices if each.state in unpaid), None)
