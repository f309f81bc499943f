"""The sandbox's Stripe as the real SDK sees it: sessions, payments, refunds, lists, errors."""

from collections.abc import Iterator

import pytest
import requests
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.testing import KEY, client, line, order


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox) -> stripe.StripeClient:
    sandbox.reset()
    return client(sandbox.url)


def test_a_new_session_is_open_unpaid_and_has_a_page(shop, sandbox):
    session = shop.v1.checkout.sessions.create(params=order())
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (4598, "usd")
    assert session.url == f"{sandbox.url}/c/pay/{session.id}"
    assert session.metadata.to_dict() == {"order_id": "order-1"}
    assert session.payment_intent is None
    assert session.livemode is False


def test_a_paid_session_is_complete_and_has_a_charge(shop, sandbox):
    session = shop.v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", session.id, "pay")
    paid = shop.v1.checkout.sessions.retrieve(
        session.id, params={"expand": ["line_items", "payment_intent.latest_charge"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert [item.amount_total for item in paid.line_items.data] == [3998, 600]
    assert paid.payment_intent.amount_received == 4598
    assert paid.payment_intent.metadata["order_id"] == "order-1"
    assert paid.payment_intent.latest_charge.captured is True
    assert paid.customer_details.email == "pat@example.com"


def test_a_declined_card_leaves_the_session_open_and_the_next_try_uses_the_same_intent(
    shop, sandbox
):
    session = shop.v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", session.id, "fail")
    failed = shop.v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent"]})
    assert failed.status == "open"
    assert failed.payment_intent.last_payment_error.code == "card_declined"
    sandbox.control("stripe", session.id, "pay")
    paid = shop.v1.checkout.sessions.retrieve(session.id)
    assert paid.payment_intent == failed.payment_intent.id


def test_line_items_come_in_pages(shop):
    lines = [line(100 + n) for n in range(12)]
    session = shop.v1.checkout.sessions.create(params=order(line_items=lines))
    assert len(session.to_dict().get("line_items", {})) == 0
    first = shop.v1.checkout.sessions.line_items.list(session.id)
    assert (len(first.data), first.has_more) == (10, True)
    found = list(shop.v1.checkout.sessions.line_items.list(session.id).auto_paging_iter())
    assert [item.amount_total for item in found] == [100 + n for n in range(12)]


def test_only_open_sessions_can_be_expired(shop, sandbox):
    session = shop.v1.checkout.sessions.create(params=order())
    assert shop.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`") as refused:
        shop.v1.checkout.sessions.expire(session.id)
    assert refused.value.http_status == 400
    paid = shop.v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", paid.id, "pay")
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        shop.v1.checkout.sessions.expire(paid.id)


def test_sessions_are_listed_by_payment_intent_and_status(shop, sandbox):
    ids = [shop.v1.checkout.sessions.create(params=order()).id for _ in range(3)]
    sandbox.control("stripe", ids[1], "pay")
    paid = shop.v1.checkout.sessions.retrieve(ids[1])
    by_intent = shop.v1.checkout.sessions.list(params={"payment_intent": paid.payment_intent})
    assert [session.id for session in by_intent.data] == [ids[1]]
    open_ones = shop.v1.checkout.sessions.list(params={"status": "open", "limit": 1})
    assert open_ones.has_more is True
    assert [session.id for session in open_ones.auto_paging_iter()] == [ids[2], ids[0]]


def test_metadata_of_a_session_can_be_changed(shop):
    session = shop.v1.checkout.sessions.create(params=order(metadata={"a": "1", "b": "2"}))
    changed = shop.v1.checkout.sessions.update(session.id, params={"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_refunds_add_up_and_stop_at_what_was_paid(shop, sandbox):
    intent = _paid(shop, sandbox)
    part = shop.v1.refunds.create(
        params={"payment_intent": intent, "amount": 1000, "metadata": {"refund_id": "r1"}}
    )
    assert (part.status, part.amount, part.metadata["refund_id"]) == ("succeeded", 1000, "r1")
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        shop.v1.refunds.create(params={"payment_intent": intent, "amount": 3599})
    rest = shop.v1.refunds.create(params={"payment_intent": intent})
    assert rest.amount == 3598
    charge = shop.v1.charges.retrieve(rest.charge, params={"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (4598, True)
    assert [refund.id for refund in charge.refunds.data] == [rest.id, part.id]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create(params={"payment_intent": intent})
    assert refused.value.code == "charge_already_refunded"
    assert shop.v1.refunds.retrieve(part.id).payment_intent == intent
    assert len(shop.v1.refunds.list(params={"payment_intent": intent}).data) == 2


def test_an_unpaid_intent_cannot_be_refunded(shop, sandbox):
    session = shop.v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", session.id, "fail")
    intent = shop.v1.checkout.sessions.retrieve(session.id).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        shop.v1.refunds.create(params={"payment_intent": intent})


def test_a_refund_may_fail_later(shop, sandbox):
    intent = _paid(shop, sandbox)
    refund = shop.v1.refunds.create(params={"payment_intent": intent})
    session = shop.v1.checkout.sessions.list(params={"payment_intent": intent}).data[0]
    sandbox.control("stripe", session.id, "refund-fail")
    assert shop.v1.refunds.retrieve(refund.id).status == "failed"
    assert shop.v1.charges.retrieve(refund.charge).amount_refunded == 0


def test_a_disputed_payment_cannot_be_refunded_until_the_dispute_is_won(shop, sandbox):
    intent = _paid(shop, sandbox)
    session = shop.v1.checkout.sessions.list(params={"payment_intent": intent}).data[0].id
    sandbox.control("stripe", session, "dispute")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create(params={"payment_intent": intent})
    assert refused.value.code == "refund_disputed_payment"
    sandbox.control("stripe", session, "dispute-win")
    assert shop.v1.refunds.create(params={"payment_intent": intent}).status == "succeeded"


def test_a_slow_method_completes_unpaid_and_is_paid_later(shop, sandbox):
    session = shop.v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", session.id, "pay-async")
    slow = shop.v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent"]})
    assert (slow.status, slow.payment_status) == ("complete", "unpaid")
    assert slow.payment_intent.status == "processing"
    sandbox.control("stripe", session.id, "async-succeed")
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_session_over_nothing_needs_no_payment(shop, sandbox):
    session = shop.v1.checkout.sessions.create(params=order(line_items=[line(0)]))
    assert session.payment_status == "no_payment_required"
    sandbox.control("stripe", session.id, "pay")
    done = shop.v1.checkout.sessions.retrieve(session.id)
    assert (done.status, done.payment_intent) == ("complete", None)


def test_events_can_be_read_again(shop, sandbox):
    session = shop.v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", session.id, "pay")
    found = shop.v1.events.list(params={"type": "checkout.session.completed"}).data
    assert [event.data.object.id for event in found] == [session.id]
    assert shop.v1.events.retrieve(found[0].id).type == "checkout.session.completed"
    kinds = ["charge.succeeded", "payment_intent.succeeded"]
    assert {e.type for e in shop.v1.events.list(params={"types": kinds}).data} == set(kinds)
    assert len(shop.v1.events.list().data) == 4


def test_what_is_not_there_is_a_404_with_stripes_code(shop):
    for read in (
        lambda: shop.v1.checkout.sessions.retrieve("cs_test_none"),
        lambda: shop.v1.payment_intents.retrieve("pi_none"),
        lambda: shop.v1.refunds.retrieve("re_none"),
        lambda: shop.v1.charges.retrieve("ch_none"),
        lambda: shop.v1.events.retrieve("evt_none"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="No such") as refused:
            read()
        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


@pytest.mark.parametrize("key", ["", "pk_test_12345678", "sk_live_12345678", "sk_test_"])
def test_a_wrong_key_is_a_401(sandbox, key):
    with pytest.raises(stripe.AuthenticationError) as refused:
        stripe.StripeClient(
            key or "none", base_addresses={"api": sandbox.url}
        ).v1.checkout.sessions.list()
    assert refused.value.http_status == 401
    assert refused.value.request_id.startswith("req_")


def test_every_answer_names_its_request_and_version(sandbox):
    answer = requests.get(f"{sandbox.url}/v1/checkout/sessions", auth=(KEY, ""), timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == stripe.api_version


def test_another_api_version_is_refused(sandbox):
    old = stripe.StripeClient(KEY, base_addresses={"api": sandbox.url})
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        old.v1.checkout.sessions.list(options={"stripe_version": "2024-06-20"})


def test_an_unknown_address_is_a_404(sandbox):
    answer = requests.get(f"{sandbox.url}/v1/nothing", auth=(KEY, ""), timeout=5)
    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


def test_a_json_body_is_refused(sandbox):
    answer = requests.post(
        f"{sandbox.url}/v1/checkout/sessions", json={"mode": "payment"}, auth=(KEY, ""), timeout=5
    )
    assert answer.status_code == 400
    assert "x-www-form-urlencoded" in answer.json()["error"]["message"]


def _paid(shop: stripe.StripeClient, sandbox: Sandbox) -> str:
    session = shop.v1.checkout.sessions.create(params=order())
    sandbox.control("stripe", session.id, "pay")
    return str(shop.v1.checkout.sessions.retrieve(session.id).payment_intent)
