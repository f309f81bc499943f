"""What each of OxaPay's answers and webhooks means to the shop, junk too; and its settings."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from chalicelib.config import Misconfigured
from chalicelib.kernel import clock, parameters
from chalicelib.kernel.errors import ProviderBusy, ProviderDown, ProviderFailed
from chalicelib.kernel.money import Money
from chalicelib.payments.ports import ProviderRefused, State
from chalicelib.payments.providers.oxapay import provider as oxapay
from tests.payments.oxapay_charges import KEY, PRICE, Wire, charge, envelope, invoice_answer, tx


@pytest.fixture
def wired(monkeypatch):
    """A shop that gets these answers, one after another, and the wire they come over."""

    def connect(*answers: tuple[int, str]):
        wire = Wire(*answers)
        monkeypatch.setattr(oxapay.requests, "request", wire.request)
        monkeypatch.setattr(oxapay, "settings", lambda: SimpleNamespace(payment_session_minutes=31))
        return oxapay.OxaPay(KEY, "https://shop.test/oxapay-webhook", sandbox=False), wire

    return connect


@pytest.mark.parametrize(
    ("price", "digits"),
    [
        (Money(1990, "USD"), "19.90"),
        (Money(5, "USD"), "0.05"),
        (Money(3000, "JPY"), "3000"),
        (Money(12345, "KWD"), "12.345"),
        # More digits than a float can hold.
        (Money(900719925474099301, "USD"), "9007199254740993.01"),
    ],
)
def test_the_amount_is_a_number_of_exactly_the_prices_digits(wired, price, digits):
    shop, wire = wired((200, envelope('{"track_id":"7","payment_url":"https://pay.test/7"}')))
    shop.open(charge(total=price))
    assert wire.sent[0].data.decode().startswith(f'{{"amount": {digits}, "currency"')
    read = json.loads(wire.sent[0].data, parse_float=Decimal)
    assert str(read["amount"]) == digits


@pytest.mark.parametrize("url", ["http://evil.test/7", "javascript:alert(1)", 7, ""])
def test_an_address_that_is_none_is_not_told_to_a_buyer(wired, url):
    data = json.dumps({"track_id": "7", "payment_url": url})
    shop, _ = wired((200, envelope(data)))
    with pytest.raises(ProviderBusy):
        shop.open(charge())


def test_the_search_begins_before_the_charge_did_and_ends_after_ten_pages(wired):
    row = json.dumps([{"track_id": "1", "order_id": "pay_other", "status": "paid"}] * 200)
    pages = [(200, envelope(row))] * 11
    shop, wire = wired(*pages)
    with pytest.raises(ProviderBusy):
        shop.open(charge(), again=True)  # the eleventh answer is none to a new invoice
    assert [sent.method for sent in wire.sent] == ["GET"] * 10 + ["POST"]
    assert wire.sent[0].params["from_date"] <= clock.now() - 3500


@pytest.mark.parametrize(
    ("fields", "state", "amount"),
    [
        ({"status": "PAID"}, State.PAID, PRICE),
        ({"status": "Paid", "amount": "45.98", "currency": "usd"}, State.PAID, PRICE),
        ({"amount": 45.9899999}, State.PAID, PRICE),
        ({"amount": 3000, "currency": "JPY"}, State.PAID, Money(3000, "JPY")),
        ({"track_id": 7}, State.PAID, PRICE),
        ({"status": "Confirming"}, State.PROCESSING, None),
        ({"status": "refunding"}, State.PAID, PRICE),
        ({"status": "underpaid", "txs": [tx("10.009"), tx(5)]}, State.PAID, Money(1500, "USD")),
        ({"status": "manual_accept", "txs": [tx(45.97), tx("0.01")]}, State.PAID, PRICE),
        ({"status": "expired", "txs": [tx(0)]}, State.ENDED, None),
        ({"status": "expired", "txs": [tx(45.98, "Confirming")]}, State.PROCESSING, None),
        ({"status": "expired", "txs": [tx(45.98, "failed")]}, State.ENDED, None),
    ],
)
def test_an_answer_is_read_whichever_way_it_is_written(wired, fields, state, amount):
    shop, _ = wired(invoice_answer(**fields))
    outcome = shop.status("7")
    assert (outcome.state, outcome.amount) == (state, amount)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "dancing"},
        {"status": None},
        {"status": 1},
        {"track_id": "8"},
        {"track_id": None},
        {"track_id": True},
        {"amount": "much"},
        {"amount": "1_000"},
        {"amount": "1e3"},
        {"amount": True},
        {"amount": None},
        {"amount": -1},
        {"amount": 10**20},
        {"amount": {}},
        {"currency": None},
        {"currency": ""},
        {"status": "underpaid", "txs": None},
        {"status": "underpaid", "txs": ["much"]},
        {"status": "expired", "txs": [{"value": "NaN"}]},
        {"status": "expired", "txs": [{}]},
    ],
    ids=str,
)
def test_junk_is_trouble_that_passes_and_never_money(wired, fields):
    shop, _ = wired(invoice_answer(**fields), invoice_answer(**fields))
    with pytest.raises(ProviderBusy):
        shop.status("7")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999999", "1e99999999999999999999"])
def test_numbers_that_are_no_sums_are_junk(wired, number):
    text = envelope(f'{{"track_id":"7","status":"paid","amount":{number},"currency":"USD"}}')
    shop, _ = wired((200, text), (200, text))
    with pytest.raises(ProviderBusy):
        shop.status("7")


def test_a_sum_of_crumbs_is_rounded_down_and_never_up(wired):
    crumbs = [tx("45.97"), tx("0.00999999999999999999999")]
    shop, _ = wired(invoice_answer(status="underpaid", txs=crumbs))
    assert shop.status("7").amount == Money(4597, "USD")


def test_an_id_from_outside_stays_one_part_of_the_address(wired):
    shop, wire = wired(invoice_answer(), invoice_answer())
    with pytest.raises(ProviderBusy):
        shop.status("../../7?x=1")
    assert wire.sent[0].url == f"{oxapay.API}/v1/payment/..%2F..%2F7%3Fx%3D1"


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (400, envelope("{}", 400), ProviderRefused),
        (200, envelope("{}", 400), ProviderRefused),
        (401, envelope("{}", 401), ProviderFailed),
        (200, envelope("{}", 401), ProviderFailed),
        (403, envelope("{}", 403), ProviderFailed),
        (404, envelope("{}", 404), ProviderFailed),
        (200, envelope("{}", 429), ProviderBusy),
        (429, envelope("{}", 429), ProviderBusy),
        (200, envelope("{}", 500), ProviderBusy),
        (503, envelope("{}", 503), ProviderDown),
        (302, "", ProviderBusy),
        (403, "<html>no entry</html>", ProviderBusy),
        (200, "<html>hello</html>", ProviderBusy),
        (200, "{}", ProviderBusy),
        (200, "[]", ProviderBusy),
        (200, '"ok"', ProviderBusy),
        (200, envelope("null"), ProviderBusy),
        (200, envelope("[]"), ProviderBusy),
        (200, envelope("{}"), ProviderBusy),
        (200, envelope('{"track_id":"7"}'), ProviderBusy),
        (200, envelope('{"track_id":"a/b","payment_url":"https://pay.test/7"}'), ProviderBusy),
        (200, '{"data":{},"status":"200"}', ProviderBusy),
        (200, '{"data":{},"status":true}', ProviderBusy),
        (200, "[" * 100_000, ProviderBusy),
    ],
)
def test_each_answer_to_a_new_invoice_has_one_meaning(wired, code, body, error):
    shop, wire = wired((code, body))
    with pytest.raises(ProviderFailed if issubclass(error, ProviderFailed) else error) as caught:
        shop.open(charge())
    if error is ProviderFailed:
        assert not isinstance(caught.value, ProviderRefused)
    else:
        assert type(caught.value) is error
    assert len(wire.sent) == 1


@pytest.mark.parametrize("rows", ["{}", '{"list":{}}', '{"list":[1]}', '["row"]'])
def test_a_list_that_is_none_is_trouble_that_passes(wired, rows):
    shop, _ = wired((200, envelope(rows)), (200, envelope(rows)))
    with pytest.raises(ProviderBusy):
        shop.open(charge(), again=True)


def test_no_redirect_is_followed_and_the_key_travels_in_its_header_alone(wired):
    shop, wire = wired(invoice_answer())
    shop.status("7")
    (sent,) = wire.sent
    assert sent.allow_redirects is False
    assert sent.timeout == (3, 8)
    assert sent.headers["merchant_api_key"] == KEY
    assert KEY not in sent.url


def set_up(monkeypatch, stage_name: str = "test", **values: str | None):
    usual = {"oxapay/merchant_key": KEY, "shop/url": "https://shop.test/"}
    given = {name.replace("__", "/"): value for name, value in values.items()}
    found = {name: value for name, value in (usual | given).items() if value is not None}
    monkeypatch.setattr(oxapay, "secrets", lambda: parameters.Secrets(found))
    monkeypatch.setattr(oxapay, "settings", lambda: SimpleNamespace(stage=stage_name))
    where = SimpleNamespace(param_prefix="/cartwright/test", parameter_groups=frozenset())
    monkeypatch.setattr(parameters, "settings", lambda: where)
    return oxapay.make()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oxapay/merchant_key", None),
        ("oxapay/merchant_key", "SECRETVALUE"),
        ("oxapay/merchant_key", f"{KEY}\n"),
        ("oxapay/api_base", "http://api.oxapay.test"),
        ("oxapay/api_base", "https://api.oxapay.test/v1"),
        ("oxapay/sandbox", "yes"),
        ("shop/url", None),
    ],
)
def test_a_malformed_setting_is_told_by_its_name_and_not_by_its_value(monkeypatch, name, value):
    with pytest.raises(Misconfigured, match=name) as caught:
        set_up(monkeypatch, **{name.replace("/", "__"): value})
    assert value is None or value not in str(caught.value)


def test_test_payments_are_refused_in_production_alone(monkeypatch):
    with pytest.raises(Misconfigured, match="oxapay/sandbox"):
        set_up(monkeypatch, "prod", oxapay__sandbox="true")
    assert set_up(monkeypatch, "prod", oxapay__sandbox="false")
    assert b'"sandbox": true' in set_up(monkeypatch, "dev", oxapay__sandbox="true")._invoice(
        charge(), 30
    )


def test_the_webhook_comes_to_the_shops_own_address(monkeypatch):
    body = set_up(monkeypatch)._invoice(charge(), 30)
    assert json.loads(body)["callback_url"] == "https://shop.test/oxapay-webhook"


@pytest.fixture
def shop() -> oxapay.OxaPay:
    return oxapay.OxaPay(KEY, "https://shop.test/oxapay-webhook", sandbox=False)


def event(shop: oxapay.OxaPay, **fields):
    usual = {"type": "invoice", "status": "Paid", "track_id": "7", "order_id": "pay_1",
             "amount": 45.98, "txs": [tx(45.98)]}  # fmt: skip
    return shop.read(json.dumps(usual | fields))


def test_a_webhook_is_a_reason_to_ask_and_tells_no_money(shop):
    read = event(shop)
    assert (read.type, read.payment_id, read.ask) == ("invoice.paid", "pay_1", True)
    assert read.outcome is None


def test_a_webhook_that_comes_again_has_the_same_id(shop):
    ids = {event(shop).event_id, event(shop, status="paid", amount="9").event_id}
    assert len(ids) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "Paying"},
        {"track_id": "8"},
        {"type": "white_label"},
        {"txs": []},
        {"txs": [{"tx_hash": "0x2"}]},
        {"txs": [tx(45.98), {"tx_hash": "0x2"}]},
    ],
)
def test_another_happening_has_another_id(shop, fields):
    assert event(shop, **fields).event_id != event(shop).event_id


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "payout"},
        {"type": "subscription"},
        {"type": None},
        {"order_id": None},
        {"order_id": ""},
        {"order_id": 5},
        {"order_id": "../pay_1"},
        {"txs": "none", "order_id": ["pay_1"]},
    ],
    ids=str,
)
def test_what_does_not_concern_a_payment_asks_for_nothing(shop, fields):
    read = event(shop, **fields)
    assert (read.payment_id, read.ask, read.outcome) == (None, False, None)
    assert read.event_id
