"""Requests and answers of subscriptions."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.catalog.rules import Plan
from chalicelib.kernel import clock
from chalicelib.kernel.i18n import localised
from chalicelib.kernel.web.schema import Body, Id, MoneyAnswer, Query, Wire
from chalicelib.payments.billing_ports import Invoice, InvoiceState
from chalicelib.subscriptions.rules import Status, Subscription, owed

# Of its periods, what one answer shows.
MOST_SHOWN = 24
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Interval = Literal["day", "week", "month", "year"]


class Subscribe(Body):
    """What to subscribe to; in the shop's currency where none is named."""

    plan_id: Id
    currency: Currency | None = None


class ChangePlan(Body):
    """What to have instead."""

    plan_id: Id


class PlansQuery(Query):
    currency: Currency | None = None


class PlanAnswer(Wire):
    """What can be subscribed to, at a price that comes again."""

    id: str
    name: str
    price: MoneyAnswer
    interval: Interval
    interval_count: Annotated[int, Field(ge=1)]

    @classmethod
    def of(cls, plan: Plan, currency: str, locale: str) -> "PlanAnswer":
        return cls.model_validate(
            {
                "id": plan.id,
                "name": localised(plan.name, locale),
                "price": MoneyAnswer.of(plan.price(currency)),
                "intervalCount": plan.count,
                "interval": plan.interval,
            }
        )


class PlanList(Wire):
    """What can be subscribed to in a currency."""

    items: list[PlanAnswer]

    @classmethod
    def of(cls, plans: Sequence[Plan], currency: str, locale: str) -> "PlanList":
        sold = [plan for plan in plans if currency in plan.prices]
        return cls(items=[PlanAnswer.of(plan, currency, locale) for plan in sold])


class InvoiceAnswer(Wire):
    """One period: what it cost, whether that was paid, until when it runs."""

    id: str
    status: InvoiceState
    amount: MoneyAnswer
    period_end: str
    created_at: str

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceAnswer":
        return cls(
            id=invoice.invoice_id,
            status=invoice.state,
            amount=MoneyAnswer.of(invoice.amount),
            period_end=clock.iso(invoice.period_end),
            created_at=clock.iso(invoice.created_at),
        )


class SubscriptionAnswer(Wire):
    """A subscription as its owner sees it."""

    id: str
    plan_id: str
    name: str
    status: Status
    price: MoneyAnswer
    interval: Interval
    interval_count: int
    # Where to pay: its first page while that waits, or what is owed.
    url: str | None
    current_period_end: str | None
    # It is not renewed after that.
    cancel_at_period_end: bool
    # The plan that was asked for, until the provider has it.
    changing_to: str | None
    created_at: str
    ended_at: str | None
    invoices: list[InvoiceAnswer]

    @classmethod
    def of(cls, one: Subscription, locale: str, *, now: int) -> "SubscriptionAnswer":
        offer, debt = one.offer, owed(one)
        wanted = one.deed.offer if one.deed else None
        return cls.model_validate(
            {
                "id": one.subscription_id,
                "planId": offer.plan_id,
                "name": localised(offer.name, locale),
                "status": one.status,
                "price": MoneyAnswer.of(offer.price),
                "interval": offer.interval,
                "intervalCount": offer.count,
                "url": one.url if one.payable(now) else debt and debt.pay_url,
                "currentPeriodEnd": _iso(one.period_end),
                "cancelAtPeriodEnd": one.ends,
                "changingTo": wanted.plan_id if wanted else None,
                "createdAt": clock.iso(one.created_at),
                "endedAt": _iso(one.ended_at),
                "invoices": [InvoiceAnswer.of(each) for each in one.invoices[:MOST_SHOWN]],
            }
        )


class SubscriptionList(Wire):
    """The caller's subscriptions, the newest first."""

    items: list[SubscriptionAnswer]

    @classmethod
    def of(cls, found: Sequence[Subscription], locale: str, *, now: int) -> "SubscriptionList":
        return cls(items=[SubscriptionAnswer.of(one, locale, now=now) for one in found])


def _iso(seconds: int | None) -> str | None:
    return None if seconds is None else clock.iso(seconds)
