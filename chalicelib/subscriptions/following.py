"""What the provider says of subscriptions, by webhooks or asked: it is read there, written here.

A webhook only says that something happened. So it does not matter in which order they come, how
often, or which of them are lost.
"""

from dataclasses import replace

from chalicelib.kernel import telemetry
from chalicelib.kernel.db.transaction import ExtraWrites
from chalicelib.kernel.ids import is_derived
from chalicelib.payments.billing_ports import BillingStatus
from chalicelib.payments.ports import Event, State
from chalicelib.payments.registry import ready_billing
from chalicelib.payments.rules import SUBSCRIPTION_ID
from chalicelib.subscriptions import rules
from chalicelib.subscriptions.rules import Status, Subscription
from chalicelib.subscriptions.service import PROVIDER, billing_of, step


def handle_event(event: Event, *, now: int, extra_writes: ExtraWrites | None = None) -> bool:
    """Make of a subscription what a webhook tells; False for one that is none of the shop's.

    Raises SubscriptionNotThereYet and what the provider raises.
    """
    named = event.reference
    if named is None and event.external_id is not None:
        # Not every webhook carries our name for it; the subscription does.
        billing_status = ready_billing(PROVIDER).read(event.external_id)
        named = billing_status.subscription_id if billing_status else None
    if named is None or not is_derived(named, SUBSCRIPTION_ID):
        # Somebody else's, who sells through the same account.
        return False
    refresh(named, external_id=event.external_id, now=now, extra_writes=extra_writes)
    return True


def refresh(
    subscription_id: str,
    *,
    external_id: str | None = None,
    now: int,
    extra_writes: ExtraWrites | None = None,
) -> Subscription:
    """Ask how a subscription stands, and write it down. `external_id` is the provider's, where
    somebody told it; else it is found behind the page."""

    def decide(before: Subscription) -> Subscription | None:
        if before.external_id and external_id and before.external_id != external_id:
            _end_stranger(before, external_id)
        known = before.external_id or external_id
        if known is not None:
            return _with_billing_status(before, known, now)
        return _of_page(before, now)

    return step(subscription_id, decide, extra_writes=extra_writes)


def _of_page(before: Subscription, now: int) -> Subscription | None:
    """What became of a page that nobody has heard of."""
    if not before.waits or before.session_id is None:
        return None
    begun = billing_of(before).page(before.session_id)
    if begun.external_id is not None:
        return _with_billing_status(before, begun.external_id, now)
    asked = replace(before, asked_at=now)
    return asked if begun.state == State.OPEN else expired(asked)


def _with_billing_status(before: Subscription, external_id: str, now: int) -> Subscription:
    billing_status = _billing_status(before, external_id)
    if billing_status is None:
        return replace(before, asked_at=now)
    return rules.apply_billing_status(before, billing_status, now=now)


def expired(before: Subscription) -> Subscription:
    """Nobody paid its page, and nobody can any more."""
    return replace(before, status=Status.EXPIRED, url=None)


def _billing_status(before: Subscription, external_id: str) -> BillingStatus | None:
    """The provider's word, if that is about this very subscription."""
    billing_status = billing_of(before).read(external_id)
    if billing_status is None or billing_status.subscription_id not in (
        None,
        before.subscription_id,
    ):
        telemetry.logger().error(
            "not this subscription", extra={"subscription_id": before.subscription_id}
        )
        return None
    return billing_status


def _end_stranger(before: Subscription, external_id: str) -> None:
    """Two were begun for one, though each page is closed before the next one is made. The second
    one must not go on taking money; what it took is for a person to give back."""
    billing_status = billing_of(before).read(external_id)
    if billing_status is None or billing_status.subscription_id != before.subscription_id:
        return
    telemetry.logger().error(
        "paid twice for one subscription", extra={"subscription_id": before.subscription_id}
    )
    billing_of(before).end(external_id)
