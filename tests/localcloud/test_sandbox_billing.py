"""The sandbox's customers, subscriptions and invoices, through the real SDK."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.stripe.billing import ahead
from localcloud.sandbox.testing import SECRET, Receiver, client, line, order, plan


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(webhook_url=receiver.url, webhook_secret=SECRET) as running:
        yield running


@pytest.fixture
def api(sandbox):
    return client(sandbox.url).v1


@pytest.fixture
def customer(api) -> str:
    return str(api.customers.create(params={"email": "pat@example.com"}).id)


@pytest.fixture
def begun(sandbox, api, customer) -> str:
    """The id of a subscription that was paid for."""
    session = api.checkout.sessions.create(params=plan(customer))
    sandbox.control("stripe", session.id, "pay")
    return str(api.checkout.sessions.retrieve(session.id).subscription)


def refusal(call) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call()
    return caught.value


def test_a_paid_session_begins_a_subscription_and_its_first_invoice(sandbox, api, begun):
    subscription = api.subscriptions.retrieve(begun, params={"expand": ["latest_invoice"]})
    assert subscription.status == "active"
    assert subscription.metadata.to_dict() == {"subscription_id": "sub-1"}
    assert subscription.latest_invoice.status == "paid"
    (session,) = sandbox.state()["stripe"]["sessions"]
    assert (session["status"], session["payment_status"]) == ("complete", "paid")
    assert session["payment_intent"] is None
    assert session["invoice"] == subscription.latest_invoice.id


def test_the_shop_is_told_in_stripes_words(sandbox, receiver, begun):
    assert sandbox.quiesce()
    assert {event["type"] for event in receiver.events()} == {
        "customer.subscription.created",
        "customer.subscription.updated",
        "invoice.paid",
        "checkout.session.completed",
    }
    (paid,) = receiver.events("invoice.paid")
    details = paid["data"]["object"]["parent"]["subscription_details"]
    assert details == {"subscription": begun, "metadata": {"subscription_id": "sub-1"}}


def test_the_page_is_paid_by_a_click(sandbox, api, customer):
    session = api.checkout.sessions.create(params=plan(customer))
    shown = requests.get(str(session.url), timeout=10)
    assert "for 1 month(s), then again" in shown.text
    assert "pat@example.com" in shown.text
    pressed = requests.post(
        str(session.url), data={"action": "pay"}, allow_redirects=False, timeout=10
    )
    assert pressed.status_code == 303
    assert len(sandbox.state()["stripe"]["subscriptions"]) == 1


def test_a_declined_card_leaves_the_page_open(sandbox, api, customer):
    session = api.checkout.sessions.create(params=plan(customer))
    sandbox.control("stripe", session.id, "fail")
    found = api.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_intent) == ("open", None)
    sandbox.control("stripe", session.id, "pay")
    assert len(sandbox.state()["stripe"]["subscriptions"]) == 1


def test_a_renewal_is_paid_or_refused_and_recovered(sandbox, api, begun):
    def stands() -> tuple[str, list[str]]:
        invoices = api.invoices.list(params={"subscription": begun})
        return api.subscriptions.retrieve(begun).status, [each.status for each in invoices.data]

    ends = api.subscriptions.retrieve(begun).to_dict()["items"]["data"][0]["current_period_end"]
    sandbox.control("stripe", begun, "renew")
    assert stands() == ("active", ["paid", "paid"])
    sandbox.control("stripe", begun, "fail-renewal")
    assert stands() == ("past_due", ["open", "paid", "paid"])
    sandbox.control("stripe", begun, "ask-for-action")
    sandbox.control("stripe", begun, "pay-invoice")
    assert stands() == ("active", ["paid"] * 3)
    after = api.subscriptions.retrieve(begun).to_dict()["items"]["data"][0]["current_period_end"]
    assert after > ends + 2 * 27 * 86_400


def test_what_ends_with_its_period_is_deleted_then(sandbox, api, receiver, begun):
    api.subscriptions.update(begun, params={"cancel_at_period_end": True})
    sandbox.control("stripe", begun, "renew")
    assert api.subscriptions.retrieve(begun).status == "canceled"
    assert sandbox.quiesce()
    assert len(receiver.events("customer.subscription.deleted")) == 1


def test_an_ended_one_can_neither_be_changed_nor_ended(sandbox, api, begun):
    api.subscriptions.cancel(begun)
    assert refusal(lambda: api.subscriptions.cancel(begun)).code == "resource_missing"
    refusal(lambda: api.subscriptions.update(begun, params={"cancel_at_period_end": True}))
    with pytest.raises(ControlError):
        sandbox.control("stripe", begun, "renew")


def changed(api, begun, **price):
    item = api.subscriptions.retrieve(begun).to_dict()["items"]["data"][0]["id"]
    wanted = {
        "currency": "usd", "unit_amount": 9000, "product": "plan_year",
        "recurring": {"interval": "year"}, **price,
    }  # fmt: skip
    return api.subscriptions.update(
        begun, params={"items": [{"id": item, "price_data": wanted}], "metadata": {"plan_id": "y"}}
    )


def test_another_price_needs_a_product_and_bills_another_interval_at_once(api, begun):
    assert refusal(lambda: changed(api, begun)).code == "resource_missing"
    api.products.create(params={"id": "plan_year", "name": "All year"})
    again = refusal(lambda: api.products.create(params={"id": "plan_year", "name": "All year"}))
    assert again.code == "resource_already_exists"
    after = changed(api, begun)
    assert after.metadata.to_dict() == {"subscription_id": "sub-1", "plan_id": "y"}
    assert after.to_dict()["items"]["data"][0]["price"]["unit_amount"] == 9000
    newest = api.invoices.list(params={"subscription": begun}).data[0]
    assert (newest.billing_reason, newest.amount_due) == ("subscription_update", 9000)
    assert "currency" in str(refusal(lambda: changed(api, begun, currency="eur")))


def test_a_deleted_customers_subscriptions_end(api, customer, begun):
    assert api.customers.delete(customer).deleted is True
    assert api.subscriptions.retrieve(begun).status == "canceled"
    assert refusal(lambda: api.customers.delete(customer)).code == "resource_missing"
    gone = refusal(lambda: api.checkout.sessions.create(params=plan(customer)))
    assert (gone.code, gone.param) == ("resource_missing", "customer")


def test_a_customer_is_made_once_under_a_key(sandbox, api):
    for _ in range(2):
        api.customers.create(params={"metadata": {"a": "1"}}, options={"idempotency_key": "k"})
    assert len(sandbox.state()["stripe"]["customers"]) == 1


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"line_items": [line(900)]}, "line_items[0][price_data][recurring]"),
        ({"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
        ({"submit_type": "pay"}, "submit_type"),
        ({"customer_creation": "always", "customer": None}, "customer_creation"),
        ({"subscription_data": {"trial_period_days": 7}}, "subscription_data[trial_period_days]"),
        ({"mode": "setup"}, "mode"),
        ({"customer": "cus_none"}, "customer"),
    ],
)
def test_what_stripe_or_the_sandbox_does_not_take_is_refused(api, customer, changes, param):
    error = refusal(lambda: api.checkout.sessions.create(params=plan(customer, **changes)))
    assert error.param == param


@pytest.mark.parametrize(
    ("interval", "count", "ok"), [("month", 36, True), ("month", 37, False), ("day", 0, False)]
)
def test_three_years_are_the_longest_period(api, customer, interval, count, ok):
    asked = plan(customer)
    asked["line_items"][0]["price_data"]["recurring"] = {
        "interval": interval, "interval_count": count
    }  # fmt: skip
    if ok:
        assert api.checkout.sessions.create(params=asked).id
    else:
        refusal(lambda: api.checkout.sessions.create(params=asked))


def test_parameters_that_would_do_something_here_are_refused(api, customer, begun):
    refusal(lambda: api.customers.update(customer, params={"balance": 5}))
    refusal(lambda: api.subscriptions.update(begun, params={"trial_end": "now"}))
    refusal(lambda: api.customers.create(params={"email": "pat"}))


def test_the_events_of_a_subscription_can_be_sent_again(sandbox, receiver, begun):
    assert sandbox.quiesce()
    before = len(receiver.events())
    assert sandbox.deliver(reference=begun)
    assert sandbox.quiesce()
    assert len(receiver.events()) > before


def test_an_order_pays_with_a_customer_as_well(sandbox, api, customer):
    session = api.checkout.sessions.create(params=order(customer=customer, customer_email=None))
    assert (session.customer, session.customer_details.email) == (customer, "pat@example.com")
    sandbox.control("stripe", session.id, "pay")
    assert sandbox.state()["stripe"]["subscriptions"] == []


@pytest.mark.parametrize(
    ("begins", "recurring", "ends"),
    [
        ((2026, 1, 31), ("month", 1), (2026, 2, 28)),
        ((2028, 2, 29), ("year", 1), (2029, 2, 28)),
        ((2026, 12, 15), ("month", 2), (2027, 2, 15)),
        ((2026, 12, 28), ("week", 1), (2027, 1, 4)),
        ((2026, 12, 31), ("day", 1), (2027, 1, 1)),
    ],
)
def test_a_period_ends_as_the_calendar_has_it(begins, recurring, ends):
    def at(day: tuple[int, int, int]) -> int:
        return int(datetime(*day, tzinfo=UTC).timestamp())

    interval, count = recurring
    assert ahead(at(begins), {"interval": interval, "interval_count": count}) == at(ends)
