"""The order page has the shop ask the provider: at once, limited, and nobody guesses."""

import pytest
import stripe

from chalicelib.checkout import paying
from chalicelib.kernel import limits
from chalicelib.kernel.deadline import OutOfTime
from chalicelib.kernel.errors import ProviderDown
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.providers.stripe import sdk
from chalicelib.settlement import outcomes
from tests.checkout.words import order, placed
from tests.faults.shim import Shim
from tests.faults.world import check_world
from tests.kernel.envelope import refused


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(sdk, "TIMEOUT_SECONDS", (1, 0.3))
    monkeypatch.setattr(stripe.RequestsClient, "_sleep_time_seconds", lambda *_: 0)


def ask(shop, found: dict, payment_id: str | None = None):
    path = f"/api/payment/verify/{payment_id or found['paymentId']}"
    return shop.call("POST", path, {}, **{"X-Order-Token": found["accessToken"]})


def view(shop, found: dict) -> dict:
    path = f"/api/order-status/{found['orderId']}"
    answer = shop.call("GET", path, **{"X-Order-Token": found["accessToken"]})
    return answer.json_body["data"]


def act(shop, found: dict, action: str) -> None:
    """Something happens at the provider, and no webhook tells it."""
    payment = payments.read(found["paymentId"])
    provider = payment.provider
    shop.sandbox.control(provider, payment.session_id, action, lose=True)


def test_a_lost_notification_is_made_up_for_at_once(shop, mugs):
    first = placed(shop, mugs)
    act(shop, first, "pay")
    assert view(shop, first)["status"] == "PENDING", "nobody has asked yet"
    answer = ask(shop, first)
    assert (answer.status_code, answer.json_body["data"]["status"]) == (200, "SUCCESS")
    assert view(shop, first)["status"] == "PAID"
    check_world(shop.sandbox.state())


def test_a_completed_session_whose_money_is_still_to_come_is_processing(shop, mugs):
    first = placed(shop, mugs)
    act(shop, first, "pay-async")
    assert ask(shop, first).json_body["data"]["status"] == "PROCESSING"
    assert view(shop, first)["paymentStatus"] == "PROCESSING"


def test_that_nothing_was_paid_is_said_only_by_the_provider(shop, mugs):
    first = placed(shop, mugs)
    shop.sandbox.fault("checkout.sessions.*", "503", times=9)
    refused(ask(shop, first), 503, "PROVIDER_BUSY")
    shop.sandbox.no_faults()
    assert ask(shop, first).json_body["data"]["status"] == "PENDING"


def test_a_declined_paypal_payment_says_so_at_once(shop, mugs):
    first = placed(shop, mugs, paymentMethod="paypal")
    assert not view(shop, first)["paymentDeclined"]
    act(shop, first, "approve-declined")
    data = ask(shop, first).json_body["data"]
    assert (data["status"], data["notice"]["code"]) == ("PENDING", "PAYMENT_DECLINED")
    assert view(shop, first)["paymentDeclined"]
    assert view(shop, first)["url"] == first["url"], "another card can be chosen there"
    before = payments.read(first["paymentId"])
    ask(shop, first)
    assert payments.read(first["paymentId"]) == before, "said again, nothing is written"


def test_after_it_was_declined_another_try_pays(shop, mugs):
    first = placed(shop, mugs, paymentMethod="paypal")
    act(shop, first, "approve-declined")
    ask(shop, first)
    act(shop, first, "approve")
    ask(shop, first)
    shown = view(shop, first)
    assert (shown["status"], shown["paymentDeclined"]) == ("PAID", False)
    check_world(shop.sandbox.state())


def test_a_declined_consent_that_a_webhook_tells_of_says_so_too(shop, mugs):
    first = placed(shop, mugs, paymentMethod="paypal")
    payment = payments.read(first["paymentId"])
    outcome = Outcome(State.OPEN, payment.session_id, declined=True)
    for _ in range(2):
        outcomes.apply(first["orderId"], outcome, payment_id=payment.payment_id, now=1)
    assert view(shop, first)["paymentDeclined"]
    assert order()["status"] == "PENDING"


