"""Cancelling, resuming and changing the plan of what runs.

The wish is written down first, with the number that makes its key, then the provider is asked, then
its answer is read. Whoever asks again, or finds the wish after a crash, goes on with it under the
same key.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments.ports import KeySpent, ProviderRefused
from chalicelib.subscriptions import opening, tables
from chalicelib.subscriptions.following import refresh
from chalicelib.subscriptions.rules import (
    AlreadySubscribed,
    Deed,
    Kind,
    Status,
    Subscription,
    SubscriptionNotActive,
    SubscriptionNotThereYet,
    SubscriptionRefused,
)
from chalicelib.subscriptions.service import billing_of, offer_of, read_for, step, write

ROUNDS = 4


def cancel(subscription_id: str, user_id: str, *, now: int) -> Subscription:
    """It is over at the end of its period; one that nobody paid yet is over at once."""
    found = read_for(subscription_id, user_id)
    if found.waits:
        found = opening.close(found, now=now)
    if not found.runs:
        return found
    return _do(found, lambda one: Deed(Kind.CANCEL, one.deeds + 1), now=now)


def resume(subscription_id: str, user_id: str, *, now: int) -> Subscription:
    """It goes on after its period. Raises SubscriptionNotActive for one that is over."""
    found = read_for(subscription_id, user_id)
    if not found.runs:
        raise SubscriptionNotActive()
    return _do(found, lambda one: Deed(Kind.RESUME, one.deeds + 1), now=now)


def change(subscription_id: str, user_id: str, plan_id: str, *, now: int) -> Subscription:
    """Another plan from now on, in the same currency; the provider reckons up what is paid.

    Raises SubscriptionNotActive, PlanNotFound, PlanNotSold, PriceUnavailable, AlreadySubscribed.
    """
    found = read_for(subscription_id, user_id)
    if not found.runs or found.status == Status.INCOMPLETE:
        raise SubscriptionNotActive()
    if plan_id == found.offer.plan_id and found.deed is None:
        return found
    offer = offer_of(plan_id, found.offer.price.currency)
    _free(user_id, plan_id, found.subscription_id, now=now)
    return _do(found, lambda one: Deed(Kind.CHANGE, one.deeds + 1, offer), now=now)


def go_on(subscription: Subscription, *, now: int) -> Subscription:
    """Carry out what is written down and was cut off."""
    deed = subscription.deed
    return subscription if deed is None else _carry_out(subscription, deed, now=now)


def _do(
    subscription: Subscription, wanted: Callable[[Subscription], Deed], *, now: int
) -> Subscription:
    """Have a deed done, after the one before it."""
    for _ in range(ROUNDS):
        # As it is now: what was changed in the provider's own pages counts as well.
        found = refresh(subscription.subscription_id, now=now)
        if not found.runs:
            return _too_late(found, wanted(found))
        wish = wanted(found)
        if found.deed is not None and not found.deed.same(wish):
            _carry_out(found, found.deed, now=now)
            continue
        if found.deed is None:
            if _is_so(found, wish):
                return found
            found = _write_down(found.subscription_id, wanted)
        if found.deed is not None and found.deed.same(wish):
            return _carry_out(found, found.deed, now=now)
    raise ProviderBusy()


def _too_late(found: Subscription, wish: Deed) -> Subscription:
    if wish.kind == Kind.CANCEL:
        return found
    raise SubscriptionNotActive()


def _is_so(found: Subscription, wish: Deed) -> bool:
    if wish.offer is not None:
        return found.offer.plan_id == wish.offer.plan_id
    return found.ends == (wish.kind == Kind.CANCEL)


def _write_down(subscription_id: str, wanted: Callable[[Subscription], Deed]) -> Subscription:
    """The wish stands in the subscription, and the plan it is for is taken."""

    def attempt() -> Subscription:
        before = tables.read(subscription_id)
        if before is None:
            raise SubscriptionNotThereYet(subscription_id)
        if before.deed is not None or not before.runs:
            return before
        wish = wanted(before)
        if wish.offer is not None:
            _require_free(before, wish.offer.plan_id)
        after = replace(before, deed=wish, deeds=wish.number, version=before.version + 1)
        with Transaction() as tx:
            write(tx, before, after)
        return after

    return retry_on_conflict(attempt)


def _require_free(subscription: Subscription, plan_id: str) -> None:
    """Raises AlreadySubscribed while another one of the user's has the plan. What is read here
    holds when it is written: taking a plan moves the user's own item, which `write` names."""
    named = tables.subscriber(subscription.user_id).current.get(plan_id)
    if named in (None, subscription.subscription_id):
        return
    other = tables.read(str(named))
    if other is not None and other.status != Status.EXPIRED and not other.over:
        raise AlreadySubscribed()


def _free(user_id: str, plan_id: str, subscription_id: str, *, now: int) -> None:
    """A page of that plan that waits to be paid is closed: its user has decided otherwise."""
    named = tables.subscriber(user_id).current.get(plan_id)
    other = tables.read(named) if named and named != subscription_id else None
    if other is not None and other.waits:
        opening.close(other, now=now)


def _carry_out(subscription: Subscription, deed: Deed, *, now: int) -> Subscription:
    """Ask the provider; the subscription as it is afterwards."""
    try:
        _ask(subscription, deed)
    except KeySpent:
        deed = _renumbered(subscription, deed)
        _ask(subscription, deed)
    except ProviderRefused:
        _drop(subscription, deed)
        found = refresh(subscription.subscription_id, now=now)
        if found.runs:
            raise SubscriptionRefused() from None
        return _too_late(found, deed)
    found = refresh(subscription.subscription_id, now=now)
    # Done, says the provider, whatever it shows since: somebody may have undone it there.
    return _drop(found, deed) if found.deed is not None else found


def _ask(subscription: Subscription, deed: Deed) -> None:
    billing, key = billing_of(subscription), subscription.key(deed)
    external_id, item_id = subscription.external_id, subscription.item_id
    if external_id is None or item_id is None:
        raise ProviderRefused()
    if deed.offer is not None:
        terms = deed.offer.terms(subscription.locale)
        billing.change(external_id, item_id, terms, key=key)
    else:
        billing.set_ending(external_id, deed.kind == Kind.CANCEL, key=key)


def _renumbered(subscription: Subscription, deed: Deed) -> Deed:
    """The same wish under another key: this one's answer is an error for good."""

    def decide(before: Subscription) -> Subscription | None:
        if before.deed != deed:
            return None
        number = before.deeds + 1
        return replace(before, deed=replace(deed, number=number), deeds=number)

    found = step(subscription.subscription_id, decide).deed
    if found is None or not found.same(deed):
        raise ProviderBusy()
    return found


def _drop(subscription: Subscription, deed: Deed) -> Subscription:
    def decide(before: Subscription) -> Subscription | None:
        same = before.deed is not None and before.deed.number == deed.number
        return replace(before, deed=None) if same else None

    return step(subscription.subscription_id, decide)
