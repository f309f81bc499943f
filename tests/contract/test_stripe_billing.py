"""Customers, subscriptions and invoices: what the shop sends and the sandbox answers is as Stripe's
API description says.

The description has the objects of invoices but not their addresses; those calls are held against
the objects alone, and their parameters against the SDK's own types, by the sandbox.
"""

import time

import pytest

from chalicelib.kernel.money import Money
from chalicelib.payments.billing_ports import BillingState, Start, Terms
from chalicelib.payments.ports import Subject
from chalicelib.payments.providers.stripe import sdk
from chalicelib.payments.providers.stripe.billing import StripeBilling
from chalicelib.payments.providers.stripe.provider import StripeCheckout
from localcloud.sandbox.testing import KEY, SECRET
from tests.contract.stripe_contract import Recorder

UNDESCRIBED = "/v1/invoices"
MONTHLY = Terms("tea-month", "红茶 – each month", Money(900, "USD"), "month", 1)
YEARLY = Terms("tea-year", "Tea all year", Money(9000, "USD"), "year", 1)
# Fields that Stripe leaves out where they do not apply, or shows to those who expand them.
LEFT_OUT = {
    "customer": {"cash_balance", "deleted", "invoice_credit_balance", "sources", "subscriptions",
                 "tax", "tax_ids"},
    "subscription": set(),
    "subscription_item": {"deleted"},
    "invoice": {"amount_paid_off_stripe", "confirmation_secret", "deleted", "payments",
                "status_details", "threshold_reason"},
    "product": {"deleted"},
}  # fmt: skip


@pytest.fixture
def account(sandbox):
    return sdk.account_of(KEY, [SECRET], api_base=sandbox.url)


@pytest.fixture
def billing(account):
    return StripeBilling(account)


@pytest.fixture
def watched(contract, sandbox):
    """A recorder that leaves out what is not described."""
    recorder = Recorder(contract, sandbox)
    honest = recorder.breaches
    recorder.breaches = lambda call: [] if call["path"] == UNDESCRIBED else honest(call)
    with recorder:
        yield recorder


def start(customer: str, **changes) -> Start:
    asked = {
        "subscription_id": "sub_1",
        "attempt": 1,
        "customer_id": customer,
        "terms": MONTHLY,
        "locale": "zh-CN",
        "success_url": "http://shop.localhost/account.html?section=subscriptions",
        "cancel_url": "http://shop.localhost/account.html?section=subscriptions",
        "expires_at": int(time.time()) + 1860,
        **changes,
    }
    return Start(**asked)


def whole_life(billing, sandbox) -> str:
    """All that can happen to a subscription; its id."""
    customer = billing.new_customer("usr_1", again=0)
    billing.set_email(customer, "pat@example.com")
    opened = billing.open(start(customer))
    sandbox.control("stripe", opened.session_id, "pay")
    external = str(billing.page(opened.session_id).external_id)
    for action in ("renew", "fail-renewal", "ask-for-action", "pay-invoice"):
        sandbox.control("stripe", external, action)
    billing_status = billing.read(external)
    billing.change(external, billing_status.item_id, YEARLY, key="change:1")
    billing.set_ending(external, True, key="cancel:1")
    billing.set_ending(external, False, key="resume:2")
    sandbox.control("stripe", external, "fail-renewal")
    billing.end(external)
    closed = billing.open(start(customer, subscription_id="sub_2"))
    billing.close(closed.session_id)
    billing.delete_customer(customer)
    return external


def test_all_calls_of_a_subscriptions_life_are_as_stripe_describes_them(watched, billing, sandbox):
    external = whole_life(billing, sandbox)
    billing_status = billing.read(external)
    assert (billing_status.state, billing_status.plan_id) == (BillingState.ENDED, "tea-year")
    kinds = {call["kind"] for call in sandbox.requests()}
    assert {"customers.delete", "subscriptions.cancel", "invoices.list"} <= kinds


def test_every_object_has_the_values_stripe_describes(contract, billing, sandbox):
    whole_life(billing, sandbox)
    state = sandbox.state()["stripe"]
    found = [
        item
        for kind in ("customers", "products", "subscriptions", "invoices", "sessions", "events")
        for item in state[kind]
    ]
    assert len(found) > 20
    assert [error for item in found for error in contract.object_errors(item)] == []
    subjects = [event["data"]["object"] for event in state["events"]]
    assert [error for item in subjects for error in contract.object_errors(item)] == []


def test_every_object_has_the_fields_stripe_describes(contract, billing, sandbox):
    customer = billing.new_customer("usr_1", again=0)
    opened = billing.open(start(customer))
    sandbox.control("stripe", opened.session_id, "pay")
    state = sandbox.state()["stripe"]
    found = [*state["customers"], *state["subscriptions"], *state["invoices"]]
    found.append(state["subscriptions"][0]["items"]["data"][0])
    for item in found:
        missing = contract.fields(item["object"]) - item.keys() - LEFT_OUT[item["object"]]
        assert missing == set(), item["object"]
    (line,) = state["invoices"][0]["lines"]["data"]
    assert contract.fields("invoice_line_item") - line.keys() == set()


def test_the_shop_verifies_and_reads_every_webhook_of_a_subscription(
    billing, account, sandbox, receiver
):
    external = whole_life(billing, sandbox)
    assert sandbox.quiesce()
    provider, events_by_type = StripeCheckout(account), {}
    for item in receiver.received:
        headers = {name.lower(): value for name, value in item["headers"].items()}
        provider.verify(item["body"], headers, now=int(time.time()))
        event = provider.read(item["body"].decode())
        if event.subject == Subject.SUBSCRIPTION:
            events_by_type.setdefault(event.type, set()).add((event.reference, event.external_id))
    for kind in (
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "invoice.paid",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "checkout.session.completed",
    ):
        assert events_by_type[kind] == {("sub_1", external)}, kind


def test_a_page_opens_once_however_often_it_is_asked_for(billing, sandbox):
    asked = start(billing.new_customer("usr_1", again=0))
    assert billing.open(asked) == billing.open(asked)
    assert len(sandbox.state()["stripe"]["sessions"]) == 1
