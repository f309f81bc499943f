"""The hosted checkout page as plain HTTP: what it shows and what its buttons do."""

import re
from collections.abc import Iterator

import pytest
import requests
import stripe

from localcloud.sandbox import Sandbox
from localcloud.sandbox.stripe.texts import TEXTS, duration, money
from localcloud.sandbox.testing import SECRET, Receiver, client, line, order

COMPLETED = "checkout.session.completed"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(webhook_url=receiver.url, webhook_secret=SECRET) as running:
        yield running


def make(sandbox: Sandbox, **changes: object) -> stripe.checkout.Session:
    return client(sandbox.url).v1.checkout.sessions.create(params=order(**changes))


def press(session: stripe.checkout.Session, action: str, **fields: str) -> requests.Response:
    form = {"action": action, **fields}
    return requests.post(str(session.url), data=form, allow_redirects=False, timeout=10)


def status(sandbox: Sandbox, session: stripe.checkout.Session) -> tuple[str, str]:
    found = client(sandbox.url).v1.checkout.sessions.retrieve(session.id)
    return str(found.status), str(found.payment_status)


def charges(sandbox: Sandbox) -> list[bool]:
    return [charge["paid"] for charge in sandbox.state()["stripe"]["charges"]]


def test_the_page_shows_lines_amounts_and_who_pays(sandbox):
    page = requests.get(make(sandbox).url, timeout=5)
    assert page.status_code == 200
    for words in ("Tea", "Shipping", "$39.98", "$6.00", "$45.98", "pat@example.com", "Test mode"):
        assert words in page.text
    assert '<html lang="en">' in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_the_page_speaks_the_sessions_language(sandbox):
    page = requests.get(make(sandbox, locale="zh").url, timeout=5)
    assert '<html lang="zh-CN">' in page.text
    assert "支付 US$45.98" in page.text


def test_without_a_language_the_page_asks_the_browser(sandbox):
    session = make(sandbox, locale="auto")
    page = requests.get(session.url, headers={"Accept-Language": "zh-CN,zh;q=0.9"}, timeout=5)
    assert '<html lang="zh-CN">' in page.text
    assert '<html lang="en">' in requests.get(session.url, timeout=5).text


def test_both_languages_have_the_same_texts():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


def test_what_the_shop_sent_is_shown_and_not_run(sandbox):
    session = make(sandbox, line_items=[line(100, name="<script>alert(1)</script>")])
    page = requests.get(session.url, timeout=5)
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


def test_the_policy_lets_forms_lead_here_and_back_to_the_shop_only(sandbox):
    page = requests.get(make(sandbox).url, timeout=5)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "form-action 'self' http://shop.localhost:4600" in policy


def test_paying_leads_back_to_the_shop_with_the_session_and_the_fragment(sandbox, receiver):
    session = make(sandbox)
    answer = press(session, "pay")
    assert answer.status_code == 303
    assert answer.headers["Location"] == (
        f"http://shop.localhost:4600/order.html?session={session.id}#order=1"
    )
    assert status(sandbox, session) == ("complete", "paid")
    assert sandbox.quiesce()
    assert len(receiver.events(COMPLETED)) == 1


def test_a_percent_encoded_placeholder_is_filled_in_too(sandbox):
    session = make(
        sandbox, success_url="http://shop.localhost/ok?s=%7BCHECKOUT_SESSION_ID%7D#token=a%2Fb"
    )
    location = press(session, "pay").headers["Location"]
    assert location == f"http://shop.localhost/ok?s={session.id}#token=a%2Fb"


def test_a_declined_card_keeps_the_page_and_says_so(sandbox):
    session = make(sandbox)
    answer = press(session, "fail")
    assert answer.headers["Location"] == f"/c/pay/{session.id}?declined=1#payment"
    page = requests.get(f"{session.url}?declined=1", timeout=5)
    assert 'role="alert"' in page.text
    assert status(sandbox, session) == ("open", "unpaid")
    assert charges(sandbox) == [False]


def test_an_expired_session_can_no_longer_be_paid(sandbox):
    session = make(sandbox)
    press(session, "expire")
    page = requests.get(session.url, timeout=5)
    assert TEXTS["en"]["expired_head"] in page.text
    assert press(session, "pay").headers["Location"] == f"/c/pay/{session.id}"
    assert status(sandbox, session) == ("expired", "unpaid")
    assert charges(sandbox) == []


