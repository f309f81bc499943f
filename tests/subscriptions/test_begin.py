"""Subscribing: one subscription and one page, however often and however badly it is asked for."""

import pytest

from chalicelib.catalog.rules import PriceUnavailable
from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments import customers
from chalicelib.payments.ports import ProviderRefused
from chalicelib.payments.providers.stripe import billing as at_stripe
from chalicelib.subscriptions import opening, tables
from chalicelib.subscriptions.rules import PlanNotFound, PlanNotSold, Status, TooManySubscriptions
from tests.subscriptions.world import MONTH, OFF, YEAR


class Cut(Exception):
    """The function died here."""


def test_subscribing_answers_where_to_pay_at_once(subs, ada):
    begun = subs.begin(ada)
    (session,) = subs.at_stripe("sessions")
    assert begun.status == Status.INCOMPLETE
    assert begun.url == session["url"]
    assert session["mode"] == "subscription"
    assert (session["amount_total"], session["currency"]) == (900, "usd")


def test_the_page_names_the_users_customer_and_the_plan(subs, ada):
    begun = subs.begin(ada)
    (session,), (customer,) = subs.at_stripe("sessions"), subs.at_stripe("customers")
    assert session["customer"] == customer["id"]
    assert customer["email"] == ada.email
    assert customer["metadata"] == {"user_id": ada.user_id}
    assert session["metadata"] == {"subscription_id": begun.subscription_id, "plan_id": MONTH}


def test_asked_again_it_is_the_same_subscription_and_page(subs, ada):
    first = subs.begin(ada)
    second = subs.begin(ada)
    assert (second.subscription_id, second.url) == (first.subscription_id, first.url)
    assert len(subs.at_stripe("sessions")) == len(subs.of(ada)) == 1


def test_who_is_subscribed_already_is_told_so_and_pays_nothing(subs, ada):
    active = subs.active(ada)
    again = subs.begin(ada)
    assert (again.subscription_id, again.status) == (active.subscription_id, Status.ACTIVE)
    assert again.url is None
    assert len(subs.at_stripe("sessions")) == 1


def test_an_answer_lost_on_the_way_opens_no_second_page(subs, ada):
    subs.sandbox.fault("checkout.sessions.create", "reset_after", times=2)
    with pytest.raises(ProviderBusy):
        subs.begin(ada)
    begun = subs.begin(ada)
    (session,) = subs.at_stripe("sessions")
    assert begun.url == session["url"]
    assert len(subs.of(ada)) == 1


@pytest.mark.parametrize("point", ["customers", "put", "opened"])
def test_a_crash_in_between_is_gone_on_with(subs, ada, monkeypatch, point):
    places = {
        "customers": (customers, "customer_of"),
        "put": (tables, "put_subscriber"),
        "opened": (opening, "_opened"),
    }
    module, name = places[point]
    honest = getattr(module, name)

    def cut(*arguments, **named):
        honest(*arguments, **named)
        raise Cut()

    with monkeypatch.context() as crashing, pytest.raises(Cut):
        crashing.setattr(module, name, cut)
        subs.begin(ada)
    begun = subs.begin(ada)
    assert begun.url == subs.at_stripe("sessions")[0]["url"]
    assert len(subs.at_stripe("sessions")) == len(subs.of(ada)) == 1
    assert len(subs.at_stripe("customers")) == 1


def test_two_at_once_take_one_plan_once(subs, ada, monkeypatch):
    """The other click runs between this one's look and its write."""
    honest, others = tables.put, []

    def late(tx, after, before):
        if not others:
            others.append(None)
            others.append(subs.begin(ada))
        honest(tx, after, before)

    monkeypatch.setattr(tables, "put", late)
    begun = subs.begin(ada)
    assert (begun.subscription_id, begun.url) == (others[1].subscription_id, others[1].url)
    assert len(subs.at_stripe("sessions")) == len(subs.of(ada)) == 1


def test_control_without_the_users_item_two_at_once_would_be_two(subs, ada, monkeypatch):
    """The negative control of the test above: the condition on the user's item is the guard."""
    honest, others = tables.put, []

    def late(tx, after, before):
        if not others:
            others.append(None)
            others.append(subs.begin(ada))
        honest(tx, after, before)

    ids = iter(["sub_one", "sub_two"])
    monkeypatch.setattr(tables, "put", late)
    monkeypatch.setattr(tables, "put_subscriber", lambda tx, after, before: None)
    monkeypatch.setattr(opening, "subscription_id_of", lambda user_id, number: next(ids))
    begun = subs.begin(ada)
    assert begun.subscription_id != others[1].subscription_id
    assert len(subs.at_stripe("sessions")) == 2


def test_two_users_have_a_subscription_and_a_customer_each(subs, ada):
    one, other = subs.begin(ada), subs.begin(subs.person("bob"))
    assert one.subscription_id != other.subscription_id
    assert one.customer_id != other.customer_id


def test_a_user_has_one_customer_for_all_their_plans(subs, ada):
    one, other = subs.begin(ada, MONTH), subs.begin(ada, YEAR)
    assert one.subscription_id != other.subscription_id
    assert one.customer_id == other.customer_id
    assert len(subs.calls("customers.create")) == 1


