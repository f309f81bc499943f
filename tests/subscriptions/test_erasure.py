"""Who removes their account is never charged again, and the provider forgets them too."""

import json

from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.personal_data import Person
from chalicelib.payments.tables import CustomerItem
from chalicelib.privacy import erasure
from chalicelib.privacy.contexts import PERSONAL_DATA
from chalicelib.subscriptions import personal_data
from chalicelib.subscriptions.rules import Status
from tests.subscriptions.world import MONTH, YEAR


def forget(ada) -> bool:
    person = Person(ada.user_id, None)
    return all(each.erase(person, now=clock.now()) for each in PERSONAL_DATA.values())


def test_what_runs_is_ended_at_once(subs, ada):
    active = subs.active(ada)
    assert forget(ada)
    assert subs.at_stripe("subscriptions")[0]["status"] == "canceled"
    assert subs.read(active).status == Status.CANCELLED


def test_what_is_owed_is_not_asked_for_any_more(subs, ada):
    active = subs.active(ada)
    subs.hear(subs.befall(active, "fail-renewal"))
    assert forget(ada)
    found = subs.read(active)
    assert found.status == Status.CANCELLED
    assert [each.pay_url for each in found.invoices] == [None, None]


def test_a_page_that_waits_is_closed(subs, ada):
    begun = subs.begin(ada)
    assert forget(ada)
    assert subs.at_stripe("sessions")[0]["status"] == "expired"
    assert (subs.read(begun).status, subs.read(begun).url) == (Status.EXPIRED, None)


def test_who_paid_in_the_last_moment_is_ended_too(subs, ada):
    begun = subs.begin(ada)
    subs.pay(begun)
    assert forget(ada)
    assert subs.read(begun).status == Status.CANCELLED
    assert subs.at_stripe("subscriptions")[0]["status"] == "canceled"


def test_the_customer_is_deleted_at_the_provider_and_here(subs, ada):
    subs.active(ada)
    assert forget(ada)
    (customer,) = subs.at_stripe("customers")
    assert customer.get("deleted") is True
    assert dynamo.get(CustomerItem, ada.user_id, "stripe") is None
    assert forget(ada)  # once more, as the schedule does


def test_with_the_provider_down_the_schedule_goes_on(subs, ada):
    active = subs.active(ada)
    subs.sandbox.fault("subscriptions.cancel", "503", times=2)
    assert not forget(ada), "something is left: the schedule asks again"
    assert subs.read(active).status == Status.ACTIVE
    assert forget(ada)
    assert subs.read(active).status == Status.CANCELLED


def test_what_is_told_afterwards_brings_nothing_back(subs, ada):
    active = subs.active(ada)
    assert forget(ada)
    subs.hear(subs.shop.events())
    found = subs.read(active)
    assert found.status == Status.CANCELLED
    assert {each.pay_url for each in found.invoices} == {None}


def test_the_export_shows_subscriptions_and_who_one_is_to_the_provider(subs, ada):
    subs.active(ada, MONTH)
    subs.begin(ada, YEAR)
    export = erasure.export(ada.user_id, PERSONAL_DATA, now=clock.now())
    assert {one["planId"] for one in export["subscriptions"]} == {MONTH, YEAR}
    (customer,) = subs.at_stripe("customers")
    assert export["customer"] == [{"provider": "stripe", "customerId": customer["id"]}]
    answer = subs.shop.call("GET", "/api/user/export", **subs.token(ada))
    shown = json.loads(answer.body)["data"]
    assert len(shown["subscriptions"]) == 2
    assert shown["customer"] == export["customer"]


def test_control_a_keeper_that_only_forgets_would_leave_it_running(subs, ada, monkeypatch):
    active = subs.active(ada)
    monkeypatch.setattr(personal_data.Subscription, "runs", property(lambda self: False))
    personal_data.erase(Person(ada.user_id, None), now=clock.now())
    assert subs.at_stripe("subscriptions")[0]["status"] == "active"
    assert subs.read(active).status == Status.ACTIVE
