"""What PayPal is asked for, to the letter, and what each of its answers means to the shop."""

import json

import pytest

from chalicelib.kernel.money import Money
from chalicelib.payments.ports import ChargeLine, Outcome, ProviderRefused, State
from tests.payments.paypal.world import calls, charge, of

CREATE, CAPTURE = "orders.create", "orders.capture"
WHOLE = Money(4598, "USD")


def captures(sandbox) -> list[str]:
    return [each["status"] for each in sandbox.state()["paypal"]["captures"]]


def test_the_order_asks_for_the_charge_and_nothing_else(provider, sandbox):
    provider.open(charge())
    (call,) = calls(sandbox, CREATE)
    assert call["idempotencyKey"] == "pay_0123456789abcdef"
    assert json.loads(call["body"]) == {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "reference_id": "ord_1",
                "custom_id": "pay_0123456789abcdef",
                "invoice_id": "CW-20261120-0001-abcdef",
                "amount": {
                    "currency_code": "USD",
                    "value": "45.98",
                    "breakdown": {"item_total": {"currency_code": "USD", "value": "45.98"}},
                },
                "items": [
                    {
                        "name": "红茶 – Größe L",
                        "quantity": "2",
                        "unit_amount": {"currency_code": "USD", "value": "19.99"},
                    },
                    {
                        "name": "Standard",
                        "quantity": "1",
                        "unit_amount": {"currency_code": "USD", "value": "6.00"},
                    },
                ],
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "return_url": "http://shop.localhost/order.html?session=pay_0123456789abcdef"
                    "#order=1",
                    "cancel_url": "http://shop.localhost/order.html?cancelled=1#order=1",
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                    "locale": "en-US",
                }
            }
        },
    }


def test_who_pays_is_not_told_to_paypal(provider, sandbox):
    provider.open(charge())
    assert "pat@example.com" not in json.dumps(sandbox.requests())


def test_a_charge_asked_for_again_is_the_same_to_the_byte_and_opens_once(provider, sandbox):
    opened = {provider.open(charge(), again=again) for again in (False, True, True)}
    assert len(opened) == 1
    assert len({call["body"] for call in calls(sandbox, CREATE)}) == 1
    assert [call["status"] for call in calls(sandbox, CREATE)] == [201, 200, 200]
    assert len(sandbox.state()["paypal"]["orders"]) == 1


def test_a_second_attempt_has_another_invoice_number(provider, sandbox):
    for payment_id in ("pay_aaaaaa", "pay_bbbbbb"):
        session_id = provider.open(charge(payment_id=payment_id)).session_id
        sandbox.control("paypal", session_id, "approve")
        assert provider.status(session_id).state == State.PAID


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [(3000, "JPY", "3000"), (500_000, "HUF", "5000"), (100, "TWD", "1"), (5, "EUR", "0.05"),
     (10**14, "USD", "1000000000000.00")],
)  # fmt: skip
def test_an_amount_has_the_decimals_its_currency_has_at_paypal(
    provider, sandbox, amount, currency, value
):
    session_id = provider.open(of(amount, currency)).session_id
    (unit,) = json.loads(calls(sandbox, CREATE)[0]["body"])["purchase_units"]
    assert unit["amount"]["value"] == unit["items"][0]["unit_amount"]["value"] == value
    sandbox.control("paypal", session_id, "approve")
    assert provider.status(session_id).amount == Money(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency"), [(100, "KRW"), (150, "HUF"), (1, "TWD"), (9, "INR")]
)
def test_an_amount_that_paypal_can_not_take_is_refused_unasked(provider, sandbox, amount, currency):
    with pytest.raises(ProviderRefused):
        provider.open(of(amount, currency))
    assert calls(sandbox, CREATE) == []


def test_a_charge_whose_lines_do_not_add_up_is_refused(provider):
    with pytest.raises(ProviderRefused):
        provider.open(charge(total=Money(4599, "USD")))