def test_two_clicks_charge_once_and_announce_twice(sandbox, receiver):
    session = make(sandbox)
    assert press(session, "twice").status_code == 303
    assert sandbox.quiesce()
    assert charges(sandbox) == [True]
    events = receiver.events(COMPLETED)
    assert len(events) == len({event["id"] for event in events}) == 2


def test_a_second_payer_is_sent_where_the_first_one_went(sandbox):
    session = make(sandbox)
    assert press(session, "pay").headers["Location"] == press(session, "pay").headers["Location"]
    assert charges(sandbox) == [True]
    assert TEXTS["en"]["paid_head"] in requests.get(session.url, timeout=5).text


def test_paying_late_charges_now_and_tells_later(sandbox, receiver):
    session = make(sandbox)
    assert "order.html" in press(session, "late", delayMs="1800000").headers["Location"]
    assert status(sandbox, session) == ("complete", "paid")
    assert receiver.events() == []
    assert sandbox.quiesce(hurry=True)
    assert len(receiver.events(COMPLETED)) == 1


def test_a_lost_webhook_never_comes(sandbox, receiver):
    session = make(sandbox)
    press(session, "lose")
    assert sandbox.quiesce(hurry=True)
    assert status(sandbox, session) == ("complete", "paid")
    assert receiver.events() == []


def test_without_an_address_from_the_shop_the_page_asks_for_one(sandbox):
    session = make(sandbox, customer_email=None)
    assert 'type="email" required' in requests.get(session.url, timeout=5).text
    refused = press(session, "pay", email="nobody")
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert status(sandbox, session) == ("open", "unpaid")
    press(session, "pay", email="lee@example.com")
    paid = client(sandbox.url).v1.checkout.sessions.retrieve(session.id)
    assert paid.customer_details.email == "lee@example.com"


def test_the_way_back_is_the_cancel_url_or_else_the_shop(receiver):
    with Sandbox(shop_origin="http://shop.localhost:4600") as sandbox:
        page = requests.get(make(sandbox).url, timeout=5).text
        assert 'href="http://shop.localhost:4600/order.html?cancelled=1#order=1"' in page
        page = requests.get(make(sandbox, cancel_url=None).url, timeout=5).text
        assert 'href="http://shop.localhost:4600"' in page
    with Sandbox() as sandbox:
        page = requests.get(make(sandbox, cancel_url=None).url, timeout=5).text
        assert TEXTS["en"]["close_tab"] in page


def test_an_unknown_session_is_a_page_and_a_404(sandbox):
    for answer in (
        requests.get(f"{sandbox.url}/c/pay/cs_test_none", timeout=5),
        requests.post(f"{sandbox.url}/c/pay/cs_test_none", data={"action": "pay"}, timeout=5),
    ):
        assert answer.status_code == 404
        assert TEXTS["en"]["unknown_head"] in answer.text


def test_a_button_nobody_knows_changes_nothing(sandbox):
    session = make(sandbox)
    assert press(session, "steal").status_code == 422
    assert status(sandbox, session) == ("open", "unpaid")


def test_each_choice_of_the_page_is_a_button_that_works(sandbox):
    page = requests.get(make(sandbox).url, timeout=5).text
    buttons = set(re.findall(r'name="action" value="(\w+)"', page))
    assert buttons == {"pay", "fail", "twice", "late", "lose", "expire"}


@pytest.mark.parametrize(
    ("amount", "currency", "lang", "written"),
    [
        (123456, "usd", "en", "$1,234.56"),
        (123456, "usd", "zh", "US$1,234.56"),
        (5, "cny", "zh", "¥0.05"),
        (1500, "jpy", "en", "¥1,500"),
        (12340, "kwd", "en", "KWD 12.340"),
    ],
)
def test_money_is_written_as_its_currency_asks(amount, currency, lang, written):
    assert money(amount, currency, lang) == written


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(10, "10 seconds"), (60, "1 minute"), (1800, "30 minutes"), (3599, "1 hour"),
     (86399, "24 hours")],
)  # fmt: skip
def test_a_duration_is_written_in_its_largest_unit(seconds, words):
    assert duration(seconds, "en") == words


def test_the_overview_shows_what_happened(sandbox):
    session = make(sandbox)
    press(session, "pay")
    assert sandbox.quiesce()
    page = requests.get(sandbox.url, timeout=5)
    assert page.status_code == 200
    for words in (session.id[:18], "order-1", "$45.98", COMPLETED, "checkout.sessions.create"):
        assert words in page.text
    for action in ("refund", "dispute", "dispute-win", "dispute-lose"):
        assert f'data-act="stripe/{session.id}/{action}"' in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
