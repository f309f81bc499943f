"""What the provider tells: renewals, failures and ends, in any order, doubled or lost."""

import itertools
import json

import pytest

from chalicelib.kernel import clock
from chalicelib.orders import reconciling
from chalicelib.payments import inbox
from chalicelib.payments.billing_ports import InvoiceState
from chalicelib.payments.providers.stripe import billed, provider, webhooks
from chalicelib.payments.rules import WebhookStatus
from chalicelib.payments.tables import WebhookItem
from chalicelib.subscriptions import following, tables
from chalicelib.subscriptions.rules import Status, SubscriptionNotThereYet
from tests import factory

MONTH_SECONDS = 28 * 86_400


def logged(event: dict) -> WebhookItem:
    return inbox.read(inbox.derived("whk", "stripe", event["id"]))


def of_type(events: list[dict], kind: str) -> dict:
    return next(event for event in events if event["type"] == kind)


def test_paying_the_page_makes_it_active_with_its_period(subs, ada):
    active = subs.active(ada)
    (at_stripe,) = subs.at_stripe("subscriptions")
    assert active.status == Status.ACTIVE
    assert active.external_id == at_stripe["id"]
    assert active.period_end == at_stripe["items"]["data"][0]["current_period_end"]
    assert active.url is None


def test_the_first_invoice_is_recorded_once(subs, ada):
    (invoice,) = subs.active(ada).invoices
    assert (invoice.state, invoice.amount.amount) == (InvoiceState.PAID, 900)
    assert invoice.period_end > clock.now() + MONTH_SECONDS - 60


@pytest.mark.parametrize(
    "kind",
    [
        "checkout.session.completed",
        "customer.subscription.created",
        "customer.subscription.updated",
        "invoice.paid",
    ],
)
def test_any_one_of_the_events_is_enough(subs, ada, kind):
    begun = subs.begin(ada)
    event = of_type(subs.pay(begun), kind)
    subs.hear([event])
    assert subs.read(begun).status == Status.ACTIVE
    assert logged(event).status == WebhookStatus.SUCCESS
    assert logged(event).reference == begun.subscription_id


def test_a_renewal_moves_the_period_and_is_recorded_once(subs, ada):
    active = subs.active(ada)
    events = subs.befall(active, "renew")
    subs.hear(events + events)
    after = subs.read(active)
    assert after.period_end > active.period_end + MONTH_SECONDS - 60
    assert [each.state for each in after.invoices] == [InvoiceState.PAID] * 2
    assert len({each.invoice_id for each in after.invoices}) == 2
    assert max(each.period_end for each in after.invoices) == after.period_end


def test_a_refused_renewal_is_told_with_where_to_pay_it(subs, ada):
    active = subs.active(ada)
    events = subs.befall(active, "fail-renewal")
    subs.hear([of_type(events, "invoice.payment_failed")])
    after = subs.read(active)
    assert after.status == Status.PAST_DUE
    (owed,) = [each for each in after.invoices if each.state == InvoiceState.FAILED]
    assert owed.pay_url is not None
    answer = subs.shop.call("GET", "/api/subscriptions", **subs.token(ada))
    (shown,) = answer.json_body["data"]["items"]
    assert (shown["status"], shown["url"]) == ("PAST_DUE", owed.pay_url)


def test_a_bank_that_wants_to_see_the_payer_is_told_of(subs, ada):
    active = subs.active(ada)
    subs.befall(active, "fail-renewal")
    subs.hear(subs.befall(active, "ask-for-action"))
    assert subs.read(active).status == Status.PAST_DUE


def test_what_was_owed_and_is_paid_makes_it_active_again(subs, ada):
    active = subs.active(ada)
    subs.hear(subs.befall(active, "fail-renewal"))
    subs.hear(subs.befall(active, "pay-invoice"))
    after = subs.read(active)
    assert after.status == Status.ACTIVE
    assert {each.state for each in after.invoices} == {InvoiceState.PAID}
    assert len(after.invoices) == 2


def test_an_end_is_told_and_frees_the_plan(subs, ada):
    active = subs.active(ada)
    subs.hear(subs.befall(active, "end"))
    after = subs.read(active)
    assert after.status == Status.CANCELLED
    assert after.ended_at is not None
    again = subs.begin(ada)
    assert again.subscription_id != active.subscription_id
    assert len(subs.of(ada)) == 2


def test_an_old_event_changes_nothing_of_what_is(subs, ada):
    active = subs.active(ada)
    failed = subs.befall(active, "fail-renewal")
    subs.hear(subs.befall(active, "pay-invoice"))
    subs.hear(failed)
    assert subs.read(active).status == Status.ACTIVE


def test_control_believing_what_an_event_says_would_go_back_in_time(subs, ada, monkeypatch):
    active = subs.active(ada)
    failed = of_type(subs.befall(active, "fail-renewal"), "customer.subscription.updated")
    last = next(
        event for event in subs.shop.events() if event["type"] == "customer.subscription.updated"
    )
    subs.hear(subs.befall(active, "pay-invoice"))
    told = billed.standing_of(last["data"]["object"], [])
    monkeypatch.setattr(following, "_standing", lambda before, external_id: told)
    subs.hear([failed])
    assert subs.read(active).status == Status.PAST_DUE


