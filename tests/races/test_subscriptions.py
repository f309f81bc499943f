"""One user's clicks at once, and one subscription's webhooks at once, on real tables."""

import itertools

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import Unavailable
from chalicelib.payments import customers
from chalicelib.payments.ports import Event, Subject
from chalicelib.subscriptions import changing, following, opening, service, tables
from chalicelib.subscriptions.opening import Buyer
from chalicelib.subscriptions.rules import Status, Subscription
from tests import live

CLICKS = 6
ADA = Buyer("usr_ada", "ada@shop.test", "en")
MONTH, YEAR = "tea-month", "tea-year"


def begin() -> Subscription:
    return opening.begin(ADA, MONTH, None, now=clock.now())


def at_stripe(shop, kind: str) -> list[dict]:
    found: list[dict] = shop.sandbox.state()["stripe"][kind]
    return found


@pytest.fixture
def active(busy_shop):
    """A subscription that runs."""
    begun = begin()
    busy_shop.sandbox.control("stripe", begun.session_id, "pay", lose=True)
    return following.refresh(begun.subscription_id, now=clock.now())


def everybody_looks_first(monkeypatch) -> None:
    """All have seen that the user has nothing, before the first takes the plan."""
    customers.customer_of(ADA.user_id, ADA.email, provider="stripe")
    met = live.Meeting(CLICKS).after(tables.subscriber)
    monkeypatch.setattr(tables, "subscriber", met)


def test_six_clicks_at_once_are_one_subscription_with_one_page(busy_shop, monkeypatch):
    everybody_looks_first(monkeypatch)
    found = live.at_once([lambda: live.attempt(begin)] * CLICKS)
    answered = [one for one in found if isinstance(one, Subscription)]
    assert answered, found
    assert all(isinstance(one, Subscription | Unavailable) for one in found), found
    monkeypatch.undo()
    assert {one.url for one in answered} == {begin().url}
    assert len(service.of_user(ADA.user_id)) == len(at_stripe(busy_shop, "sessions")) == 1


def test_control_without_the_users_item_they_are_many(busy_shop, monkeypatch):
    everybody_looks_first(monkeypatch)
    numbers = itertools.count()
    monkeypatch.setattr(tables, "put_subscriber", lambda tx, after, before: None)
    monkeypatch.setattr(
        opening, "subscription_id_of", lambda user_id, number: f"sub_{next(numbers)}"
    )
    live.at_once([lambda: live.attempt(begin)] * CLICKS)
    assert len(at_stripe(busy_shop, "sessions")) > 1


def test_six_first_clicks_at_once_make_one_customer(busy_shop):
    live.at_once([lambda: live.attempt(begin)] * CLICKS)
    begin()
    assert len(at_stripe(busy_shop, "customers")) == 1


def test_a_life_told_by_many_at_once_ends_as_it_is(busy_shop, active):
    """Each of these is asked about while the others are, and while it goes on happening."""

    def happen() -> None:
        for action in ("fail-renewal", "pay-invoice", "renew"):
            busy_shop.sandbox.control("stripe", active.external_id, action, lose=True)

    def hear(number: int) -> bool:
        event = Event(
            f"evt_{number}",
            "invoice.paid",
            reference=active.subscription_id,
            subject=Subject.SUBSCRIPTION,
            external_id=active.external_id,
        )
        # What loses too many races comes again, as from the queue.
        return not isinstance(
            live.attempt(lambda: following.handle_event(event, now=clock.now())), Exception
        )

    live.at_once([happen, *[lambda n=n: hear(n) for n in range(CLICKS - 1)]])
    live.until(lambda: hear(CLICKS), "the last word is heard")
    found = tables.read(active.subscription_id)
    (subscription,) = at_stripe(busy_shop, "subscriptions")
    assert found.status == Status.ACTIVE
    assert found.period_end == subscription["items"]["data"][0]["current_period_end"]
    assert len(found.invoices) == len(at_stripe(busy_shop, "invoices")) == 3


def test_cancelling_and_changing_at_once_are_both_done(busy_shop, active):
    jobs = [
        lambda: changing.cancel(active.subscription_id, ADA.user_id, now=clock.now()),
        lambda: changing.change(active.subscription_id, ADA.user_id, YEAR, now=clock.now()),
    ]
    for job, found in zip(
        jobs, live.at_once([lambda j=j: live.attempt(j) for j in jobs]), strict=True
    ):
        assert isinstance(found, Subscription | Unavailable), found
        # Told to come again, one does.
        live.until(lambda j=job: isinstance(live.attempt(j), Subscription), "it is done")
    found = tables.read(active.subscription_id)
    assert (found.ends, found.offer.plan_id, found.deed) == (True, YEAR, None)
    assert tables.subscriber(ADA.user_id).current == {YEAR: active.subscription_id}
