"""The page of an attempt: one page is told, to whom it belongs; and attempts over HTTP."""

import itertools
from types import SimpleNamespace

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments import pages
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Capabilities, Opened
from chalicelib.payments.tables import PaymentItem
from chalicelib.settlement import attempts
from tests.faults.world import scan
from tests.kernel.envelope import refused
from tests.settlement.attempted import order_of

# The states alone guard these: what the log drops is test_repeats'.
pytestmark = pytest.mark.usefixtures("forgetful_log")


def test_a_page_of_which_another_was_told_is_told_to_nobody(shop, placed, monkeypatch):
    """A provider without idempotency keys makes two pages for two clicks at once."""
    numbers = itertools.count(1)

    def opened(charge, *, again=False):
        number = next(numbers)
        return Opened(f"page_{number}", f"https://pay.test/{number}")

    made = SimpleNamespace(open=opened, capabilities=Capabilities(keys=False))
    monkeypatch.setattr(pages, "ready", lambda name: made)
    order, payment = attempts._begin(order_of(placed), "second", now=clock.now())
    urls = {attempts.open_page(order, payment, now=clock.now())[1] for _ in range(2)}
    assert urls == {"https://pay.test/1"}
    assert payments.read(payment.payment_id).session_id == "page_1"


def test_control_without_the_session_in_the_condition_two_pages_are_told(shop, placed, monkeypatch):
    """Two clicks at once: the second has read the payment before the first one's page was kept."""
    numbers = itertools.count(1)

    def opened(charge, *, again=False):
        number = next(numbers)
        return Opened(f"page_{number}", f"https://pay.test/{number}")

    made = SimpleNamespace(open=opened, capabilities=Capabilities(keys=False))
    monkeypatch.setattr(pages, "ready", lambda name: made)
    monkeypatch.setattr(pages, "_no_other_page", lambda opened: PaymentItem.payment_id.exists())
    order, payment = attempts._begin(order_of(placed), "second", now=clock.now())
    urls = {attempts.open_page(order, payment, now=clock.now())[1] for _ in range(2)}
    assert len(urls) == 2


def test_who_has_no_keys_is_told_when_a_page_may_be_open_already(shop, placed, monkeypatch):
    calls = []

    def lost(charge, *, again=False):
        calls.append(again)
        raise ProviderBusy()

    made = SimpleNamespace(open=lost, capabilities=Capabilities(keys=False))
    monkeypatch.setattr(pages, "ready", lambda name: made)
    order, payment = attempts._begin(order_of(placed), "second", now=clock.now())
    for _ in range(2):
        with pytest.raises(ProviderBusy):
            attempts.open_page(order, payment, now=clock.now())
    assert calls == [False, True]


# ---- over HTTP -----------------------------------------------------------------------------------


def test_the_buyer_changes_the_way_to_pay_over_http(shop, placed):
    order = placed.order
    headers = {"X-Order-Token": order.access_token}
    body = {"orderId": order.order_id, "method": "second"}
    begun = shop.call("POST", "/api/payment/create", body, **headers).json_body["data"]
    assert (begun["method"], begun["status"]) == ("second", "PENDING")
    payment = shop.call("GET", f"/api/payment/{begun['paymentId']}", **headers).json_body["data"]
    assert payment["url"] == begun["url"]
    assert payment["amount"] == {"amount": 4498, "currency": "USD"}
    again = shop.call("POST", f"/api/orders/{order.order_id}/pay", {}, **headers).json_body["data"]
    assert again["url"] == begun["url"]
    old = shop.call("GET", f"/api/payment/{order.payment_id}", **headers).json_body["data"]
    assert (old["status"], old["url"]) == ("EXPIRED", None)


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [("cash", 422, "PAYMENT_METHOD_UNAVAILABLE"), (7, 422, "INVALID"), ("", 422, "INVALID")],
)
def test_a_way_that_there_is_not_is_refused(shop, placed, method, status, code):
    headers = {"X-Order-Token": placed.order.access_token}
    body = {"orderId": placed.order.order_id, "method": method}
    answer = shop.call("POST", "/api/payment/create", body, **headers)
    assert answer.status_code == status
    if code != "INVALID":
        refused(answer, status, code)
    assert order_of(placed).attempts == 1


def test_a_paid_order_tells_that_it_can_not_be_paid(shop, placed):
    shop.settle(placed)
    headers = {"X-Order-Token": placed.order.access_token}
    answer = shop.call("POST", f"/api/orders/{placed.order.order_id}/pay", {}, **headers)
    refused(answer, 409, "ORDER_NOT_PAYABLE")


def test_a_payment_of_somebody_elses_is_not_there(shop, placed):
    answer = shop.call("GET", f"/api/payment/{placed.order.payment_id}")
    refused(answer, 404, "PAYMENT_NOT_FOUND")
    assert len(scan("payments")) == 1
