"""With every webhook lost, asking finds out how each subscription stands."""

from itertools import chain

import pytest

from chalicelib.kernel import clock
from chalicelib.settlement import workers
from chalicelib.subscriptions import reconciling, tables
from chalicelib.subscriptions.rules import Status
from tests.faults.shim import Crash, Point, Shim
from tests.shop import scheduled

DAY = 86_400
AN_HOUR = 3600


def test_a_page_that_was_paid_is_found_by_asking(subs, ada):
    begun = subs.begin(ada)
    subs.pay(begun)
    assert subs.reconcile(after=60).asked == 0
    done = subs.reconcile(after=301)
    assert (done.asked, done.moved) == (1, 1)
    assert subs.read(begun).status == Status.ACTIVE


def test_a_page_whose_end_nobody_told_is_over(subs, ada):
    begun = subs.begin(ada)
    subs.reconcile(after=AN_HOUR)
    assert subs.read(begun).status == Status.EXPIRED
    assert subs.at_stripe("sessions")[0]["status"] == "expired"
    assert subs.reconcile(after=2 * AN_HOUR).asked == 0


def test_a_page_that_waits_is_left_alone(subs, ada):
    begun = subs.begin(ada)
    subs.reconcile(after=400)
    found = subs.read(begun)
    assert (found.status, found.url) == (Status.INCOMPLETE, begun.url)


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("after", [False, True])
def test_a_beginning_that_crashed_and_was_given_up_can_not_be_paid(subs, ada, number, after):
    with Shim(crash=Point(number, after)), pytest.raises(Crash):
        subs.begin(ada)
    subs.reconcile(after=AN_HOUR)
    assert {one["status"] for one in subs.at_stripe("sessions")} <= {"expired"}
    assert {one.status for one in subs.of(ada)} <= {Status.EXPIRED}
    assert subs.begin(ada).url is not None


@pytest.mark.parametrize(
    ("action", "status"),
    [("renew", Status.ACTIVE), ("fail-renewal", Status.PAST_DUE), ("end", Status.CANCELLED)],
)
def test_what_became_of_a_period_is_found_by_asking(subs, ada, action, status):
    active = subs.active(ada)
    subs.befall(active, action)
    assert subs.reconcile(after=DAY).asked == 0
    subs.reconcile(after=active.period_end - clock.now() + 301)
    found = subs.read(active)
    assert found.status == status
    assert len(found.invoices) == (1 if action == "end" else 2)


def test_who_owes_is_asked_about_each_hour(subs, ada):
    active = subs.active(ada)
    subs.hear(subs.befall(active, "fail-renewal"))
    subs.befall(active, "pay-invoice")
    assert subs.reconcile(after=60).asked == 0
    subs.reconcile(after=AN_HOUR + 60)
    assert subs.read(active).status == Status.ACTIVE


def test_a_provider_that_is_late_with_a_period_is_asked_each_hour(subs, ada):
    active = subs.active(ada)
    late = active.period_end - clock.now() + 301
    assert subs.reconcile(after=late).asked == 1
    assert subs.reconcile(after=late + 300).asked == 0
    assert subs.reconcile(after=late + AN_HOUR).asked == 1


def test_one_failure_leaves_the_others_to_be_asked_about(subs, ada):
    for one in (subs.begin(ada), subs.begin(subs.person("bob"))):
        subs.pay(one)
    subs.sandbox.fault("subscriptions.retrieve", "503", times=2)
    done = subs.reconcile(after=301)
    assert (done.asked, done.failed, done.moved) == (1, 1, 1)
    assert subs.reconcile(after=301).moved == 1


def test_what_is_over_is_never_asked_about(subs, ada):
    active = subs.active(ada)
    subs.hear(subs.befall(active, "end"))
    assert list(chain(*tables.due(clock.now() + 10**9, most=10))) == []


def test_the_job_that_asks_about_payments_asks_about_subscriptions(subs, ada):
    begun = subs.begin(ada)
    subs.pay(begun)
    clock.shift(301)
    counts = reconciling.run(clock.now()).counts()
    assert counts == {
        "subscriptions_asked": 1, "subscriptions_moved": 1, "subscriptions_failed": 0,
        "subscriptions_complete": 1,
    }  # fmt: skip
    assert subs.read(begun).status == Status.ACTIVE


def test_the_schedule_does_both(subs, ada, monkeypatch):
    asked = []
    run = reconciling.run
    monkeypatch.setattr(reconciling, "run", lambda now: asked.append(now) or run(now))
    workers.reconcile(scheduled(clock.now()), None)
    assert len(asked) == 1


def test_an_index_that_shows_what_was_decides_nothing(subs, ada):
    active = subs.active(ada)
    assert reconciling.refresh_one(active.subscription_id, now=clock.now()) is None
    assert reconciling.refresh_one("sub_none", now=clock.now()) is None


def test_a_page_that_the_provider_never_had_is_over(subs, ada):
    """As after a change of the account at the provider."""
    begun = subs.begin(ada)
    subs.sandbox.world.store.execute("DELETE FROM documents WHERE id = ?", begun.session_id)
    subs.reconcile(after=AN_HOUR)
    assert subs.read(begun).status == Status.EXPIRED


def test_a_subscription_that_the_provider_never_had_stays_and_is_asked_about_seldom(subs, ada):
    active = subs.active(ada)
    subs.sandbox.world.store.execute("DELETE FROM documents WHERE id = ?", active.external_id)
    late = active.period_end - clock.now() + 301
    assert subs.reconcile(after=late).asked == 1
    assert subs.read(active).status == Status.ACTIVE
    assert subs.reconcile(after=late + 300).asked == 0
