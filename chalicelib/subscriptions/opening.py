"""Subscribing: the user's plan is taken first, then its page is begun at the provider.

Both can be repeated: who asks again finds the subscription, and the same page by its key. A page is
closed before the next one is begun, so that nobody pays twice for one subscription.
"""

from dataclasses import dataclass, replace

from chalicelib.catalog import service as catalog
from chalicelib.config import settings
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.parameters import secrets
from chalicelib.payments import customers
from chalicelib.payments.billing_ports import Begun, CustomerGone
from chalicelib.payments.ports import KeySpent, Opened, ProviderRefused, State
from chalicelib.payments.registry import PaymentMethodUnavailable, ready_billing
from chalicelib.subscriptions import rules, tables
from chalicelib.subscriptions.following import expired
from chalicelib.subscriptions.rules import Offer, Status, Subscription, subscription_id_of
from chalicelib.subscriptions.service import PROVIDER, billing_of, offer_of, step

ROUNDS = 4
# All of a user's subscriptions stand in one item.
MOST_OF_A_USER = 500


@dataclass(frozen=True)
class Buyer:
    """Who subscribes. `email` is where receipts go."""

    user_id: str
    email: str
    locale: str


def begin(buyer: Buyer, plan_id: str, currency: str | None, *, now: int) -> Subscription:
    """The user's subscription of a plan, with the page where it is paid while it waits for that;
    asked again, the same.

    Raises PlanNotFound, PlanNotSold, PriceUnavailable, PaymentMethodUnavailable, PaymentMethodOff,
    ProviderBusy (ask again), ProviderFailed.
    """
    offer = offer_of(plan_id, currency)
    if not catalog.shop().takes(PROVIDER, offer.price.currency):
        raise PaymentMethodUnavailable()
    ready_billing(PROVIDER)
    for _ in range(ROUNDS):
        taken = retry_on_conflict(lambda: _take(buyer, offer, now))
        if not taken.waits and taken.status != Status.EXPIRED:
            return taken
        if taken.offer != offer or not taken.payable(now):
            close(taken, now=now)
        elif (found := _with_its_page(taken, now)) is not None:
            return found
    raise ProviderBusy()


def _with_its_page(taken: Subscription, now: int) -> Subscription | None:
    """The subscription with its page; None when another one must be begun."""
    try:
        found = _with_page(taken)
    except KeySpent:
        # Whatever page is behind the key, its address was never told: nobody can pay it.
        _abandon(taken)
    except CustomerGone:
        customers.gone(taken.user_id, taken.customer_id, provider=PROVIDER)
        _abandon(taken)
    except ProviderRefused:
        _abandon(taken)
        raise
    else:
        if found.url is not None or not found.waits:
            return found
        # The provider's page has ended already: a subscription is behind it, or nothing.
        close(found, now=now)
    return None


def close(subscription: Subscription, *, now: int) -> Subscription:
    """Let nobody pay its page any more: it is EXPIRED then, or runs, if somebody was faster."""

    def decide(before: Subscription) -> Subscription | None:
        if not before.waits or before.attempt != subscription.attempt:
            return None
        begun = _closed(before)
        if begun.external_id is None:
            return expired(replace(before, asked_at=now))
        billing_status = billing_of(before).read(begun.external_id)
        return (
            rules.apply_billing_status(before, billing_status, now=now) if billing_status else None
        )

    return step(subscription.subscription_id, decide)


def _take(buyer: Buyer, offer: Offer, now: int) -> Subscription:
    """The user's subscription of the plan, begun now if there is none that waits or runs."""
    known = tables.subscriber(buyer.user_id)
    named = known.current.get(offer.plan_id)
    before = tables.read(named) if named else None
    if before is not None and before.status != Status.EXPIRED and not before.over:
        return before
    customer_id = customers.customer_of(buyer.user_id, buyer.email, provider=PROVIDER)
    ends_at = now + settings().payment_session_minutes * 60
    if before is not None and not before.over:
        after = replace(
            before,
            offer=offer,
            status=Status.INCOMPLETE,
            attempt=before.attempt + 1,
            customer_id=customer_id,
            locale=buyer.locale,
            shop_url=secrets().required("shop/url"),
            begun_at=now,
            page_ends_at=ends_at,
            session_id=None,
            url=None,
            version=before.version + 1,
        )
        ids = list(known.ids)
    else:
        # One that is over stays as it is; this is another.
        before = None
        if len(known.ids) >= MOST_OF_A_USER:
            raise rules.TooManySubscriptions()
        subscription_id = subscription_id_of(buyer.user_id, len(known.ids) + 1)
        ids = [*known.ids, subscription_id]
        after = Subscription(
            subscription_id=subscription_id,
            user_id=buyer.user_id,
            offer=offer,
            status=Status.INCOMPLETE,
            provider=PROVIDER,
            attempt=1,
            customer_id=customer_id,
            locale=buyer.locale,
            shop_url=secrets().required("shop/url"),
            begun_at=now,
            page_ends_at=ends_at,
            created_at=now,
        )
    current = {**known.current, offer.plan_id: after.subscription_id}
    with Transaction() as tx:
        tables.put(tx, after, before)
        tables.put_subscriber(tx, replace(known, current=current, ids=ids), known)
    return after


def _with_page(taken: Subscription) -> Subscription:
    """The subscription with its page, begun or found."""
    if taken.session_id is not None:
        return taken
    try:
        opened = billing_of(taken).open(taken.start)
    except ProviderBusy as error:
        # One key, one call at a time: another click of the same user may be opening this page.
        found = tables.read(taken.subscription_id)
        if isinstance(error, KeySpent) or found is None or found.url is None:
            raise
        return found
    return step(taken.subscription_id, lambda before: _opened(before, taken, opened))


def _opened(before: Subscription, taken: Subscription, opened: Opened) -> Subscription | None:
    """The page is written down, unless it was paid, or another one is begun, meanwhile."""
    if not before.waits or before.attempt != taken.attempt or before.session_id is not None:
        return None
    return replace(before, session_id=opened.session_id, url=opened.url or None)


def _closed(before: Subscription) -> Begun:
    """What became of its page, which nobody can pay any more. When the answer that told the page
    was lost, its key finds it again; refused, there never was one."""
    session_id = before.session_id
    if session_id is None:
        try:
            session_id = billing_of(before).open(before.start).session_id
        except (ProviderRefused, KeySpent):
            return Begun(State.ENDED)
    return billing_of(before).close(session_id)


def _abandon(taken: Subscription) -> Subscription:
    """This page can't be had; the next one is another."""

    def decide(before: Subscription) -> Subscription | None:
        same = before.attempt == taken.attempt and before.session_id is None
        return expired(before) if before.waits and same else None

    return step(taken.subscription_id, decide)
