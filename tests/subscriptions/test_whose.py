"""Whose a webhook is: a subscription's of ours, an order's, nobody's."""

import pytest

from chalicelib.kernel import clock
from chalicelib.payments.providers.stripe import provider, webhooks
from chalicelib.payments.rules import WebhookStatus
from chalicelib.settlement import reconcile
from chalicelib.subscriptions import following, tables
from chalicelib.subscriptions.rules import Status, SubscriptionNotThereYet
from chalicelib.webhooks import inbox
from chalicelib.webhooks.tables import WebhookItem
from tests import factory


def logged(event: dict) -> WebhookItem:
    return inbox.read(inbox.derived("whk", "stripe", event["id"]))


def of_type(events: list[dict], kind: str) -> dict:
    return next(event for event in events if event["type"] == kind)


# ---- whose it is ----


def test_an_event_that_is_faster_than_its_subscription_comes_again(subs, ada):
    begun = subs.begin(ada)
    events = subs.pay(begun)
    kept = tables.SubscriptionItem.get(begun.subscription_id)
    kept.delete()
    event = of_type(events, "invoice.paid")
    subs.shop.deliver(event)
    assert len(subs.shop.work()) == 1
    assert logged(event).status == WebhookStatus.FAILED
    kept.save()
    clock.shift(10)
    subs.hear([event])
    assert subs.read(begun).status == Status.ACTIVE
    assert logged(event).status == WebhookStatus.SUCCESS


def test_a_subscription_that_nobody_began_is_never_there(subs):
    with pytest.raises(SubscriptionNotThereYet):
        following.refresh("sub_none", now=clock.now())


def test_an_invoice_that_does_not_name_us_is_traced_by_its_subscription(subs, ada):
    begun = subs.begin(ada)
    event = of_type(subs.pay(begun), "invoice.paid")
    event["data"]["object"]["parent"]["subscription_details"]["metadata"] = None
    subs.hear([event])
    assert subs.read(begun).status == Status.ACTIVE


def test_a_subscription_of_another_shop_is_ignored(subs):
    event = {
        "id": "evt_foreign",
        "object": "event",
        "type": "customer.subscription.updated",
        "livemode": False,
        "data": {"object": {"id": "sub_foreign", "object": "subscription", "metadata": {}}},
    }
    asked = len(subs.sandbox.requests())
    assert subs.shop.deliver(event).status_code == 200
    assert subs.shop.waiting() == 0
    assert len(subs.sandbox.requests()) == asked, "its metadata say that it is not the shop's"


@pytest.mark.parametrize("theirs", [{}, {"subscription_id": "10045"}], ids=str)
def test_a_strangers_subscription_that_has_to_be_asked_about_is_ignored_then(subs, ada, theirs):
    subs.active(ada)
    (first,) = subs.at_stripe("subscriptions")
    stranger = {**first, "id": "sub_theirs", "metadata": theirs}
    subs.sandbox.world.store.put("stripe.subscription", stranger)
    details = {"subscription_details": {"subscription": "sub_theirs", "metadata": None}}
    event = {
        "id": "evt_theirs",
        "type": "invoice.paid",
        "livemode": False,
        "data": {"object": {"id": "in_1", "parent": details}},
    }
    subs.hear([event])
    with pytest.raises(inbox.WebhookNotFound):
        logged(event)


@pytest.mark.parametrize(
    "subject",
    [
        {},
        {"id": None, "metadata": None},
        {"parent": "junk", "metadata": "junk"},
        {"parent": {"subscription_details": ["junk"]}},
        {"mode": "subscription", "metadata": []},
        {"mode": "subscription", "subscription": {"id": 5}, "client_reference_id": "junk"},
    ],
)
@pytest.mark.parametrize(
    "kind", ["customer.subscription.deleted", "invoice.paid", "checkout.session.completed"]
)
def test_junk_harms_nobody(subs, ada, subject, kind):
    active = subs.active(ada)
    # A session of no mode is a payment's, which another test looks at.
    subject = {"mode": "subscription", **subject}
    event = {"id": "evt_junk", "type": kind, "livemode": False, "data": {"object": subject}}
    subs.shop.deliver(event)
    subs.shop.work()
    assert subs.read(active) == active


