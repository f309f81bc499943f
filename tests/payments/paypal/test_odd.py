"""Answers of PayPal's that the sandbox never gives: rare ones, and those of no sense."""

import pytest
import requests

from chalicelib.kernel.errors import ProviderBusy
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import ProviderRefused, State
from chalicelib.payments.providers.paypal.provider import HOSTS, PayPal
from tests.payments.paypal.world import Stub, charge, quiet_log

DOLLAR = Money(100, "USD")
ORDER, CAPTURE = "/v2/checkout/orders/5O1", "/v2/checkout/orders/5O1/capture"
REFUND = "/v2/payments/captures/3C6/refund"
APPROVED = {"id": "5O1", "status": "APPROVED"}


@pytest.fixture
def stub(monkeypatch):
    quiet_log(monkeypatch)
    made = Stub()
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter, "send", lambda *args, **more: made.send(*args, **more)
    )
    return made


@pytest.fixture
def live(stub):
    return PayPal("client", "secret", "1AB23456CD789012E", HOSTS["live"], None)


def refusal(issue: str, name: str = "UNPROCESSABLE_ENTITY") -> dict:
    return {"name": name, "debug_id": "f1", "details": [{"issue": issue}]}


def captured(**changes) -> dict:
    amount = {"currency_code": "USD", "value": "1.00"}
    capture = {"id": "3C6", "status": "COMPLETED", "amount": amount, **changes}
    unit = {"payments": {"captures": [capture]}}
    return {"id": "5O1", "status": "COMPLETED", "purchase_units": [unit]}


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_a_refund_that_failed_is_refused(live, stub, status):
    stub.answer(REFUND, {"id": "1JU", "status": status}, 201)
    with pytest.raises(ProviderRefused):
        live.refund("3C6", DOLLAR, key="r1")


@pytest.mark.parametrize("status", ["COMPLETED", "PENDING"])
def test_a_refund_that_is_done_or_under_way_has_an_id(live, stub, status):
    stub.answer(REFUND, {"id": "1JU", "status": status}, 201)
    assert live.refund("3C6", DOLLAR, key="r1") == "1JU"


@pytest.mark.parametrize("answer", [{}, {"id": "1JU"}, {"status": "COMPLETED"},
                                    {"id": 7, "status": "COMPLETED"},
                                    {"id": "1JU", "status": "NEW"}])  # fmt: skip
def test_an_answer_that_is_no_refund_is_not_believed(live, stub, answer):
    stub.answer(REFUND, answer, 201)
    with pytest.raises(ProviderBusy):
        live.refund("3C6", DOLLAR, key="r1")


@pytest.mark.parametrize("issue", ["CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED",
                                   "REFUND_TIME_LIMIT_EXCEEDED", "PENDING_CAPTURE",
                                   "TRANSACTION_DISPUTED"])  # fmt: skip
def test_what_can_not_be_given_back_is_refused(live, stub, issue):
    stub.answer(REFUND, refusal(issue), 422)
    with pytest.raises(ProviderRefused):
        live.refund("3C6", DOLLAR, key="r1")


def test_a_capture_that_another_call_is_making_is_busy(live, stub):
    stub.answer(ORDER, APPROVED)
    stub.answer(CAPTURE, refusal("ORDER_COMPLETION_IN_PROGRESS"), 422)
    for ask in (live.status, live.close):
        with pytest.raises(ProviderBusy):
            ask("5O1")


def test_an_order_that_is_captured_and_does_not_show_it_yet_is_busy(live, stub):
    stub.answer(ORDER, APPROVED)
    stub.answer(CAPTURE, refusal("ORDER_ALREADY_CAPTURED"), 422)
    for ask in (live.status, live.close):
        with pytest.raises(ProviderBusy):
            ask("5O1")


@pytest.mark.parametrize("status", [400, 404])
def test_an_order_that_is_captured_and_can_not_be_looked_at_has_not_ended(
    live, stub, monkeypatch, status
):
    stub.answer(ORDER, APPROVED)
    stub.answer(CAPTURE, refusal("ORDER_ALREADY_CAPTURED"), 422)
    post = live._calls.post

    def gone(*args, **more):
        stub.answer(ORDER, refusal("INVALID_RESOURCE_ID", "RESOURCE_NOT_FOUND"), status)
        return post(*args, **more)

    monkeypatch.setattr(live._calls, "post", gone)
    with pytest.raises(ProviderBusy):
        live.close("5O1")


@pytest.mark.parametrize("issue", ["PAYER_ACTION_REQUIRED", "ORDER_NOT_APPROVED",
                                   "INSTRUMENT_DECLINED"])  # fmt: skip
def test_a_capture_that_waits_for_the_buyer_leaves_the_order_open(live, stub, issue):
    stub.answer(ORDER, APPROVED)
    stub.answer(CAPTURE, refusal(issue), 422)
    assert live.status("5O1").state == State.OPEN
    assert live.close("5O1").state == State.ENDED


def test_a_capture_refused_for_good_is_refused_and_ends_at_closing(live, stub):
    stub.answer(ORDER, APPROVED)
    stub.answer(CAPTURE, refusal("MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED"), 422)
    with pytest.raises(ProviderRefused):
        live.status("5O1")
    assert live.close("5O1").state == State.ENDED


def test_only_paypals_own_not_found_says_that_an_order_has_ended(live, stub):
    stub.answer(ORDER, refusal("INVALID_RESOURCE_ID", "RESOURCE_NOT_FOUND"), 404)
    assert live.status("5O1").state == State.ENDED
    stub.answer(ORDER, {"name": "NO_SUCH_ROUTE"}, 404)
    for ask in (live.status, live.close):
        with pytest.raises(ProviderRefused):
            ask("5O1")


def test_an_order_dropped_between_the_look_and_the_capture_has_ended(live, stub):
    stub.answer(ORDER, APPROVED)
    stub.answer(CAPTURE, refusal("INVALID_RESOURCE_ID", "RESOURCE_NOT_FOUND"), 404)
    assert live.status("5O1").state == State.ENDED


@pytest.mark.parametrize("identifier", ["a/../b", "", "x" * 41, "a?b", 7, None])
def test_a_capture_whose_id_is_none_says_nothing(live, stub, identifier):
    stub.answer(ORDER, captured())
    assert live.status("5O1").capture_id == "3C6"
    stub.answer(ORDER, captured(id=identifier))
    with pytest.raises(ProviderBusy):
        live.status("5O1")


def test_no_proxy_of_the_host_sees_the_keys(live, stub, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://evil.test:1")
    stub.answer(ORDER, APPROVED)
    live.status("5O1", take=False)
    assert stub.proxies == [{}, {}]


def test_a_session_id_that_is_none_is_asked_of_nobody(live, stub):
    for session_id in ("../../v1/oauth2", "a b", ""):
        with pytest.raises(ProviderRefused):
            live.status(session_id)
    assert stub.asked == []


def test_a_charge_is_not_made_twice_because_paypal_is_slow(live, stub):
    stub.answer("/v2/checkout/orders", b"", 0)
    with pytest.raises(ProviderBusy):
        live.open(charge())
    assert [url for url in stub.asked if url.endswith("/orders")] == [
        f"{HOSTS['live']}/v2/checkout/orders"
    ]


def test_paypal_has_no_list_of_captures_and_is_not_asked_for_one(live, stub):
    assert live.captured(0) is None
    assert stub.asked == []