def test_a_long_name_is_cut_and_a_language_paypal_knows_is_asked_for(provider, sandbox):
    lines = [ChargeLine("茶" * 200, WHOLE, 1)]
    for payment_id, locale in (("pay_a", "zh-CN"), ("pay_b", "tlh")):
        provider.open(charge(payment_id=payment_id, lines=lines, locale=locale))
    bodies = [json.loads(call["body"]) for call in calls(sandbox, CREATE)]
    assert bodies[0]["purchase_units"][0]["items"][0]["name"] == "茶" * 127
    contexts = [body["payment_source"]["paypal"]["experience_context"] for body in bodies]
    assert [context.get("locale") for context in contexts] == ["zh-CN", None]


def test_an_order_nobody_approved_is_open_and_not_captured(provider, sandbox):
    session_id = provider.open(charge()).session_id
    assert provider.status(session_id) == Outcome(State.OPEN, session_id)
    assert calls(sandbox, CAPTURE) == []


def test_what_the_buyer_approved_is_taken_only_when_asked_to(provider, sandbox):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve")
    assert provider.status(session_id, take=False).state == State.OPEN
    assert captures(sandbox) == []
    outcome = provider.status(session_id)
    assert (outcome.state, outcome.amount) == (State.PAID, WHOLE)
    assert outcome.refunded == Money(0, "USD")
    assert captures(sandbox) == ["COMPLETED"]
    (call,) = calls(sandbox, CAPTURE)
    assert (call["idempotencyKey"], call["body"]) == (f"capture-{session_id}", "{}")


def test_money_is_taken_once_however_often_it_is_asked(provider, sandbox, paid):
    assert provider.status(paid.session_id) == provider.close(paid.session_id) == paid
    assert captures(sandbox) == ["COMPLETED"]


def test_who_was_faster_in_capturing_is_believed(provider, sandbox, monkeypatch):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve")
    post = provider._calls.post

    def beaten(path, body, *, key):
        post(path, body, key="another-hand")
        return post(path, body, key=key)

    monkeypatch.setattr(provider._calls, "post", beaten)
    assert provider.status(session_id).state == State.PAID
    assert [call["status"] for call in calls(sandbox, CAPTURE)] == [201, 422]


def test_a_declined_card_leaves_the_order_open_for_another_consent(provider, sandbox):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve-declined")
    assert provider.status(session_id).state == State.OPEN
    assert captures(sandbox) == []
    sandbox.control("paypal", session_id, "approve")
    assert provider.status(session_id).state == State.PAID


@pytest.mark.parametrize(
    ("decision", "state"), [("capture-complete", State.PAID), ("capture-deny", State.FAILED)]
)
def test_held_money_is_under_way_until_it_is_decided(provider, sandbox, decision, state):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "capture-pending")
    taken = provider.status(session_id)
    assert (taken.state, taken.amount) == (State.PROCESSING, WHOLE)
    assert provider.close(session_id).state == State.PROCESSING
    sandbox.control("paypal", session_id, decision)
    assert provider.status(session_id).state == state


@pytest.mark.parametrize("approved", [False, True])
def test_an_order_that_paypal_dropped_has_ended(provider, sandbox, approved):
    session_id = provider.open(charge()).session_id
    if approved:
        sandbox.control("paypal", session_id, "approve")
    sandbox.control("paypal", session_id, "expire")
    assert provider.status(session_id) == Outcome(State.ENDED, session_id)
    assert provider.close(session_id) == Outcome(State.ENDED, session_id)


def test_closing_an_order_nobody_approved_ends_it_and_later_consent_takes_no_money(
    provider, sandbox
):
    session_id = provider.open(charge()).session_id
    assert provider.close(session_id).state == State.ENDED
    sandbox.control("paypal", session_id, "approve")
    assert provider.status(session_id, take=False).state == State.OPEN
    assert captures(sandbox) == []


def test_closing_takes_what_the_buyer_had_approved(provider, sandbox):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve")
    outcome = provider.close(session_id)
    assert (outcome.state, outcome.amount) == (State.PAID, WHOLE)


def test_closing_what_can_not_be_taken_ends_it(provider, sandbox):
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve-declined")
    assert provider.close(session_id).state == State.ENDED
    assert captures(sandbox) == []


def test_an_order_that_is_paid_already_opens_at_the_shops_own_page(provider, sandbox, paid):
    opened = provider.open(charge(), again=True)
    assert opened.session_id == paid.session_id
    assert opened.url == "http://shop.localhost/order.html?session=pay_0123456789abcdef#order=1"
