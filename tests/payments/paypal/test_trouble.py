"""PayPal that is slow, broken or odd: nothing is paid twice, and nothing is believed too easily."""

import logging

import pytest
import requests

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy, ProviderFailed
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import ProviderRefused, State
from chalicelib.payments.providers.paypal import calls as paypal_calls
from chalicelib.payments.providers.paypal.provider import HOSTS, PayPal
from tests.payments.paypal.world import Stub, calls, charge, provider_of, quiet_log

CREATE, READ, CAPTURE = "orders.create", "orders.read", "orders.capture"
REFUND, TOKEN = "captures.refund", "oauth.token"
NOTHING_DONE = ["500", "503", "429", "lock", "reset", "garbage"]
DONE_UNTOLD = ["500_after", "reset_after"]
ORDER_URL = f"{HOSTS['live']}/v2/checkout/orders"


@pytest.fixture(autouse=True)
def log(monkeypatch):
    quiet_log(monkeypatch)
    yield
    clock.shift(0)


@pytest.fixture
def provider(sandbox):
    return provider_of(sandbox.url)


@pytest.fixture
def approved(provider, sandbox) -> str:
    session_id = provider.open(charge()).session_id
    sandbox.control("paypal", session_id, "approve")
    return session_id


def made(sandbox, what: str) -> int:
    return len(sandbox.state()["paypal"][what])


@pytest.mark.parametrize("fault", NOTHING_DONE + DONE_UNTOLD)
def test_trouble_while_opening_is_told_as_busy_and_asking_again_opens_one_order(
    provider, sandbox, fault
):
    sandbox.fault(CREATE, fault)
    with pytest.raises(ProviderBusy):
        provider.open(charge())
    assert provider.open(charge(), again=True).url
    assert made(sandbox, "orders") == 1


@pytest.mark.parametrize("fault", NOTHING_DONE + DONE_UNTOLD)
def test_trouble_while_capturing_takes_the_money_once(provider, sandbox, approved, fault):
    sandbox.fault(CAPTURE, fault)
    with pytest.raises(ProviderBusy):
        provider.status(approved)
    assert provider.status(approved).state == State.PAID
    assert made(sandbox, "captures") == 1


@pytest.mark.parametrize("fault", NOTHING_DONE + DONE_UNTOLD)
def test_trouble_while_refunding_gives_the_money_back_once(provider, sandbox, approved, fault):
    capture_id = provider.status(approved).capture_id
    sandbox.fault(REFUND, fault)
    with pytest.raises(ProviderBusy):
        provider.refund(capture_id, Money(100, "USD"), key="r1")
    provider.refund(capture_id, Money(100, "USD"), key="r1", again=1)
    assert made(sandbox, "refunds") == 1


@pytest.mark.parametrize("fault", ["500", "503", "reset", "garbage"])
def test_one_hiccup_of_a_look_is_not_seen_and_two_are(provider, sandbox, approved, fault):
    sandbox.fault(READ, fault, times=1)
    assert provider.status(approved, take=False).state == State.OPEN
    sandbox.fault(READ, fault, times=2)
    with pytest.raises(ProviderBusy):
        provider.status(approved, take=False)
    assert [call["status"] for call in calls(sandbox, READ)].count(200) == 1


@pytest.mark.parametrize("fault", ["429", "lock", "hang"])
def test_what_will_not_pass_at_once_is_not_asked_twice(
    provider, sandbox, approved, fault, monkeypatch
):
    monkeypatch.setattr(paypal_calls, "TIMEOUT_SECONDS", (3, 0.2))
    sandbox.fault(READ, fault, seconds=1)
    with pytest.raises(ProviderBusy):
        provider.status(approved)
    # A call that hangs is noted when it ends.
    assert len(calls(sandbox, READ)) <= 1
    assert made(sandbox, "captures") == 0


def test_a_buyer_who_pays_before_the_shop_hears_of_the_order_has_paid(provider, sandbox):
    sandbox.fault(CREATE, "paid_first")
    assert provider.status(provider.open(charge()).session_id).state == State.PAID


def test_a_token_serves_until_shortly_before_its_end(provider, sandbox):
    provider.open(charge())
    clock.shift(9 * 3600 - 300)
    provider.open(charge())
    assert len(calls(sandbox, TOKEN)) == 1
    clock.shift(9 * 3600 - 60)
    provider.open(charge())
    assert len(calls(sandbox, TOKEN)) == 2


def test_a_token_that_was_revoked_is_replaced_once(provider, sandbox):
    provider.open(charge())
    sandbox.providers["paypal"].revoke_tokens()
    assert provider.open(charge()).url
    assert [call["status"] for call in calls(sandbox, CREATE)] == [201, 401, 200]
    assert len(calls(sandbox, TOKEN)) == 2


def test_a_wrong_secret_is_the_shops_to_mend(sandbox):
    with pytest.raises(ProviderFailed) as caught:
        provider_of(sandbox.url, secret="wrong").open(charge())
    assert type(caught.value) is ProviderFailed


@pytest.mark.parametrize("fault", ["500", "503", "429", "reset", "garbage"])
def test_without_a_token_nothing_is_asked(provider, sandbox, fault):
    sandbox.fault(TOKEN, fault)
    with pytest.raises(ProviderBusy):
        provider.open(charge())
    assert calls(sandbox, CREATE) == []
    assert provider.open(charge()).url


def test_nobody_at_home_is_busy():
    with pytest.raises(ProviderBusy):
        provider_of("http://127.0.0.1:9").status("5O190127TN364715T")


