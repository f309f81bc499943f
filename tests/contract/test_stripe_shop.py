"""What the shop sends to Stripe, and how it reads Stripe's answers and webhooks."""

import time

import pytest

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import Charge, ChargeLine, ProviderRefused, State
from chalicelib.payments.providers.stripe import sdk
from chalicelib.payments.providers.stripe.intents import StripeIntents
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from localcloud.sandbox.testing import KEY, SECRET


@pytest.fixture
def provider(sandbox):
    return StripeCheckout(sdk.account_of(KEY, [SECRET], api_base=sandbox.url))


def charge(**changes):
    lines = (
        ChargeLine("红茶 – Größe L", Money(1999, "USD"), 2),
        ChargeLine("S", Money(600, "USD"), 1),
    )
    asked = {
        "payment_id": "pay_1",
        "reference": "ord_1",
        "number": "CW-0001",
        "lines": lines,
        "total": Money(4598, "USD"),
        "email": "pat@example.com",
        "locale": "zh-CN",
        "success_url": "http://shop.localhost/order.html?session={CHECKOUT_SESSION_ID}#order=1",
        "cancel_url": "http://shop.localhost/order.html?cancelled=1#order=1",
        "page_url": "http://shop.localhost/order.html#order=1",
        "expires_at": int(time.time()) + 1860,
        **changes,
    }
    return Charge(**asked)


def test_all_calls_of_a_payments_life_are_as_stripe_describes_them(recorder, provider, sandbox):
    opened = provider.open(charge())
    sandbox.control("stripe", opened.session_id, "pay")
    outcome = provider.close(opened.session_id)
    assert (outcome.state, outcome.amount) == (State.PAID, Money(4598, "USD"))
    provider.refund(outcome.capture_id, Money(1000, "USD"), key="refund:ord_1:1")


def test_an_order_of_any_currency_and_language_is_as_stripe_describes_it(recorder, provider):
    for number, (currency, amount) in enumerate([("JPY", 5000), ("EUR", 1), ("CNY", 99)]):
        lines = [ChargeLine("Tea", Money(amount, currency), 60)]
        asked = charge(payment_id=f"p{number}", lines=lines, locale="en", total=None)
        assert provider.open(asked).session_id.startswith("cs_test_")


def test_a_payment_opens_once_however_often_it_is_asked_for(provider, sandbox):
    asked = charge()
    assert provider.open(asked) == provider.open(asked)
    assert len(sandbox.state()["stripe"]["sessions"]) == 1


def test_an_amount_that_stripe_does_not_take_is_refused(provider):
    with pytest.raises(ProviderRefused):
        provider.open(charge(lines=[ChargeLine("Tea", Money(1, "USD"), 1)]))


def test_the_shop_verifies_and_reads_every_webhook(provider, sandbox, receiver):
    opened = provider.open(charge())
    for action in ("fail", "pay", "refund", "dispute"):
        sandbox.control("stripe", opened.session_id, action)
    assert sandbox.quiesce()
    outcomes = {}
    for item in receiver.received:
        headers = {name.lower(): value for name, value in item["headers"].items()}
        provider.verify(item["body"], headers, now=int(time.time()))
        event = provider.read(item["body"].decode())
        outcomes[event.type] = event.outcome
    assert outcomes["checkout.session.completed"].state == State.PAID
    assert outcomes["checkout.session.completed"].amount == Money(4598, "USD")


# ---- in a form that the storefront embeds --------------------------------------------------------


@pytest.fixture
def form(sandbox):
    account = sdk.account_of(KEY, [SECRET], api_base=sandbox.url)
    return StripeIntents(account, "pk_test_contract")


def test_all_calls_of_a_form_are_as_stripe_describes_them(recorder, form, sandbox):
    opened = form.open(charge(reference="ord_1"))
    assert form.status(opened.session_id).state == State.OPEN
    sandbox.control("stripe", opened.session_id, "fail")
    sandbox.control("stripe", opened.session_id, "pay-async")
    assert form.close(opened.session_id).state == State.PROCESSING
    sandbox.control("stripe", opened.session_id, "async-succeed")
    outcome = form.close(opened.session_id)
    assert (outcome.state, outcome.amount) == (State.PAID, Money(4598, "USD"))
    form.refund(outcome.capture_id, Money(1000, "USD"), key="refund:ord_1:1")
    assert form.status(opened.session_id).refunded == Money(1000, "USD")
    assert [seen.payment_id for seen in form.captured(int(time.time()) - 60)] == ["pay_1"]
    other = form.open(charge(payment_id="pay_2"))
    assert form.close(other.session_id).state == State.ENDED


def test_an_event_of_a_form_names_its_order_and_its_payment(form, sandbox, receiver):
    opened = form.open(charge())
    sandbox.control("stripe", opened.session_id, "pay")
    assert sandbox.quiesce()
    events = [form.read(item["body"].decode()) for item in receiver.received]
    (succeeded,) = [each for each in events if each.type == "payment_intent.succeeded"]
    assert (succeeded.payment_id, succeeded.reference) == ("pay_1", "ord_1")
    assert succeeded.outcome and succeeded.outcome.amount == Money(4598, "USD")
