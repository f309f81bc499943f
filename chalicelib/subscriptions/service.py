"""What all of subscribing stands on: the plans, reading, and the one way to write."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.catalog import service as catalog
from chalicelib.catalog.rules import Plan
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction, retry_on_conflict
from chalicelib.payments.billing_ports import Billing
from chalicelib.payments.registry import ready_billing
from chalicelib.subscriptions import tables
from chalicelib.subscriptions.rules import (
    Offer,
    PlanNotFound,
    PlanNotSold,
    Subscription,
    SubscriptionNotFound,
    SubscriptionNotThereYet,
)
from chalicelib.subscriptions.tables import Subscriber

PROVIDER = "stripe"

# Adds a write of its own to a step's transaction, e.g. the webhook's log row.


def plans_in(currency: str | None) -> tuple[Sequence[Plan], str]:
    """What can be subscribed to now, and in which currency: the shop's where none is named."""
    shop = catalog.shop()
    return [plan for plan in shop.plans if plan.sold], currency or shop.currency


def offer_of(plan_id: str, currency: str | None) -> Offer:
    """A plan as it is sold now. Raises PlanNotFound, PlanNotSold or PriceUnavailable."""
    shop = catalog.shop()
    plan = shop.plan(plan_id)
    if plan is None:
        raise PlanNotFound()
    if not plan.sold:
        raise PlanNotSold()
    price = plan.price(currency or shop.currency)
    return Offer(plan.id, plan.name, price, plan.interval, plan.count)


def of_user(user_id: str) -> Sequence[Subscription]:
    """All that a user has or had, the newest first."""
    return tables.read_many(tables.subscriber(user_id).ids)


def read_for(subscription_id: str, user_id: str) -> Subscription:
    """A user's own subscription. Raises SubscriptionNotFound, whatever is wrong."""
    found = tables.read(subscription_id)
    if found is None or found.user_id != user_id:
        raise SubscriptionNotFound()
    return found


def billing_of(subscription: Subscription) -> Billing:
    return ready_billing(subscription.provider)


def step(
    subscription_id: str,
    decide: Callable[[Subscription], Subscription | None],
    *,
    extra_writes: ExtraWrites | None = None,
) -> Subscription:
    """Read a subscription, `decide` what becomes of it, write that unless it moved meanwhile; then
    all of it once more. Whatever the provider is asked in `decide` is asked after the reading, so
    that an old answer never overwrites a newer one. None writes nothing.

    Raises SubscriptionNotThereYet.
    """

    def attempt() -> Subscription:
        before = tables.read(subscription_id)
        if before is None:
            raise SubscriptionNotThereYet(subscription_id)
        after = decide(before)
        with Transaction() as tx:
            if after is not None:
                # Even if nothing else changed: whoever asked the provider before must ask again.
                after = replace(after, version=before.version + 1)
                write(tx, before, after)
            if extra_writes:
                extra_writes(tx)
        return after or before

    return retry_on_conflict(attempt)


def write(tx: Transaction, before: Subscription, after: Subscription) -> None:
    """Write a subscription with the plans it takes up or frees; StaleState when either has
    moved."""
    tables.put(tx, after, before)
    if before.plans != after.plans:
        known = tables.subscriber(after.user_id)
        tables.put_subscriber(tx, _holding(known, after), known)


def _holding(known: Subscriber, after: Subscription) -> Subscriber:
    others = {
        plan: named for plan, named in known.current.items() if named != after.subscription_id
    }
    return replace(known, current={**others, **dict.fromkeys(after.plans, after.subscription_id)})