def test_what_an_older_page_brought_is_asked_about_as_well(shop, mugs):
    first = placed(shop, mugs)
    shop.sandbox.fault("checkout.sessions.expire", "500", times=9)
    path, key = f"/api/orders/{first['orderId']}/pay", {"X-Order-Token": first["accessToken"]}
    second = shop.call("POST", path, {"method": "paypal"}, **key).json_body["data"]
    shop.sandbox.no_faults()
    act(shop, first, "pay")
    ask(shop, first, second["paymentId"])
    assert view(shop, first)["status"] == "PAID"


def test_what_is_decided_is_not_asked_about(shop, mugs):
    first = placed(shop, mugs)
    act(shop, first, "pay")
    ask(shop, first)
    with Shim() as shim:
        assert ask(shop, first).status_code == 200
    assert not [call for call in shim.calls if call.startswith("stripe")]


def test_one_payment_is_asked_about_so_often_and_then_not_for_a_while(shop, mugs):
    first = placed(shop, mugs)
    for _ in range(limits.VERIFY_ONE.most):
        assert ask(shop, first).status_code == 200
    with Shim() as shim:
        answer = refused(ask(shop, first), 429, "TOO_MANY_REQUESTS")
    assert answer["success"] is False
    assert not [call for call in shim.calls if call.startswith("stripe")]


def test_control_without_its_allowance_each_call_asks_the_provider(shop, mugs, monkeypatch):
    monkeypatch.setattr(paying.rates, "spend", lambda *_, **__: None)
    first = placed(shop, mugs)
    with Shim() as shim:
        for _ in range(limits.VERIFY_ONE.most + 5):
            ask(shop, first)
    asked = [call for call in shim.calls if call.startswith("stripe")]
    assert len(asked) == limits.VERIFY_ONE.most + 5


def test_nobody_else_has_it_asked(shop, mugs):
    first = placed(shop, mugs)
    refused(ask(shop, first | {"accessToken": "guess"}), 404, "PAYMENT_NOT_FOUND")


def test_a_hash_and_a_passphrase_are_still_one_or_the_other(shop, mugs):
    first = placed(shop, mugs)
    path = f"/api/payment/verify/{first['paymentId']}"
    both = {"hash": "0x1", "passphrase": "x"}
    answer = shop.call("POST", path, both, **{"X-Order-Token": first["accessToken"]})
    assert answer.status_code == 422


@pytest.mark.parametrize("trouble", [ProviderDown, OutOfTime])
def test_what_one_provider_has_said_is_told_whatever_another_one_does(
    shop, mugs, monkeypatch, trouble
):
    first = placed(shop, mugs, paymentMethod="usdt-trc20")
    path = f"/api/orders/{first['orderId']}/pay"
    key = {"X-Order-Token": first["accessToken"]}
    begun = shop.call("POST", path, {"method": "stripe"}, **key).json_body["data"]
    act(shop, begun | {"accessToken": first["accessToken"]}, "pay")
    honest = payments.status

    def status(payment, *, take):
        if payment.provider != "stripe":
            raise trouble()
        return honest(payment, take=take)

    monkeypatch.setattr(payments, "status", status)
    answer = ask(shop, first, begun["paymentId"])
    assert (answer.status_code, answer.json_body["data"]["status"]) == (200, "SUCCESS")
    assert view(shop, first)["status"] == "PAID"


def test_control_while_the_order_waits_what_nobody_can_say_is_not_said(shop, mugs, monkeypatch):
    first = placed(shop, mugs, paymentMethod="usdt-trc20")

    def status(payment, *, take):
        raise ProviderDown()

    monkeypatch.setattr(payments, "status", status)
    refused(ask(shop, first), 503, "PROVIDER_BUSY")
