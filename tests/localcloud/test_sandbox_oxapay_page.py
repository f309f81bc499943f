"""The page where an invoice is paid, as plain HTTP, and what the overview shows of it."""

import re
from collections.abc import Iterator

import pytest
import requests

from localcloud.sandbox import Sandbox
from localcloud.sandbox.oxapay.testing import KEY, make, read, sent
from localcloud.sandbox.oxapay.texts import TEXTS
from localcloud.sandbox.testing import Receiver

HOME = "http://shop.localhost:4600/order.html?session=oxapay#order=1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(says=b"ok") as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(webhook_url=receiver.url, oxapay_key=KEY) as running:
        yield running


def page(sandbox: Sandbox, track_id: str, **headers: str) -> requests.Response:
    return requests.get(f"{sandbox.url}/oxapay/pay/{track_id}", headers=headers, timeout=5)


def press(sandbox: Sandbox, track_id: str, action: str) -> requests.Response:
    url = f"{sandbox.url}/oxapay/pay/{track_id}"
    return requests.post(url, data={"action": action}, allow_redirects=False, timeout=10)


def test_the_page_shows_what_is_to_be_paid(sandbox):
    track_id = make(sandbox, return_url=HOME, description="20261120-ABC234")
    shown = page(sandbox, track_id)
    assert shown.status_code == 200
    for words in ("$45.98", "20261120-ABC234", "pay_1", "Test mode", "USDT", "shop.localhost"):
        assert words in shown.text
    assert '<html lang="en">' in shown.text
    assert "<script" not in shown.text
    assert "style=" not in shown.text


def test_the_page_asks_the_browser_for_its_language(sandbox):
    shown = page(sandbox, make(sandbox), **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert '<html lang="zh-CN">' in shown.text
    assert "支付 US$45.98" in shown.text


def test_both_languages_have_the_same_texts():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


def test_what_the_shop_sent_is_shown_and_not_run(sandbox):
    shown = page(sandbox, make(sandbox, description="<script>alert(1)</script>"))
    assert "<script" not in shown.text
    assert "&lt;script&gt;" in shown.text


def test_the_policy_lets_forms_lead_here_and_back_to_the_shop_only(sandbox):
    policy = page(sandbox, make(sandbox, return_url=HOME)).headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self' http://shop.localhost:4600")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("button", "status", "came", "expected", "leaves"),
    [
        ("pay", "paid", [45.98], ["Paying", "Paid"], True),
        ("paying", "paying", [45.98], ["Paying"], False),
        ("underpay", "underpaid", [22.99], ["Paying"], True),
        ("overpay", "paid", [50.57], ["Paying", "Paid"], True),
        ("lose", "paid", [45.98], [], True),
        ("expire", "expired", [], [], False),
    ],
)
def test_each_button_does_what_it_says(sandbox, receiver, button, status, came, expected, leaves):
    track_id = make(sandbox, return_url=HOME)
    answer = press(sandbox, track_id, button)
    assert answer.status_code == 303
    assert answer.headers["Location"] == (HOME if leaves else f"/oxapay/pay/{track_id}")
    assert sandbox.quiesce()
    found = read(sandbox, track_id)
    assert (found["status"], [tx["value"] for tx in found["txs"]]) == (status, came)
    assert sent(receiver) == expected
    assert page(sandbox, track_id).status_code == 200


def test_each_choice_of_the_page_is_a_button_that_works(sandbox):
    shown = page(sandbox, make(sandbox)).text
    buttons = set(re.findall(r'name="action" value="(\w+)"', shown))
    assert buttons == {"pay", "paying", "underpay", "overpay", "lose", "expire"}


def test_cancelling_is_a_link_home_that_changes_nothing(sandbox):
    track_id = make(sandbox, return_url=HOME)
    assert f'class="button" href="{HOME}"' in page(sandbox, track_id).text
    assert read(sandbox, track_id)["status"] == "new"


def test_what_is_on_its_way_can_be_confirmed(sandbox):
    track_id = make(sandbox)
    press(sandbox, track_id, "paying")
    assert TEXTS["en"]["confirm"] in page(sandbox, track_id).text
    press(sandbox, track_id, "pay")
    assert read(sandbox, track_id)["status"] == "paid"


@pytest.mark.parametrize(
    ("actions", "head"),
    [
        (["pay"], "paid_head"),
        (["underpay"], "underpaid_head"),
        (["underpay", "manual-accept"], "paid_head"),
        (["expire"], "expired_head"),
        (["pay", "refund"], "refunded_head"),
    ],
)
def test_an_invoice_that_is_over_says_how_and_can_no_longer_be_paid(sandbox, actions, head):
    track_id = make(sandbox)
    for action in actions:
        sandbox.control("oxapay", track_id, action)
    was = read(sandbox, track_id)
    assert TEXTS["en"][head] in page(sandbox, track_id).text
    assert press(sandbox, track_id, "pay").status_code == 303
    assert read(sandbox, track_id) == was


def test_two_clicks_pay_once(sandbox, receiver):
    track_id = make(sandbox, return_url=HOME)
    for _ in range(2):
        assert press(sandbox, track_id, "pay").headers["Location"] == HOME
    assert sandbox.quiesce()
    assert sent(receiver) == ["Paying", "Paid"]
    assert len(read(sandbox, track_id)["txs"]) == 1


def test_an_unknown_invoice_is_a_page_and_a_404(sandbox):
    for answer in (page(sandbox, "1"), press(sandbox, "1", "pay")):
        assert answer.status_code == 404
        assert TEXTS["en"]["unknown_head"] in answer.text


def test_a_button_nobody_knows_changes_nothing(sandbox):
    track_id = make(sandbox)
    assert press(sandbox, track_id, "steal").status_code == 422
    assert read(sandbox, track_id)["status"] == "new"


def test_the_overview_shows_invoices_and_what_came_in(sandbox):
    track_id = make(sandbox, description="20261120-ABC234")
    sandbox.control("oxapay", track_id, "underpay")
    assert sandbox.quiesce()
    shown = requests.get(sandbox.url, timeout=5)
    assert shown.status_code == 200
    for words in (track_id, "20261120-ABC234", "45.98 USD", "22.99", "invoice.Paying",
                  "payment.invoice.create", "https://shop.test/oxapay-webhook"):  # fmt: skip
        assert words in shown.text