# ---- in any order ----

LIFE = ("fail-renewal", "pay-invoice", "renew", "end")


def life(subs, ada) -> tuple[str, list[list[dict]]]:
    """A subscription's whole life at the provider, of which the shop has heard nothing: one event
    of each happening."""
    begun = subs.begin(ada)
    happened = [subs.pay(begun)]
    reference = subs.at_stripe("subscriptions")[0]["id"]
    happened += [subs.happen(reference, action) for action in LIFE]
    kinds = (
        "checkout.session.completed",
        "invoice.payment_failed",
        "invoice.paid",
        "customer.subscription.updated",
        "customer.subscription.deleted",
    )
    return begun.subscription_id, [
        of_type(events, kind) for events, kind in zip(happened, kinds, strict=True)
    ]


def test_all_orders_of_the_events_each_doubled_end_in_one_world(subs, ada, everything):
    subscription_id, events = life(subs, ada)
    untold = tables.read(subscription_id)
    holder = tables.subscriber(ada.user_id)
    worlds = set()
    orders = list(itertools.permutations(range(len(events))))
    for order in orders if everything else orders[::7]:
        _put_back(untold, holder)
        for index in order:
            subs.hear([events[index], events[index]])
        worlds.add(json.dumps(subs.world(), sort_keys=True))
    assert len(worlds) == 1
    after = tables.read(subscription_id)
    assert after.status == Status.CANCELLED
    assert [each.state for each in after.invoices] == [InvoiceState.PAID] * 3
    assert tables.subscriber(ada.user_id).current == {}


def test_all_orders_while_it_happens_end_in_one_world(subs, ada):
    """Each event is heard when it happens, or only after all the others, in any combination."""
    begun = subs.begin(ada)
    subs.hear(subs.pay(begun))
    for late in itertools.product((False, True), repeat=3):
        held: list[dict] = []
        for is_late, action in zip(late, ("fail-renewal", "pay-invoice", "renew"), strict=True):
            events = subs.befall(begun, action)
            if is_late:
                held += events
            else:
                subs.hear(events[::-1])
        subs.hear(held[::-1])
        after = subs.read(begun)
        (at_stripe,) = subs.at_stripe("subscriptions")
        assert after.status == Status.ACTIVE
        assert after.period_end == at_stripe["items"]["data"][0]["current_period_end"]
        paid = [each for each in after.invoices if each.state == InvoiceState.PAID]
        assert len(paid) == len(subs.at_stripe("invoices"))


def _put_back(untold, holder) -> None:
    """The tables as they were before anything was told."""
    with tables.Transaction() as tx:
        tx.put(tables._item(untold))
        tx.put(
            tables.SubscriberItem(
                holder.user_id, current=holder.current, ids=holder.ids, version=holder.version
            )
        )


# ---- at once ----


def raced(subs, active, monkeypatch) -> None:
    """One worker asks the provider and is slow to write; meanwhile the debt is paid, and another
    worker asks and writes. Before that, the shop knew of no debt at all."""
    failed = subs.befall(active, "fail-renewal")
    honest, paid = following._standing, []

    def slow(before, external_id):
        standing = honest(before, external_id)
        if not paid:
            paid.append(True)
            subs.befall(active, "pay-invoice")
            following.refresh(active.subscription_id, now=clock.now())
        return standing

    monkeypatch.setattr(following, "_standing", slow)
    subs.hear(failed[-1:])


def test_an_old_answer_never_overwrites_a_newer_one(subs, ada, monkeypatch):
    active = subs.active(ada)
    raced(subs, active, monkeypatch)
    assert subs.read(active).status == Status.ACTIVE


def test_control_without_the_turn_the_old_answer_wins(subs, ada, monkeypatch):
    active = subs.active(ada)
    monkeypatch.setattr(tables, "put", lambda tx, after, before: tx.put(tables._item(after)))
    raced(subs, active, monkeypatch)
    assert subs.read(active).status == Status.PAST_DUE


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
    subs.hear([event])
    assert logged(event).status == WebhookStatus.IGNORED


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
        "metadata": {"payment_id": placed.order.payment_id},
        "amount_total": placed.order.total.amount,
        "id": subs.shop.session_of(placed)["id"],
    }
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
    assert reconciling.compare(clock.now(), days=1, names=["stripe"]).differences == []


def test_control_without_the_look_at_the_mode_it_would_be_money_nobody_knows(
    subs, ada, monkeypatch
):
    subs.active(ada)
    monkeypatch.setattr(provider, "ORDERS", {"payment", "subscription"})
    (found,) = reconciling.compare(clock.now(), days=1, names=["stripe"]).differences
    assert found.kind == reconciling.Found.UNKNOWN


def test_the_log_keeps_nothing_that_opens_or_names(subs, ada):
    active = subs.active(ada)
    event = of_type(subs.befall(active, "fail-renewal"), "invoice.payment_failed")
    event["data"]["object"] |= {"customer_email": ada.email, "customer_name": "Ada"}
    subs.hear([event])
    body = logged(event).body
    assert ada.email not in body
    assert event["data"]["object"]["hosted_invoice_url"] not in body
