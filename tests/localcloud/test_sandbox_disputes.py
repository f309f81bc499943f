"""Disputes in the sandbox: opened, won and lost, as Stripe's and PayPal's APIs tell of them."""

import pytest

from localcloud.sandbox import Sandbox
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.paypal.testing import Account
from localcloud.sandbox.testing import client, order


@pytest.fixture(scope="module")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    return running


def test_stripe_lists_the_disputes_of_a_payment(sandbox):
    shop = client(sandbox.url)
    session = shop.v1.checkout.sessions.create(params=order()).id
    sandbox.control("stripe", session, "pay")
    intent = str(shop.v1.checkout.sessions.retrieve(session).payment_intent)
    assert shop.v1.disputes.list(params={"payment_intent": intent}).data == []
    sandbox.control("stripe", session, "dispute")
    (found,) = shop.v1.disputes.list(params={"payment_intent": intent}).data
    assert (found.status, found.payment_intent) == ("needs_response", intent)
    sandbox.control("stripe", session, "dispute-lose")
    (found,) = shop.v1.disputes.list(params={"payment_intent": intent}).data
    assert found.status == "lost"
    assert shop.v1.disputes.list(params={"payment_intent": "pi_other"}).data == []


@pytest.fixture
def account(sandbox) -> Account:
    return Account(sandbox)


def disputes(account: Account, capture_id: str) -> list[dict]:
    """Every dispute of a capture, each read by itself."""
    call = account._http.get
    headers = {"Authorization": f"Bearer {account._token}"}
    base = f"{account.sandbox.url}/v1/customer/disputes"
    listed = call(f"{base}?disputed_transaction_id={capture_id}", headers=headers, timeout=10)
    names = [each["dispute_id"] for each in listed.json()["items"]]
    return [call(f"{base}/{name}", headers=headers, timeout=10).json() for name in names]


@pytest.mark.parametrize(
    ("end", "code", "status"),
    [
        ("dispute-win", "RESOLVED_SELLER_FAVOUR", "COMPLETED"),
        ("dispute-lose", "RESOLVED_BUYER_FAVOUR", "REFUNDED"),
    ],
)
def test_paypal_tells_how_a_dispute_was_decided(account, sandbox, end, code, status):
    order_id, capture_id = account.paid()
    assert disputes(account, capture_id) == []
    sandbox.control("paypal", order_id, "dispute")
    (found,) = disputes(account, capture_id)
    assert (found["status"], found.get("dispute_outcome")) == ("OPEN", None)
    happened = sandbox.control("paypal", order_id, end)
    (found,) = disputes(account, capture_id)
    assert (found["status"], found["dispute_outcome"]["outcome_code"]) == ("RESOLVED", code)
    assert "CUSTOMER.DISPUTE.RESOLVED" in [event["type"] for event in happened["events"]]
    capture = account.call("GET", f"/payments/captures/{capture_id}").json()
    assert capture["status"] == status
    refunded = account.refund(capture_id)
    assert refunded.status_code == (201 if end == "dispute-win" else 422)


def test_nothing_is_decided_that_is_not_in_dispute(account, sandbox):
    order_id, _ = account.paid()
    for action in ("dispute-win", "dispute-lose"):
        with pytest.raises(ControlError) as refused:
            sandbox.control("paypal", order_id, action)
        assert refused.value.status == 409
    sandbox.control("paypal", order_id, "refund")
    with pytest.raises(ControlError):
        sandbox.control("paypal", order_id, "dispute")
