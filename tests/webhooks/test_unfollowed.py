"""What is none of the shop's is answered, counted and logged, and costs nothing more."""

import json

import pytest

from chalicelib.kernel.ids import derived
from chalicelib.payments.ports import Event
from chalicelib.webhooks import accept
from tests import factory
from tests.faults.shim import Shim
from tests.faults.world import scan
from tests.shop import record_of

ALMOST = f"pay_{'A' * 26}"
OTHERS = {
    "nothing": {},
    "a reference": {"client_reference_id": "10045"},
    "an order of theirs": {"client_reference_id": "wc_9", "metadata": {"order_id": "9"}},
    "a payment of theirs": {"client_reference_id": "x1", "metadata": {"payment_id": "77"}},
    "a payment that looks nearly like ours": {
        "metadata": {"payment_id": "pay_ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    },
    "an order of ours and no payment": {"client_reference_id": derived("ord", "crt_x", 1)},
    "another kind of id of ours": {"metadata": {"payment_id": derived("ord", "crt_x", 1)}},
    "no text at all": {"client_reference_id": 5, "metadata": {"payment_id": {"a": 1}}},
}
KINDS = (
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "charge.refunded",
    "charge.dispute.created",
    "refund.updated",
)


def foreign(kind: str, more: dict) -> dict:
    """An event of another shop on the same Stripe account."""
    subject = {
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete",
        "payment_status": "paid", "amount_total": 1500, "currency": "usd", "metadata": {},
        "payment_intent": "pi_theirs", **more,
    }  # fmt: skip
    identifier = f"evt_{kind}_{len(json.dumps(more))}"
    return {"id": identifier, "type": kind, "livemode": False, "data": {"object": subject}}


@pytest.fixture
def placed(shop):
    shop.sell("mug", stock=5)
    return shop.buy({"mug": 2})


def test_what_nobody_follows_is_answered_counted_and_logged_and_costs_no_write(
    shop, placed, capsys
):
    events = [event for event in shop.pay(placed) if "session" not in event["type"]]
    assert len(events) == 3
    capsys.readouterr()
    with Shim() as shim:
        for event in events:
            answer = shop.deliver(event)
            assert (answer.status_code, answer.json_body) == (200, {"received": True})
    assert (shim.writes, shop.waiting(), scan("webhooks")) == ([], 0, [])
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["WebhookIgnored"] for line in metrics] == [1, 1, 1]


def test_control_a_shop_that_follows_everything_has_a_message_for_each(shop, placed, monkeypatch):
    monkeypatch.setattr(Event, "followed", True)
    events = shop.pay(placed)
    for event in events:
        shop.deliver(event)
    assert shop.waiting() == len(events) > 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", OTHERS.values(), ids=OTHERS)
def test_another_shops_event_is_ignored_at_once(shop, placed, kind, more):
    assert shop.deliver(foreign(kind, more)).status_code == 200
    shop.drain()
    assert (shop.waiting(), scan("webhooks")) == (0, [])
    assert factory.stock("mug")["sold"] == 0


def test_control_without_a_look_at_its_shape_a_strangers_id_is_tried_again(
    shop, placed, monkeypatch
):
    monkeypatch.setattr(accept, "is_derived", lambda text, prefix: text is not None)
    shop.deliver(foreign("charge.refunded", {"metadata": {"payment_id": "77"}}))
    assert len(shop.work()) == 1


@pytest.mark.parametrize("kind", ["checkout.session.completed", "charge.refunded"])
def test_what_names_a_payment_of_ours_that_is_not_there_yet_is_tried_again(shop, placed, kind):
    names = {
        "client_reference_id": derived("ord", "crt_x", 1),
        "metadata": {"payment_id": derived("pay", "ord_x", 1)},
    }
    shop.deliver(foreign(kind, names))
    assert len(shop.work()) == 1
    (row,) = scan("webhooks")
    assert (row["status"], row["error"]) == ("FAILED", "OrderNotThereYet")
    assert shop.waiting() == 1, "it comes again"


PAYPAL = [
    ("CHECKOUT.ORDER.APPROVED", {"id": "5O1", "purchase_units": [{"custom_id": "wc-1001"}]}),
    ("CHECKOUT.ORDER.APPROVED", {"id": "5O1", "purchase_units": [{}]}),
    ("PAYMENT.CAPTURE.COMPLETED", {"id": "CAP1", "custom_id": "wc-1001"}),
    ("PAYMENT.CAPTURE.DENIED", {"custom_id": "wc-1001"}),
    ("PAYMENT.CAPTURE.REFUNDED", {"id": "R1", "custom_id": "1001", "links": []}),
    ("CUSTOMER.DISPUTE.CREATED", {"disputed_transactions": [{"seller_transaction_id": "CAP9"}]}),
    ("BILLING.SUBSCRIPTION.CREATED", {"id": "I-1"}),
]
OXAPAY = [
    {"type": "invoice", "status": "Paid", "track_id": "7", "order_id": "1001"},
    {"type": "invoice", "status": "Paid", "track_id": "7"},
    {"type": "static_address", "status": "Paid", "track_id": "7", "order_id": ""},
]


def handed(shop, provider: str, body: dict) -> list[str]:
    """The worker's word on a message that is on the queue already."""
    message = {"provider": provider, "receivedAt": 1_795_000_000, "body": json.dumps(body)}
    record = {"MessageId": "1", "ReceiptHandle": "1", "Body": json.dumps(message)}
    return shop.hand_over([record_of(record)])


@pytest.mark.parametrize(("kind", "resource"), PAYPAL)
def test_another_shops_event_of_paypals_is_ignored_at_once(shop, kind, resource):
    event = {"id": "WH-1", "event_type": kind, "resource": resource}
    assert handed(shop, "paypal", event) == []
    assert scan("webhooks") == []


@pytest.mark.parametrize("body", OXAPAY, ids=str)
def test_another_shops_callback_of_oxapays_is_ignored_at_once(shop, body):
    assert handed(shop, "oxapay", body) == []
    assert scan("webhooks") == []


STRANGERS = {
    "no metadata": {"metadata": {}},
    "their own": {"metadata": {"subscription_id": "10045"}},
    "an id of Stripe's": {"metadata": {"subscription_id": "sub_1QabcdEFGHijklmnopqrstuv"}},
}


@pytest.mark.parametrize("subject", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("kind", ["customer.subscription.updated", "invoice.paid"])
def test_another_shops_subscription_is_ignored_without_asking(shop, subject, kind):
    details = {"subscription_details": {"subscription": "sub_theirs", **subject}}
    invoice = {"id": "sub_theirs", "parent": details, **subject}
    event = {"id": "evt_sub", "type": kind, "livemode": False, "data": {"object": invoice}}
    asked = len(shop.sandbox.requests())
    assert shop.deliver(event).status_code == 200
    assert (shop.waiting(), scan("webhooks")) == (0, [])
    assert len(shop.sandbox.requests()) == asked
