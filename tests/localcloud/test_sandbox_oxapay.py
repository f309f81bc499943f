"""The sandbox's OxaPay: its API, what happens to invoices, its clock and its memory."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from localcloud.sandbox import Sandbox
from localcloud.sandbox.client import ControlError
from localcloud.sandbox.oxapay import invoices
from localcloud.sandbox.oxapay.testing import HOOK, KEY, call, make, read, sent
from localcloud.sandbox.store import Store
from localcloud.sandbox.testing import Receiver, wait_for
from localcloud.settings import own_secrets

CREATE = "payment.invoice.create"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(says=b"ok") as listening:
        yield listening


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(webhook_url=receiver.url, oxapay_key=KEY) as running:
        yield running


def test_every_answer_is_the_envelope(sandbox):
    made = call(sandbox, "POST", "/payment/invoice", json={"amount": 1})
    missing = call(sandbox, "GET", "/payment/1")
    for answer in (made, missing):
        body = answer.json()
        assert list(body) == ["data", "message", "error", "status", "version"]
        assert body["status"] == answer.status_code
    assert made.json()["data"].keys() == {"track_id", "payment_url", "expired_at", "date"}
    assert (missing.status_code, missing.json()["error"]["key"]) == (404, "track_id")


def test_an_invoice_is_read_as_it_was_asked_for_and_without_its_address(sandbox):
    found = read(sandbox, make(sandbox, return_url="https://shop.test/order.html"))
    assert found["expired_at"] - found["date"] == 1800
    expected = {"type": "invoice", "status": "new", "amount": 45.98, "order_id": "pay_1", "txs": []}
    assert expected.items() <= found.items()
    assert "payment_url" not in found


def test_what_is_left_out_follows_the_dashboard(sandbox):
    answer = call(sandbox, "POST", "/payment/invoice", json={"amount": 3})
    found = read(sandbox, answer.json()["data"]["track_id"])
    assert (found["currency"], found["lifetime"], found["amount"]) == ("USD", 60, 3)


@pytest.mark.parametrize("headers", [{}, {"merchant_api_key": "x"}, {"Authorization": KEY}])
def test_only_the_merchant_key_opens_the_api(sandbox, headers):
    for method, path in (("POST", "/payment/invoice"), ("GET", "/payment"), ("GET", "/payment/1")):
        answer = requests.request(method, f"{sandbox.url}/v1{path}", headers=headers, timeout=5)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", None),
        ("amount", "45.98"),
        ("amount", 0),
        ("amount", True),
        ("currency", "$"),
        ("lifetime", 14),
        ("lifetime", 2881),
        ("lifetime", 30.5),
        ("fee_paid_by_payer", 2),
        ("under_paid_coverage", 61),
        ("to_currency", "BTC"),
        ("mixed_payment", 0),
        ("callback_url", "shop.test"),
        ("return_url", "ftp://shop.test"),
        ("order_id", 5),
        ("sandbox", "true"),
        ("amuont", 5),
    ],
)
def test_a_wrong_parameter_is_a_400_that_names_it(sandbox, field, value):
    answer = call(sandbox, "POST", "/payment/invoice", json={"amount": 1, field: value})
    assert (answer.status_code, answer.json()["error"]["key"]) == (400, field)
    assert sandbox.state()["oxapay"]["invoices"] == []


@pytest.mark.parametrize("body", [b"", b"[1]", b"amount=1"])
def test_a_body_that_is_no_object_is_a_400(sandbox, body):
    assert call(sandbox, "POST", "/payment/invoice", data=body).status_code == 400


def test_a_list_has_pages_newest_first_and_filters(sandbox):
    made = [make(sandbox, order_id=f"pay_{number}") for number in range(5)]
    sandbox.control("oxapay", made[0], "pay")

    def listed(**query) -> list[str]:
        data = call(sandbox, "GET", "/payment", params=query).json()["data"]
        return [row["track_id"] for row in data["list"]]

    assert listed(size=2, page=1) + listed(size=2, page=2) + listed(size=2, page=3) == made[::-1]
    assert listed(size=2, page=4) == []
    assert listed(status="Paid") == [made[0]]
    assert listed(from_date=int(time.time()) + 60) == []
    assert listed(from_date=int(time.time()) - 60) == made[::-1]


@pytest.mark.parametrize("query", [{"size": 201}, {"size": 0}, {"page": 0}, {"order_id": "pay_1"}])
def test_a_list_that_oxapay_does_not_have_is_a_400(sandbox, query):
    assert call(sandbox, "GET", "/payment", params=query).status_code == 400


@pytest.mark.parametrize(
    ("fault", "status", "made"),
    [("500", 500, 0), ("500_after", 500, 1), ("503", 503, 0), ("429", 429, 0), ("garbage", 502, 0)],
)
def test_a_fault_hits_one_call(sandbox, fault, status, made):
    sandbox.fault(CREATE, fault)
    assert call(sandbox, "POST", "/payment/invoice", json={"amount": 1}).status_code == status
    assert len(sandbox.state()["oxapay"]["invoices"]) == made
    assert sandbox.requests()[-1]["fault"] == fault


@pytest.mark.parametrize(
    ("fault", "made"), [("hang", 0), ("reset", 0), ("timeout_after", 1), ("reset_after", 1)]
)
def test_a_connection_that_is_cut_may_have_made_the_invoice(sandbox, fault, made):
    sandbox.fault(CREATE, fault, seconds=0)
    with pytest.raises(requests.ConnectionError):
        call(sandbox, "POST", "/payment/invoice", json={"amount": 1})
    assert wait_for(sandbox.requests)[-1]["fault"] == fault
    assert len(sandbox.state()["oxapay"]["invoices"]) == made


def test_an_invoice_may_be_paid_before_its_creation_is_answered(sandbox, receiver):
    sandbox.fault(CREATE, "paid_first", seconds=10)
    make(sandbox)
    assert sent(receiver) == ["Paying", "Paid"]


@pytest.mark.parametrize(
    ("before", "action", "body"),
    [
        (["pay"], "pay", {}),
        (["pay"], "expire", {}),
        (["paying"], "expire", {}),
        (["expire"], "pay", {}),
        ([], "pay-late", {}),
        ([], "refund", {}),
        ([], "manual-accept", {}),
        ([], "underpay", {"amount": 4598}),
        ([], "overpay", {"amount": 4598}),
    ],
)
def test_what_does_not_fit_the_invoices_state_is_a_409_and_changes_nothing(
    sandbox, before, action, body
):
    track_id = make(sandbox)
    for earlier in before:
        sandbox.control("oxapay", track_id, earlier)
    was = read(sandbox, track_id)
    with pytest.raises(ControlError) as refused:
        sandbox.control("oxapay", track_id, action, **body)
    assert refused.value.status == 409
    assert read(sandbox, track_id) == was


def test_sums_are_given_in_minor_units_of_the_invoices_currency(sandbox):
    dollars, yen = make(sandbox), make(sandbox, amount=3000, currency="JPY")
    sandbox.control("oxapay", dollars, "underpay", amount=1)
    sandbox.control("oxapay", yen, "overpay", amount=3001)
    assert read(sandbox, dollars)["txs"][0]["value"] == 0.01
    assert read(sandbox, yen)["txs"][0]["value"] == 3001


def test_an_invoice_ends_by_itself_at_its_time_unless_it_is_being_paid(sandbox):
    ended, paying = make(sandbox), make(sandbox)
    sandbox.control("oxapay", paying, "paying")
    store = sandbox.world.store
    with store.transaction():
        for track_id in (ended, paying):
            store.put(invoices.KIND, {**store.get(invoices.KIND, track_id), "expired_at": 1})
    wait_for(lambda: read(sandbox, ended)["status"] == "expired")
    assert read(sandbox, paying)["status"] == "paying"


def test_a_restart_goes_on_with_its_invoices_and_their_webhooks(tmp_path, receiver):
    usual = {"state": tmp_path / "s.sqlite", "webhook_url": receiver.url, "oxapay_key": KEY}
    with Sandbox(**usual) as before:
        track_id = make(before)
        before.control("oxapay", track_id, "pay", delayMs=3_600_000)
    with Sandbox(**usual) as after:
        assert read(after, track_id)["status"] == "paid"
        assert after.quiesce(hurry=True)
    assert sent(receiver) == ["Paying", "Paid"]
    assert {item["path"] for item in receiver.received} == {HOOK}


def test_the_state_file_of_an_earlier_version_is_taken_on(tmp_path):
    file = tmp_path / "s.sqlite"
    with closing(Store(file)) as store:
        store.put("thing", {"id": "1"})
    with closing(sqlite3.connect(file)) as database:
        database.execute("ALTER TABLE deliveries DROP COLUMN url")
    with Sandbox(state=file, oxapay_key=KEY, webhook_url="http://shop.localhost:9/x") as running:
        running.control("oxapay", make(running), "paying", lose=True)
        assert running.state()["deliveries"][0]["status"] == "lost"
        assert running.world.store.get("thing", "1") == {"id": "1"}


def test_a_local_shop_that_has_no_merchant_key_yet_is_given_one_and_keeps_the_rest(tmp_path):
    (tmp_path / "secrets.json").write_text('{"stripe/webhook_secret": "whsec_kept"}')
    made = own_secrets(tmp_path)
    assert made["stripe/webhook_secret"] == "whsec_kept"
    groups = made["oxapay/merchant_key"].split("-")
    assert [len(group) for group in groups] == [6, 6, 6, 6]
    assert own_secrets(tmp_path) == made