@pytest.fixture
def stub(monkeypatch):
    made = Stub()
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter, "send", lambda *args, **more: made.send(*args, **more)
    )
    return made


@pytest.fixture
def live(stub):
    return PayPal("client", "secret", "1AB23456CD789012E", HOSTS["live"], None)


def opened(**changes) -> dict:
    link = {"rel": "payer-action", "href": "https://www.paypal.com/checkoutnow?token=5O1"}
    order = {"id": "5O1", "status": "PAYER_ACTION_REQUIRED", "links": [link], **changes}
    return {name: value for name, value in order.items() if value is not None}


@pytest.mark.parametrize("rel", ["payer-action", "approve"])
@pytest.mark.parametrize("host", ["www.paypal.com", "www.sandbox.paypal.com", "paypal.com"])
def test_either_link_to_paypals_page_is_told(live, stub, rel, host):
    url = f"https://{host}/checkoutnow?token=5O1"
    stub.answer("/v2/checkout/orders", opened(links=[{"rel": rel, "href": url}]), 201)
    assert live.open(charge()).url == url


@pytest.mark.parametrize(
    "href",
    [
        "http://www.paypal.com/checkoutnow",
        "https://www.paypal.com.evil.test/checkoutnow",
        "https://evilpaypal.com/checkoutnow",
        "https://www.paypal.com@evil.test/",
        "https://www.paypal.com:444/checkoutnow",
        "javascript:alert(1)",
        "https://www.paypal.com/a b",
        "http://127.0.0.1:4610/paypal/checkoutnow",
        "",
        None,
        7,
    ],
)
def test_a_page_elsewhere_is_told_to_nobody(live, stub, href):
    links = [{"rel": "payer-action", "href": href}]
    stub.answer("/v2/checkout/orders", opened(links=links), 201)
    with pytest.raises(ProviderBusy):
        live.open(charge())


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"<html>", b"[]", b"null", b'{"id": ', b"\xff", {},
        opened(id=None), opened(id=7), opened(id="a/../b"), opened(id=""), opened(links=None),
        opened(links=[7]), opened(links=7), opened(links=[{}]), opened(status=None),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_order_is_not_believed(live, stub, answer):
    stub.answer("/v2/checkout/orders", answer, 201)
    with pytest.raises(ProviderBusy):
        live.open(charge())


def test_an_order_that_ended_and_is_told_again_can_not_be_opened(live, stub):
    stub.answer("/v2/checkout/orders", opened(status="VOIDED", links=[]))
    with pytest.raises(ProviderRefused):
        live.open(charge())


@pytest.mark.parametrize("path", ["/v1/oauth2/token", "/v2/checkout/orders"])
def test_a_redirect_is_not_followed(live, stub, path):
    stub.answer(path, b"", 307, Location="https://evil.test/")
    with pytest.raises(ProviderBusy):
        live.open(charge())
    assert all("evil" not in url for url in stub.asked)


@pytest.mark.parametrize(
    "token",
    [{}, [], b"", {"access_token": "t"}, {"access_token": "t", "expires_in": "9"},
     {"access_token": "a\r\nX: y", "expires_in": 9}, {"access_token": 7, "expires_in": 9},
     {"access_token": "t", "expires_in": True}],
)  # fmt: skip
def test_a_token_that_is_none_is_not_used(live, stub, token):
    stub.answer("/v1/oauth2/token", token)
    with pytest.raises(ProviderBusy):
        live.open(charge())
    assert ORDER_URL not in stub.asked


def test_an_answer_without_end_is_given_up(live, stub, monkeypatch):
    monkeypatch.setattr(paypal_calls, "MOST_BYTES", 1000)
    stub.answer("/v2/checkout/orders", opened(more="x" * 2000), 201)
    with pytest.raises(ProviderBusy):
        live.open(charge())


@pytest.mark.parametrize(
    ("status", "expected", "asked"),
    [(401, ProviderFailed, 2), (403, ProviderFailed, 1), (400, ProviderRefused, 1),
     (422, ProviderRefused, 1), (404, ProviderRefused, 1), (409, ProviderBusy, 1),
     (429, ProviderBusy, 1), (500, ProviderBusy, 1)],
)  # fmt: skip
def test_each_status_has_one_meaning(live, stub, status, expected, asked):
    said = {"name": "SOMETHING", "debug_id": "f1", "details": [{"issue": "NEW_ISSUE"}]}
    stub.answer("/v2/checkout/orders", said, status)
    with pytest.raises(expected) as caught:
        live.open(charge())
    assert isinstance(caught.value, ProviderRefused) == (expected is ProviderRefused)
    assert stub.asked.count(ORDER_URL) == asked


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_no_that_is_not_paypals_says_nothing(live, stub, status):
    for body in (b"<html>not found</html>", {}, [], {"name": 7}):
        stub.answer("/v2/checkout/orders", body, status)
        stub.answer("/v2/checkout/orders/5O1", body, status)
        for ask in (lambda: live.open(charge()), lambda: live.status("5O1")):
            with pytest.raises(ProviderBusy):
                ask()


def test_only_the_debug_id_of_an_error_is_logged(live, stub, caplog):
    details = [{"issue": "NEW", "value": "pat@example.com"}]
    for debug_id in ("f1d2", "pat@example.com", None):
        said = {"name": "X", "message": "of Pat", "debug_id": debug_id, "details": details}
        stub.answer("/v2/checkout/orders", said, 422)
        with caplog.at_level(logging.WARNING), pytest.raises(ProviderRefused):
            live.open(charge())
    assert [record.debug_id for record in caplog.records] == ["f1d2", None, None]
    assert "Pat" not in caplog.text and "pat@" not in caplog.text
