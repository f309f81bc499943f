"""What OxaPay is asked for, to the letter, and what its sandbox makes of it."""

import json
from collections.abc import Iterator

import pytest

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy, ProviderFailed
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import ProviderRefused, State
from chalicelib.payments.providers.oxapay import provider as oxapay
from localcloud.sandbox import Sandbox
from localcloud.sandbox.oxapay import invoices
from tests import stage
from tests.payments.oxapay_charges import KEY, PRICE, charge

CREATE, READ, LIST = "payment.invoice.create", "payment.read", "payment.list"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(oxapay_key=KEY) as started:
        yield started


@pytest.fixture
def sandbox(running) -> Iterator[Sandbox]:
    with stage.in_process({"oxapay/merchant_key": KEY, "oxapay/api_base": running.url}):
        running.reset()
        running.providers["oxapay"].api.tells_addresses = False
        yield running


@pytest.fixture
def shop(sandbox) -> oxapay.OxaPay:
    return oxapay.make()


def asked(sandbox: Sandbox, kind: str) -> list[dict]:
    return [call for call in sandbox.requests() if call["kind"] == kind]


def made(sandbox: Sandbox) -> list[dict]:
    return sandbox.state()["oxapay"]["invoices"]


def act(sandbox: Sandbox, session_id: str, *actions: str, **body) -> None:
    for action in actions:
        sandbox.control("oxapay", session_id, action, **body)


def test_the_invoice_asks_for_the_order_and_leaves_nothing_to_the_dashboard(shop, sandbox):
    opened = shop.open(charge())
    (call,) = asked(sandbox, CREATE)
    assert json.loads(call["body"]) == {
        "amount": 45.98,
        "currency": "USD",
        "lifetime": 31,
        "fee_paid_by_payer": 0,
        "under_paid_coverage": 0,
        "mixed_payment": False,
        "callback_url": "https://shop.test/oxapay-webhook",
        "return_url": "https://shop.test/order.html?session=oxapay#order=ord_1&token=tok_1",
        "order_id": "pay_1",
        "description": "20261120-ABC234",
        "sandbox": False,
    }
    (invoice,) = made(sandbox)
    assert opened.session_id == invoice["track_id"]
    assert opened.url == f"{sandbox.url}/oxapay/pay/{invoice['track_id']}"


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(15 * 60, 15), (31 * 60 + 59, 31), (9 * 86400, 2880)]
)
def test_an_invoice_never_outlives_the_charge(shop, sandbox, monkeypatch, seconds, minutes):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    shop.open(charge(expires_at=now + seconds))
    assert made(sandbox)[0]["lifetime"] == minutes


def test_with_less_than_a_quarter_of_an_hour_left_nothing_is_opened(shop, sandbox):
    with pytest.raises(ProviderRefused):
        shop.open(charge(expires_at=clock.now() + 14 * 60))
    assert asked(sandbox, CREATE) == []


LOST = ["500_after", "timeout_after", "reset_after"]


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_invoice_is_found_where_its_address_is_told(shop, sandbox, fault):
    sandbox.providers["oxapay"].api.tells_addresses = True
    sandbox.fault(CREATE, fault, seconds=0)
    asked_for = charge()
    with pytest.raises(ProviderBusy):
        shop.open(asked_for)
    opened = shop.open(asked_for, again=True)
    assert [invoice["track_id"] for invoice in made(sandbox)] == [opened.session_id]


def test_control_without_again_a_lost_invoice_is_made_twice(shop, sandbox):
    sandbox.providers["oxapay"].api.tells_addresses = True
    sandbox.fault(CREATE, "reset_after")
    with pytest.raises(ProviderBusy):
        shop.open(charge())
    shop.open(charge())
    assert len(made(sandbox)) == 2


def test_a_lost_invoice_whose_address_is_not_told_is_replaced(shop, sandbox):
    sandbox.fault(CREATE, "reset_after")
    with pytest.raises(ProviderBusy):
        shop.open(charge())
    (lost,) = made(sandbox)
    opened = shop.open(charge(), again=True)
    assert opened.session_id != lost["track_id"]
    assert opened.url.endswith(opened.session_id)
    assert asked(sandbox, READ)


@pytest.mark.parametrize("action", ["paying", "pay", "underpay"])
def test_an_invoice_that_is_being_paid_is_not_made_a_second_time(shop, sandbox, action):
    first = shop.open(charge())
    act(sandbox, first.session_id, action)
    opened = shop.open(charge(), again=True)
    assert (opened.session_id, opened.url) == (first.session_id, charge().cancel_url)
    assert len(made(sandbox)) == 1


def test_an_invoice_that_has_ended_is_replaced(shop, sandbox):
    first = shop.open(charge())
    act(sandbox, first.session_id, "expire")
    assert shop.open(charge(), again=True).session_id != first.session_id


def test_when_there_was_none_the_first_one_is_made(shop, sandbox):
    other = shop.open(charge(payment_id="pay_other"))
    assert shop.open(charge(), again=True).session_id != other.session_id
    assert sorted(invoice["order_id"] for invoice in made(sandbox)) == ["pay_1", "pay_other"]