def test_a_customer_whose_making_was_not_answered_is_found_again(subs, ada):
    subs.sandbox.fault("customers.create", "reset_after", times=2)
    with pytest.raises(ProviderBusy):
        subs.begin(ada)
    subs.begin(ada)
    assert len(subs.at_stripe("customers")) == 1


def test_an_error_kept_under_the_customers_key_is_got_round(subs, ada):
    subs.sandbox.fault("customers.create", "500_after")
    assert subs.begin(ada).url
    assert len(subs.at_stripe("customers")) >= 1
    assert {call["idempotencyKey"] for call in subs.calls("customers.create")} == {
        f"customer:{ada.user_id}",
        f"customer:{ada.user_id}:1",
    }


def test_a_customer_that_somebody_removed_at_stripe_is_made_anew(subs, ada):
    begun = subs.begin(ada)
    at_stripe.make().delete_customer(begun.customer_id)
    subs.happen(begun.session_id, "expire")
    clock.shift(3600)
    again = subs.begin(ada)
    assert again.url is not None
    assert again.customer_id != begun.customer_id


def test_an_error_kept_under_the_pages_key_is_got_round(subs, ada):
    subs.sandbox.fault("checkout.sessions.create", "500_after")
    begun = subs.begin(ada)
    assert begun.url is not None
    assert begun.attempt == 2


def test_a_page_that_has_ended_is_followed_by_another_of_the_same_subscription(subs, ada):
    first = subs.begin(ada)
    subs.hear(subs.happen(first.session_id, "expire"))
    assert subs.read(first).status == Status.EXPIRED
    second = subs.begin(ada)
    assert second.subscription_id == first.subscription_id
    assert second.url not in (None, first.url)


def test_a_page_whose_time_is_over_is_closed_before_the_next_one(subs, ada):
    first = subs.begin(ada)
    clock.shift(3600)
    second = subs.begin(ada)
    assert second.attempt == 2
    states = {one["id"]: one["status"] for one in subs.at_stripe("sessions")}
    assert states == {first.session_id: "expired", second.session_id: "open"}


def test_who_paid_in_the_last_moment_is_subscribed_once(subs, ada):
    first = subs.begin(ada)
    subs.pay(first)  # and the shop is never told
    clock.shift(3600)
    again = subs.begin(ada)
    assert again.status == Status.ACTIVE
    assert len(subs.at_stripe("subscriptions")) == len(subs.at_stripe("sessions")) == 1


def test_control_without_closing_the_page_first_two_would_be_paid(subs, ada, monkeypatch):
    first = subs.begin(ada)
    subs.pay(first)
    clock.shift(3600)
    monkeypatch.setattr(opening, "_closed", lambda before: opening.Begun(opening.State.ENDED))
    again = subs.begin(ada)
    subs.pay(again)
    assert len(subs.at_stripe("subscriptions")) == 2


def test_another_currency_closes_the_first_page(subs, ada):
    subs.begin(ada)
    yen = subs.begin(ada, currency="JPY")
    assert (yen.offer.price.amount, yen.offer.price.currency) == (1300, "JPY")
    assert [one["status"] for one in subs.at_stripe("sessions")] == ["open", "expired"]


def test_the_price_is_the_shops(subs, ada):
    answer = subs.shop.call(
        "POST", "/api/subscriptions", {"planId": MONTH, "price": 1}, **subs.token(ada)
    )
    assert answer.status_code == 422
    assert subs.at_stripe("sessions") == []


@pytest.mark.parametrize(
    ("plan", "currency", "error"),
    [
        ("none", None, PlanNotFound),
        (OFF, None, PlanNotSold),
        (YEAR, "JPY", PriceUnavailable),
        (MONTH, "EUR", PriceUnavailable),
    ],
)
def test_what_is_not_sold_is_not_begun(subs, ada, plan, currency, error):
    with pytest.raises(error):
        subs.begin(ada, plan, currency)
    assert subs.of(ada) == []
    assert subs.sandbox.requests() == []


def test_a_provider_that_is_down_is_asked_again_for_the_same(subs, ada):
    subs.sandbox.fault("checkout.sessions.create", "503", times=2)
    with pytest.raises(ProviderBusy):
        subs.begin(ada)
    begun = subs.begin(ada)
    assert begun.attempt == 1
    assert begun.url is not None


def test_a_refusal_ends_the_page_and_leaves_the_plan_free(subs, ada, monkeypatch):
    def refuse(self, start):
        raise ProviderRefused()

    with monkeypatch.context() as refusing, pytest.raises(ProviderRefused):
        refusing.setattr(at_stripe.StripeBilling, "open", refuse)
        subs.begin(ada)
    assert subs.begin(ada).url is not None


def test_an_answer_that_is_none_of_stripes_is_asked_for_again(subs, ada):
    subs.sandbox.fault("checkout.sessions.create", "garbage", times=2)
    with pytest.raises(ProviderBusy):
        subs.begin(ada)
    assert subs.begin(ada).url is not None


def test_a_user_can_not_begin_without_end(subs, ada, monkeypatch):
    monkeypatch.setattr(opening, "MOST_OF_A_USER", 1)
    subs.begin(ada, MONTH)
    with pytest.raises(TooManySubscriptions):
        subs.begin(ada, YEAR)
