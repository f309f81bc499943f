"""What the sandbox answers is what Stripe's API description says: objects, errors, webhooks."""

from contextlib import suppress
from typing import Any

import pytest
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.testing import Receiver, client, line, order
from tests.contract.stripe_contract import Recorder, StripeContract

# Fields that Stripe leaves out where they do not apply, or shows to those who expand them.
LEFT_OUT = {
    "checkout.session": {
        "allowed_payment_method_types", "excluded_payment_method_types", "line_items",
        "name_collection", "optional_items", "presentment_details", "redirect_on_completion",
        "return_url", "tax_id_collection",
    },
    "payment_intent": {
        "allowed_payment_method_types", "hooks", "payment_details", "payment_record",
        "presentment_details",
    },
    "charge": {
        "authorization_code", "level3", "presentment_details", "radar_options", "refunds",
        "transfer",
    },
    "refund": {
        "customer", "customer_account", "description", "failure_balance_transaction",
        "instructions_email", "next_action", "payment_method", "pending_reason",
        "presentment_details",
    },
    "dispute": {"intended_submission_method", "network_reason_code"},
    "event": {"account", "context"},
    "item": {"discounts", "taxes"},
    "price": {"currency_options", "deleted", "tiers"},
}  # fmt: skip
LIFE = ["fail", "pay", "refund", "refund-fail", "dispute", "dispute-win"]


def live(sandbox: Sandbox) -> str:
    """A session to which everything happened that can happen to one; its id."""
    made = client(sandbox.url).v1.checkout.sessions.create(params=order())
    for action in LIFE:
        sandbox.control("stripe", made.id, action)
    return str(made.id)


def objects(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [item for found in sandbox.state()["stripe"].values() for item in found]


def test_every_object_has_the_values_stripe_describes(contract, sandbox):
    live(sandbox)
    for action in ("expire", "pay-async"):
        made = client(sandbox.url).v1.checkout.sessions.create(params=order())
        sandbox.control("stripe", made.id, action)
    found = objects(sandbox)
    assert {item["object"] for item in found} == LEFT_OUT.keys() - {"item", "price"}
    assert [error for item in found for error in contract.object_errors(item)] == []


def test_every_object_has_the_fields_stripe_describes(contract, sandbox):
    session = live(sandbox)
    items = client(sandbox.url).v1.checkout.sessions.line_items.list(session)
    lines = [item.to_dict() for item in items.data]
    for item in [*objects(sandbox), *lines, lines[0]["price"]]:
        missing = contract.fields(item["object"]) - item.keys() - LEFT_OUT[item["object"]]
        assert missing == set(), item["object"]


def test_every_event_carries_an_object_stripe_describes(contract, sandbox):
    live(sandbox)
    events = sandbox.state()["stripe"]["events"]
    errors = [e for event in events for e in contract.object_errors(event["data"]["object"])]
    assert errors == []


def test_every_webhook_is_an_event_stripe_describes(contract, sandbox, receiver: Receiver):
    live(sandbox)
    slow = client(sandbox.url).v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", slow.id, "pay-async")
    sandbox.control("stripe", slow.id, "async-fail")
    assert sandbox.quiesce()
    sent = receiver.events()
    assert len({event["type"] for event in sent}) >= 15
    assert [error for event in sent for error in contract.object_errors(event)] == []
    described = contract.document["components"]["schemas"]["event"]["properties"]["type"]["enum"]
    assert {event["type"] for event in sent} <= set(described)


def test_every_call_and_answer_is_described(recorder: Recorder, sandbox):
    session = live(sandbox)
    shop = client(sandbox.url)
    paid = shop.v1.checkout.sessions.retrieve(
        session, params={"expand": ["line_items", "payment_intent.latest_charge"]}
    )
    intent = paid.payment_intent.id
    shop.v1.checkout.sessions.list(params={"payment_intent": intent, "limit": 3})
    shop.v1.checkout.sessions.list(params={"status": "open", "created": {"gte": 1}})
    shop.v1.checkout.sessions.line_items.list(session, params={"limit": 100})
    shop.v1.checkout.sessions.update(session, params={"metadata": {"a": ""}})
    shop.v1.payment_intents.retrieve(intent, params={"expand": ["latest_charge"]})
    shop.v1.payment_intents.list()
    refund = shop.v1.refunds.create(
        params={"payment_intent": intent, "amount": 5, "metadata": {"refund_id": "1"}}
    )
    shop.v1.refunds.retrieve(refund.id, params={"expand": ["charge"]})
    shop.v1.refunds.list(params={"payment_intent": intent})
    event = shop.v1.events.list(params={"types": ["charge.succeeded"]}).data[0]
    shop.v1.events.retrieve(event.id)
    other = shop.v1.checkout.sessions.create(params=order())
    shop.v1.checkout.sessions.expire(other.id, params={"expand": ["line_items"]})


def test_every_refusal_is_an_error_stripe_describes(recorder: Recorder, contract, sandbox):
    shop = client(sandbox.url)
    for wrong in (
        {"mode": "gift"}, {"shiny": 1}, {"line_items": [line(1)]}, {"success_url": None},
        {"customer": "cus_1"}, {"metadata": {"k": "v" * 501}}, {"line_items": [line(1.5)]},
    ):  # fmt: skip
        with suppress(stripe.StripeError):
            shop.v1.checkout.sessions.create(params=order(**wrong))
    for fault in ("500", "503", "429", "lock"):
        sandbox.fault("checkout.sessions.create", fault)
        with pytest.raises(stripe.StripeError):
            shop.v1.checkout.sessions.create(params=order())
    with pytest.raises(stripe.StripeError):
        shop.v1.refunds.create(params={"payment_intent": "pi_none"})
    known = contract.document["components"]["schemas"]["error"]["properties"]["error"]
    codes = set(known["properties"]["code"]["x-known-values"])
    given = {call["answer"]["error"].get("code") for call in sandbox.requests()}
    assert len(sandbox.requests()) == 12
    assert given - codes <= {None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"shiny": "1"},
        {"mode": "gift"},
        {"payment_method_types": ["card"]},
        {"line_items": [{"quantity": 1, "price_data": {"unit_amount": 5}}]},
        {"expires_at": "soon"},
        {"client_reference_id": "x" * 201},
    ],
)
def test_the_contract_and_the_sandbox_refuse_the_same(contract: StripeContract, sandbox, wrong):
    """The negative control: a recorder that never finds anything would be worth nothing."""
    with pytest.raises(stripe.InvalidRequestError):
        client(sandbox.url).v1.checkout.sessions.create(params=order(**wrong))
    (call,) = sandbox.requests()
    assert contract.call_errors("POST", call["path"], call["body"]) != []


def test_a_recorder_reports_what_breaks_the_contract(contract, sandbox):
    recorder = Recorder(contract, sandbox)
    call = {"method": "POST", "path": "/v1/refunds", "query": "", "body": "why=x", "status": 200}
    broken = {**call, "answer": {"id": 5, "object": "refund"}}
    assert len(recorder.breaches(broken)) == 2
    assert recorder.breaches({**broken, "path": "/v1/none"}) != []