def test_a_lost_invoice_is_found_on_a_later_page(shop, sandbox, monkeypatch):
    sandbox.providers["oxapay"].api.tells_addresses = True
    lost = shop.open(charge())
    for number in range(4):
        shop.open(charge(payment_id=f"pay_other{number}"))
    monkeypatch.setattr(oxapay, "PAGE_ROWS", 2)
    assert shop.open(charge(), again=True) == lost
    assert [call["query"].partition("page=")[2] for call in asked(sandbox, LIST)] == [
        "1&size=2", "2&size=2", "3&size=2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("actions", "state", "amount", "refunded"),
    [
        ([], State.OPEN, None, None),
        (["choose"], State.OPEN, None, None),
        (["paying"], State.PROCESSING, None, None),
        (["pay"], State.PAID, PRICE, None),
        (["overpay"], State.PAID, PRICE, None),
        (["underpay"], State.PAID, Money(2299, "USD"), None),
        (["underpay", "manual-accept"], State.PAID, Money(2299, "USD"), None),
        (["expire"], State.ENDED, None, None),
        (["expire", "pay-late"], State.PAID, PRICE, None),
        (["expire", "pay-late", "manual-accept"], State.PAID, PRICE, None),
        (["pay", "refund"], State.PAID, PRICE, PRICE),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_each_thing_that_happens_to_an_invoice_is_read_as_one_state(
    shop, sandbox, actions, state, amount, refunded
):
    opened = shop.open(charge())
    act(sandbox, opened.session_id, *actions)
    outcome = shop.status(opened.session_id)
    assert (outcome.state, outcome.session_id) == (state, opened.session_id)
    assert (outcome.amount, outcome.refunded) == (amount, refunded)
    assert outcome.capture_id == (opened.session_id if amount else None)


def test_an_invoice_that_never_was_is_an_end(shop):
    assert shop.status("12345").state == State.ENDED


def test_closing_cannot_end_an_invoice_and_says_so(shop, sandbox):
    opened = shop.open(charge())
    assert shop.close(opened.session_id).state == State.OPEN
    act(sandbox, opened.session_id, "pay")
    assert shop.close(opened.session_id).state == State.PAID
    assert not shop.capabilities.closes


def test_money_cannot_be_given_back_through_it(shop):
    with pytest.raises(ProviderRefused):
        shop.refund("7", Money(1, "USD"), key="k")
    assert not shop.capabilities.refunds


@pytest.mark.parametrize("fault", ["500", "503", "429", "reset", "garbage"])
def test_trouble_that_passes_is_told_as_busy_and_a_post_is_sent_once(shop, sandbox, fault):
    sandbox.fault(CREATE, fault)
    with pytest.raises(ProviderBusy):
        shop.open(charge())
    sandbox.no_faults()
    shop.open(charge())  # the calls are noted in turn: this one's note comes after the other's
    assert [call["fault"] for call in asked(sandbox, CREATE)] == [fault, None]


@pytest.mark.parametrize("fault", ["500", "503", "reset", "garbage"])
def test_one_hiccup_while_reading_is_not_seen_and_two_are(shop, sandbox, fault):
    opened = shop.open(charge())
    sandbox.fault(READ, fault)
    assert shop.status(opened.session_id).state == State.OPEN
    sandbox.fault(READ, fault, times=2)
    with pytest.raises(ProviderBusy):
        shop.status(opened.session_id)
    assert sandbox.state()["faults"] == []


def test_a_provider_that_hangs_is_left_in_time(shop, sandbox, monkeypatch):
    monkeypatch.setattr(oxapay, "TIMEOUT_SECONDS", (1, 0.2))
    sandbox.fault(CREATE, "hang", seconds=2)
    with pytest.raises(ProviderBusy):
        shop.open(charge())


def test_a_wrong_key_is_our_own_mistake(sandbox):
    other = oxapay.OxaPay("OTHER1-TEST22-KEY333-FAKE44", "https://x.test/w",
                          api_base=sandbox.url, sandbox=False)  # fmt: skip
    for call in (lambda: other.open(charge()), lambda: other.status("7")):
        with pytest.raises(ProviderFailed) as caught:
            call()
        assert not isinstance(caught.value, ProviderRefused)


def test_control_a_webhook_that_claims_all_of_it_changes_nothing(shop, sandbox):
    opened = shop.open(charge())
    act(sandbox, opened.session_id, "underpay")
    claim = {"type": "invoice", "status": "Paid", "track_id": opened.session_id, "amount": 45.98}
    read = shop.read(json.dumps({**claim, "order_id": "pay_1"}))
    assert (read.ask, read.outcome) == (True, None)
    assert shop.status(opened.session_id).amount == Money(2299, "USD")


def test_sums_of_the_sandbox_are_those_that_were_asked_for(shop, sandbox):
    shop.open(charge(total=Money(1990, "USD")))
    (invoice,) = made(sandbox)
    assert (invoice["amount"], invoices.minor(invoice)) == ("19.90", 1990)