def test_a_second_subscription_for_one_is_ended_at_once(subs, ada):
    active = subs.active(ada)
    store = subs.sandbox.world.store
    first = subs.at_stripe("subscriptions")[0]
    store.put("stripe.subscription", {**first, "id": "sub_second"})
    event = {
        "id": "evt_second",
        "type": "customer.subscription.created",
        "livemode": False,
        "data": {"object": {**first, "id": "sub_second"}},
    }
    subs.hear([event])
    states = {one["id"]: one["status"] for one in subs.at_stripe("subscriptions")}
    assert states == {first["id"]: "active", "sub_second": "canceled"}
    assert subs.read(active).external_id == first["id"]


def test_control_without_that_look_the_second_one_goes_on_taking_money(subs, ada, monkeypatch):
    active = subs.active(ada)
    (first,) = subs.at_stripe("subscriptions")
    second = {**first, "id": "sub_second"}
    subs.sandbox.world.store.put("stripe.subscription", second)
    event = {
        "id": "evt_second",
        "type": "customer.subscription.created",
        "livemode": False,
        "data": {"object": second},
    }
    monkeypatch.setattr(following, "_end_stranger", lambda before, external_id: None)
    subs.hear([event])
    assert {one["status"] for one in subs.at_stripe("subscriptions")} == {"active"}
    assert subs.read(active).external_id == first["id"]


# ---- no order's payment ----


def test_a_subscriptions_session_pays_no_order(subs, ada):
    """Not even if it names one."""
    subs.shop.sell("mug", stock=5)
    placed = subs.shop.buy({"mug": 1})
    begun = subs.begin(ada)
    event = of_type(subs.pay(begun), "checkout.session.completed")
    event["data"]["object"] |= {
        "client_reference_id": placed.order.order_id,
        "amount_total": placed.order.total.amount,
        "id": subs.shop.session_of(placed)["id"],
    }
    event["data"]["object"]["metadata"]["payment_id"] = placed.order.payment_id
    subs.hear([event])
    assert factory.stock("mug")["sold"] == 0
    assert logged(event).status == WebhookStatus.SUCCESS


def test_control_without_the_look_at_the_mode_it_would(subs, ada, monkeypatch):
    subs.shop.sell("mug", stock=5)
    placed = subs.shop.buy({"mug": 1})
    event = of_type(subs.pay(subs.begin(ada)), "checkout.session.completed")
    event["data"]["object"] |= {
        "client_reference_id": placed.order.order_id,
        "metadata": {"payment_id": placed.order.payment_id},
        "amount_total": placed.order.total.amount,
        "id": subs.shop.session_of(placed)["id"],
    }
    monkeypatch.setattr(webhooks.billed, "event_of", lambda event: None)
    subs.hear([event])
    assert factory.stock("mug")["sold"] == 1


def test_an_orders_session_begins_no_subscription(subs, ada):
    begun = subs.begin(ada)
    subs.shop.sell("mug", stock=5)
    placed = subs.shop.buy({"mug": 1})
    for event in subs.shop.pay(placed):
        subject = event["data"]["object"]
        subject["metadata"] = {**subject["metadata"], "subscription_id": begun.subscription_id}
        subs.hear([event])
    assert subs.read(begun).status == Status.INCOMPLETE
    assert factory.stock("mug")["sold"] == 1


def test_what_subscriptions_bring_is_no_difference_of_the_orders_books(subs, ada):
    subs.active(ada)
    assert reconcile.compare(clock.now(), days=1, names=["stripe"]).differences == []


def test_control_without_the_look_at_the_mode_it_would_be_money_nobody_knows(
    subs, ada, monkeypatch
):
    subs.active(ada)
    monkeypatch.setattr(provider, "ORDERS", {"payment", "subscription"})
    (found,) = reconcile.compare(clock.now(), days=1, names=["stripe"]).differences
    assert found.kind == reconcile.Found.UNKNOWN


def test_the_log_keeps_nothing_that_opens_or_names(subs, ada):
    active = subs.active(ada)
    event = of_type(subs.befall(active, "fail-renewal"), "invoice.payment_failed")
    event["data"]["object"] |= {"customer_email": ada.email, "customer_name": "Ada"}
    subs.hear([event])
    body = logged(event).packed
    assert ada.email not in body
    assert event["data"]["object"]["hosted_invoice_url"] not in body
