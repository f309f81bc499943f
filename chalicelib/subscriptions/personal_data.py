"""What subscriptions keep about a person: which plans they have, and where they pay.

Who removes their account must never be charged again: what runs is ended at once, not at the end of
its period, and a page that waits is closed. Amounts and periods stay under the account's id, which
means nobody any more.
"""

from dataclasses import replace
from typing import Any

from chalicelib.kernel.messaging import rows
from chalicelib.kernel.personal_data import Person
from chalicelib.subscriptions import opening, schemas, service
from chalicelib.subscriptions.following import refresh
from chalicelib.subscriptions.rules import Subscription

LOCALE = "en"


def export(person: Person, *, now: int) -> list[dict[str, Any]]:
    """The person's subscriptions as they see them, the newest first."""
    found = service.of_user(person.user_id)
    return [schemas.SubscriptionAnswer.of(one, LOCALE, now=now).wire() for one in found]


def erase(person: Person, *, now: int) -> bool:
    """End all that runs or waits, each by itself, and forget where it is paid."""
    going_on = []

    def handle(one: Subscription) -> None:
        if not _forget(one, now):
            going_on.append(one.subscription_id)

    found = service.of_user(person.user_id)
    done = rows.work_off(
        "erase-subscriptions", found, handle=handle, key=lambda one: one.subscription_id
    )
    return done.complete and not going_on


def _forget(subscription: Subscription, now: int) -> bool:
    if subscription.waits:
        # Through the provider: who pays in this moment has subscribed, and is ended below.
        subscription = opening.close(subscription, now=now)
    if subscription.runs and subscription.external_id is not None:
        service.billing_of(subscription).end(subscription.external_id)
        subscription = refresh(subscription.subscription_id, now=now)
    service.step(subscription.subscription_id, _without_pages)
    return not (subscription.runs or subscription.waits)


def _without_pages(before: Subscription) -> Subscription:
    invoices = tuple(replace(each, pay_url=None) for each in before.invoices)
    return replace(before, url=None, invoices=invoices)
