"""Subscriptions, and which of them a user has.

Access patterns
    read   a subscription             Get     subscriptions (subscription_id), consistent
    read   what is to be asked about  Query   subscriptions by_due (due_shard, due_at), sparse: to
                                              find, never to decide
    write  begin, follow, change      Put     conditional on the version that was read
    read   whose they are             Get     subscribers (user_id), consistent: all of a user's
    write  take or free a plan        Update  subscribers, conditional on its version, in one
                                              transaction with the subscription

A user's plans stand in one item, so that "one of a plan" is one condition.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import KeysOnlyProjection

from chalicelib.kernel import ids
from chalicelib.kernel.db import dynamo, mapping
from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.db.values import PlainList, PlainMap
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.money import Money
from chalicelib.payments.billing_ports import Invoice, InvoiceState
from chalicelib.subscriptions.rules import Deed, Kind, Offer, Subscription

DUE_SHARDS = 4


class ByDue(Index["SubscriptionItem"]):
    class Meta:
        index_name = "by_due"
        projection = KeysOnlyProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_at = NumberAttribute(range_key=True)


class SubscriptionItem(Document):
    class Meta:
        table = "subscriptions"

    subscription_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    # plan_id, name, amount, currency, interval, count: as they were when it was taken.
    offer = PlainMap()
    status = UnicodeAttribute()
    provider = UnicodeAttribute()
    attempt = NumberAttribute()
    customer_id = UnicodeAttribute()
    locale = UnicodeAttribute()
    shop_url = UnicodeAttribute()
    begun_at = NumberAttribute()
    page_ends_at = NumberAttribute()
    created_at = NumberAttribute()
    session_id = UnicodeAttribute(null=True)
    url = UnicodeAttribute(null=True)
    # The provider's ids of it and of what is subscribed to.
    external_id = UnicodeAttribute(null=True)
    item_id = UnicodeAttribute(null=True)
    period_end = NumberAttribute(null=True)
    ends = BooleanAttribute(default=False)
    ended_at = NumberAttribute(null=True)
    # The newest first: invoice_id, state, amount, currency, period_end, created_at, pay_url.
    invoices = PlainList(default=list)
    # What its owner wants done and the provider has not said yes to: kind, number, offer.
    deed = PlainMap(null=True)
    deeds = NumberAttribute(default=0)
    version = NumberAttribute(default=0)
    asked_at = NumberAttribute(default=0)
    # While the provider is to be asked some time.
    due_shard = UnicodeAttribute(null=True)
    due_at = NumberAttribute(null=True)

    by_due = ByDue()

    def as_subscription(self) -> Subscription:
        return mapping.loaded(
            Subscription,
            self,
            offer=_offer(self.offer),
            invoices=tuple(_invoice(each) for each in self.invoices),
            deed=_deed(self.deed),
        )


class SubscriberItem(Document):
    """`current` names the subscription of each plan that a user has, `ids` are all there were."""

    class Meta:
        table = "subscribers"

    user_id = UnicodeAttribute(hash_key=True)
    current = PlainMap(default=dict)
    ids = PlainList(default=list)
    version = NumberAttribute(default=0)


@dataclass(frozen=True)
class Subscriber:
    """What a user has subscribed to; version 0 has not been written yet."""

    user_id: str
    current: Mapping[str, str]
    ids: Sequence[str]
    version: int


def read(subscription_id: str) -> Subscription | None:
    item = dynamo.get(SubscriptionItem, subscription_id)
    return item.as_subscription() if item else None


def read_many(subscription_ids: Sequence[str]) -> list[Subscription]:
    """Those that exist, the newest first."""
    found = [each.as_subscription() for each in dynamo.get_many(SubscriptionItem, subscription_ids)]
    return sorted(found, key=lambda one: (-one.created_at, one.subscription_id))


def subscriber(user_id: str) -> Subscriber:
    item = dynamo.get(SubscriberItem, user_id)
    if item is None:
        return Subscriber(user_id, {}, (), 0)
    return Subscriber(user_id, item.current, item.ids, int(item.version))


def due(now: int, *, most: int) -> list[Iterator[str]]:
    """What is to be asked about, as far as the index knows: of each shard `most`, in turns."""
    shards = rows.sources_in_turns([f"{shard:02d}" for shard in range(DUE_SHARDS)])
    return [_due_in(shard, now, most) for shard in shards]


def _due_in(shard: str, now: int, most: int) -> Iterator[str]:
    # The key alone: a row that can't be read must not end the list.
    keys = SubscriptionItem.by_due.query(
        shard, SubscriptionItem.due_at <= now, attributes_to_get=["subscription_id"]
    )
    yield from rows.in_turns((key.subscription_id for key in keys), most=most)


def put(tx: Transaction, after: Subscription, before: Subscription | None) -> None:
    """Write a subscription: a new one once, else unless it has moved since it was read."""
    known: Condition = SubscriptionItem.subscription_id.does_not_exist()
    if before is not None:
        known = SubscriptionItem.version == before.version
    tx.put(_item(after), condition=known, on_condition_failed=StaleState())


def put_subscriber(tx: Transaction, after: Subscriber, before: Subscriber) -> None:
    """Write what a user has, unless that has moved since it was read."""
    known: Condition = SubscriberItem.user_id.does_not_exist()
    if before.version:
        known = SubscriberItem.version == before.version
    item = SubscriberItem(
        after.user_id, current=after.current, ids=after.ids, version=before.version + 1
    )
    tx.put(item, condition=known, on_condition_failed=StaleState())


def _item(one: Subscription) -> SubscriptionItem:
    due_at = one.due_at
    return SubscriptionItem(
        **mapping.plain(one, without=("offer", "invoices", "deed")),
        offer=_stored(one.offer),
        invoices=[_stored(each) for each in one.invoices],
        deed=_stored(one.deed) if one.deed else None,
        due_shard=None if due_at is None else ids.shard(one.subscription_id, DUE_SHARDS),
        due_at=due_at,
    )


def _stored(value: Offer | Deed | Invoice) -> dict[str, Any]:
    if isinstance(value, Offer):
        return {
            "plan_id": value.plan_id,
            "name": dict(value.name),
            "amount": value.price.amount,
            "currency": value.price.currency,
            "interval": value.interval,
            "count": value.count,
        }
    if isinstance(value, Deed):
        offer = _stored(value.offer) if value.offer else None
        return {"kind": str(value.kind), "number": value.number, "offer": offer}
    return {
        "invoice_id": value.invoice_id,
        "state": str(value.state),
        "amount": value.amount.amount,
        "currency": value.amount.currency,
        "period_end": value.period_end,
        "created_at": value.created_at,
        "pay_url": value.pay_url,
    }


def _offer(stored: Mapping[str, Any]) -> Offer:
    price = Money(stored["amount"], stored["currency"])
    return Offer(stored["plan_id"], stored["name"], price, stored["interval"], stored["count"])


def _deed(stored: Mapping[str, Any] | None) -> Deed | None:
    if stored is None:
        return None
    offer = _offer(stored["offer"]) if stored["offer"] else None
    return Deed(Kind(stored["kind"]), stored["number"], offer)


def _invoice(stored: Mapping[str, Any]) -> Invoice:
    return Invoice(
        stored["invoice_id"],
        InvoiceState(stored["state"]),
        Money(stored["amount"], stored["currency"]),
        stored["period_end"],
        stored["created_at"],
        stored["pay_url"],
    )
