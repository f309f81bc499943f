"""The page where the payer approves, as plain HTTP: what it shows and what its buttons do."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from localcloud.sandbox import Sandbox
from localcloud.sandbox.paypal.hosted import back
from localcloud.sandbox.paypal.testing import CONTEXT, Account, order, usd
from localcloud.sandbox.paypal.texts import TEXTS, money
from localcloud.sandbox.testing import Receiver


@pytest.fixture(scope="module")
def receiver():
    with Receiver() as listening:
        yield listening


@pytest.fixture(scope="module")
def running(receiver):
    with Sandbox(webhook_url=receiver.url) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running, receiver):
    assert running.quiesce()
    running.reset()
    receiver.received.clear()
    return running


@pytest.fixture
def account(sandbox) -> Account:
    return Account(sandbox)


def page_of(made: requests.Response) -> str:
    (link,) = [each for each in made.json()["links"] if each["rel"] == "payer-action"]
    return str(link["href"])


def press(url: str, action: str) -> requests.Response:
    return requests.post(url, data={"action": action}, allow_redirects=False, timeout=10)


def statuses(sandbox) -> list[str]:
    return [each["status"] for each in sandbox.state()["paypal"]["orders"]]


def test_the_page_shows_what_is_bought_and_for_how_much(account):
    page = requests.get(page_of(account.create()), timeout=5)
    assert page.status_code == 200
    for words in ("Tea", "Shipping", "$19.99", "$6.00", "$45.98", "CW-0001-1", "Test mode"):
        assert words in page.text
    assert '<html lang="en">' in page.text
    assert "<script" not in page.text and "style=" not in page.text


def test_the_page_speaks_the_orders_language(account):
    body = order()
    body["payment_source"]["paypal"]["experience_context"] = {**CONTEXT, "locale": "zh-CN"}
    page = requests.get(page_of(account.create(body=body)), timeout=5)
    assert '<html lang="zh-CN">' in page.text
    assert "支付 US$45.98" in page.text


def test_both_languages_say_the_same_things():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
    assert all(TEXTS["zh"].values())


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [("1234567.50", "USD", "$1,234,567.50"), ("1999", "JPY", "¥1,999"), ("5", "HUF", "HUF 5")],
)
def test_money_is_written_for_people(value, currency, shown):
    assert money({"currency_code": currency, "value": value}) == shown


def test_paying_approves_and_sends_the_payer_back_with_the_orders_id(account, sandbox):
    made = account.create()
    answer = press(page_of(made), "pay")
    target = urlsplit(answer.headers["Location"])
    assert answer.status_code == 303
    assert parse_qs(target.query) == {
        "session": ["pay_1"], "token": [made.json()["id"]], "PayerID": ["SANDBXPAYER22"],
    }  # fmt: skip
    assert target.fragment == "order=1&token=secret"
    assert statuses(sandbox) == ["APPROVED"]
    assert sandbox.state()["paypal"]["captures"] == []


def test_a_second_click_goes_where_the_first_went(account, sandbox):
    url = page_of(account.create())
    assert press(url, "pay").headers["Location"] == press(url, "pay").headers["Location"]
    assert len(sandbox.state()["paypal"]["events"]) == 1


def test_leaving_goes_back_to_the_shop_and_changes_nothing(account, sandbox):
    made = account.create()
    page = requests.get(page_of(made), timeout=5)
    order_id = made.json()["id"]
    way_back = f"cancelled=1&amp;token={order_id}#order=1&amp;token=secret"
    assert way_back in page.text
    assert statuses(sandbox) == ["PAYER_ACTION_REQUIRED"]


@pytest.mark.parametrize(
    ("action", "taken"), [("pay", "COMPLETED"), ("lose", "COMPLETED"), ("hold", "PENDING")]
)
def test_each_button_decides_what_the_shop_will_get(account, sandbox, action, taken):
    made = account.create()
    press(page_of(made), action)
    unit = account.capture(made.json()["id"]).json()["purchase_units"][0]
    assert unit["payments"]["captures"][0]["status"] == taken


def test_a_declined_card_gives_the_shop_nothing(account, sandbox):
    made = account.create()
    assert press(page_of(made), "decline").status_code == 303
    assert account.capture(made.json()["id"]).status_code == 422


def test_a_lost_notification_reaches_nobody(account, sandbox, receiver):
    press(page_of(account.create()), "lose")
    assert sandbox.quiesce()
    assert receiver.received == []
    press(page_of(account.create("k2", order(invoice_id="2"))), "pay")
    assert sandbox.quiesce()
    assert len(receiver.received) == 1


def test_a_page_whose_order_has_ended_says_so(account, sandbox):
    url = page_of(account.create())
    assert TEXTS["en"]["over_head"] in press(url, "expire").text
    assert TEXTS["en"]["over_head"] in press(url, "pay").text
    assert statuses(sandbox) == ["VOIDED"]


def test_an_unknown_button_or_order_changes_nothing(account, sandbox):
    url = page_of(account.create())
    assert press(url, "nonsense").status_code == 422
    unknown = requests.get(f"{sandbox.url}/paypal/checkoutnow?token=X", timeout=5)
    assert unknown.status_code == 404 and TEXTS["en"]["unknown_head"] in unknown.text
    assert statuses(sandbox) == ["PAYER_ACTION_REQUIRED"]


def test_the_page_runs_no_script_and_its_forms_lead_here_or_to_the_shop(account):
    policy = requests.get(page_of(account.create()), timeout=5).headers["Content-Security-Policy"]
    assert "script-src" not in policy and "default-src 'none'" in policy
    assert "form-action 'self' http://shop.localhost:4600" in policy


def test_what_a_shop_calls_its_things_is_shown_and_not_run(account):
    items = [{"name": "<b>Tea</b>", "quantity": "1", "unit_amount": usd("45.98")}]
    page = requests.get(page_of(account.create(body=order(items=items))), timeout=5)
    assert "&lt;b&gt;Tea&lt;/b&gt;" in page.text and "<b>Tea" not in page.text


def test_an_address_without_a_query_gets_one_before_its_fragment():
    context = {"return_url": "https://shop.test/done#here"}
    kept = {"id": "5O1", "_own": {"context": context}}
    assert back(kept, "return_url") == (
        "https://shop.test/done?token=5O1&PayerID=SANDBXPAYER22#here"
    )
    assert back(kept, "cancel_url") is None
