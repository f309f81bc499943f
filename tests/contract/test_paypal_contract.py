"""What the shop sends to PayPal, and what the sandbox answers, is what PayPal describes."""

import copy
import json

import pytest

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import ChargeLine, ProviderRefused, State
from localcloud.sandbox.paypal.testing import Account, order, usd
from tests.contract.paypal_contract import FOLDER, ORDERS, PAYMENTS, PayPalContract
from tests.payments.paypal import signed as vector
from tests.payments.paypal.world import charge, of, quiet_log, world


@pytest.fixture(scope="module")
def contract() -> PayPalContract:
    """The descriptions; skips where a clone has none beside it."""
    if not ORDERS.exists() or not PAYMENTS.exists():
        pytest.skip("PayPal's API descriptions are not beside this repository")
    return PayPalContract()


@pytest.fixture
def running(monkeypatch):
    quiet_log(monkeypatch)
    with world() as made:
        yield made


def breaches(contract, sandbox) -> list[str]:
    seen = [call for call in sandbox.requests() if call["path"].startswith("/v2/")]
    assert seen
    return [error for call in seen for error in contract.breaches(call)]


def test_all_calls_of_a_payments_life_are_as_paypal_describes_them(contract, running):
    sandbox, provider = running
    session_id = provider.open(charge()).session_id
    provider.open(charge(), again=True)
    assert provider.status(session_id).state == State.OPEN
    sandbox.control("paypal", session_id, "approve")
    paid = provider.status(session_id)
    provider.refund(paid.capture_id, Money(1000, "USD"), key="late:pay_1")
    provider.refund(paid.capture_id, Money(1000, "USD"), key="late:pay_1")
    assert provider.status(session_id).refunded == Money(1000, "USD")
    assert breaches(contract, sandbox) == []


def test_an_order_of_any_currency_language_and_name_is_as_paypal_describes_it(contract, running):
    sandbox, provider = running
    for number, (amount, currency) in enumerate([(5000, "JPY"), (1, "EUR"), (99, "CNY")]):
        locale = ("en", "zh-CN", "fr")[number]
        provider.open(of(amount, currency, payment_id=f"pay_{number}", locale=locale))
    lines = [ChargeLine("茶" * 300, Money(4598, "USD"), 1)]
    provider.open(charge(payment_id="pay_long", lines=lines))
    assert breaches(contract, sandbox) == []


def test_every_state_and_refusal_of_the_sandbox_is_as_paypal_describes_it(contract, running):
    sandbox, provider = running
    account = Account(sandbox)
    for number, action in enumerate(("approve-declined", "capture-pending", "approve")):
        session_id = provider.open(charge(payment_id=f"pay_state{number}")).session_id
        sandbox.control("paypal", session_id, action)
        provider.status(session_id)
    sandbox.control("paypal", session_id, "dispute")
    for body in (order(amount=usd("1.00")), order(amount=None), order(custom_id="x" * 200)):
        account.create("bad", body)
    account.capture(account.create("open").json()["id"])
    account.capture("X1")
    account.read("X1")
    account.refund("X1")
    account.refund(provider.status(session_id).capture_id)
    account.create(Authorization="Bearer nobody")
    for fault in ("500", "503", "lock"):
        sandbox.fault("orders.*", fault)
        account.create("fault")
    assert breaches(contract, sandbox) == []
    statuses = {call["status"] for call in sandbox.requests()}
    assert {200, 201, 400, 401, 404, 409, 422, 500, 503} <= statuses


def test_a_refund_that_is_read_and_a_capture_are_as_paypal_describes_them(contract, running):
    sandbox = running[0]
    account = Account(sandbox)
    _, capture_id = account.paid()
    refund = account.refund(capture_id, {"amount": usd("1.00")}).json()
    account.call("GET", f"/payments/refunds/{refund['id']}")
    account.call("GET", f"/payments/captures/{capture_id}")
    assert breaches(contract, sandbox) == []


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("purchase_units", 0, "amount", "value"), 45.98),
        (("purchase_units", 0, "items", 0, "quantity"), 2),
        (("purchase_units", 0, "items", 0, "name"), "x" * 128),
        (("purchase_units", 0, "custom_id"), "x" * 128),
        (("purchase_units", 0, "price"), "1"),
        (("intent",), "SALE"),
        (("payment_source", "paypal", "experience_context", "user_action"), "PAY"),
        (("payment_source", "paypal", "experience_context", "success_url"), "x"),
    ],
)
def test_the_description_would_notice_a_wrong_call(contract, running, where, value):
    sandbox, provider = running
    provider.open(charge())
    call = copy.deepcopy(next(c for c in sandbox.requests() if c["kind"] == "orders.create"))
    assert contract.breaches(call) == []
    body = json.loads(call["body"])
    inner = body
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    call["body"] = json.dumps(body)
    assert contract.breaches(call) != []


def test_the_description_would_notice_a_wrong_answer(contract, running):
    sandbox, provider = running
    provider.open(charge())
    call = copy.deepcopy(next(c for c in sandbox.requests() if c["kind"] == "orders.create"))
    for changes in ({"status": "OPEN"}, {"_own": {}}, {"links": [{}]}):
        assert contract.breaches({**call, "answer": {**call["answer"], **changes}}) != []


def test_what_paypal_describes_as_wrong_the_sandbox_refuses(contract, running):
    """What breaks the description does not come through the sandbox either."""
    provider = running[1]
    for odd in (charge(number="n" * 200), charge(payment_id="p" * 109), charge(reference="")):
        with pytest.raises(ProviderRefused):
            provider.open(odd)


def test_the_signature_vector_is_the_one_of_the_contract(contract):
    text = (FOLDER / "PAYMENT_APIS.md").read_text()
    for part in (vector.BODY.decode(), vector.SIGNATURE, vector.PEM.decode(), vector.WEBHOOK_ID,
                 vector.SENT_AT, str(vector.CRC)):  # fmt: skip
        assert part in text
