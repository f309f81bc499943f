"""What the provider tells: renewals, failures and ends, in any order, doubled or lost."""

import itertools
import json

import pytest

from chalicelib.kernel import clock
from chalicelib.payments.billing_ports import InvoiceState
from chalicelib.payments.providers.stripe import billed
from chalicelib.payments.rules import WebhookStatus
from chalicelib.subscriptions import following, tables
from chalicelib.subscriptions.rules import Status
from chalicelib.webhooks import inbox
from chalicelib.webhooks.tables import WebhookItem

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")

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
    stale = billed.billing_status_of(last["data"]["object"], [])
    monkeypatch.setattr(following, "_billing_status", lambda before, external_id: stale)
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
    honest, paid = following._billing_status, []

    def slow(before, external_id):
        billing_status = honest(before, external_id)
        if not paid:
            paid.append(True)
            subs.befall(active, "pay-invoice")
            following.refresh(active.subscription_id, now=clock.now())
        return billing_status

    monkeypatch.setattr(following, "_billing_status", slow)
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
