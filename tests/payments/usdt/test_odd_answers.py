"""What nodes answer, word for word, and junk: none of it is believed before it is looked at."""

import json
import logging
from io import BytesIO
from typing import Any

import pytest
import requests

from chalicelib.kernel.errors import ProviderBusy, ProviderFailed
from chalicelib.payments.providers.usdt import calls
from chalicelib.payments.providers.usdt.chain import TRANSFER
from chalicelib.payments.providers.usdt.ethereum import USDT, Ethereum
from chalicelib.payments.providers.usdt.tron import CONTRACT, Tron

HASH = "ab" * 32
WALLET = "1122334455667788990011223344556677889900"
ON_TRON = "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"
SENDER = "aabbccddeeff00112233445566778899aabbccdd"
SUM = f"{12_345_678:064x}"


class Wire:
    """Answers one after another; what was asked is kept."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.sent: list[Any] = []

    def as_method(self) -> Any:
        return lambda session, request, **options: self.send(request, **options)

    def send(self, request: Any, **options: Any) -> requests.Response:
        assert options["allow_redirects"] is False and options["timeout"]
        body = json.loads(request.body) if request.body else None
        self.sent.append((request.method, request.url, body))
        told = self.answers.pop(0)
        status, raw = told if isinstance(told, tuple) else (200, json.dumps(told).encode())
        answer = requests.Response()
        answer.status_code, answer.raw, answer.request = status, BytesIO(raw), request
        answer.url = request.url
        return answer


@pytest.fixture
def wired(monkeypatch):
    def connect(*answers: Any) -> Wire:
        wire = Wire(*answers)
        monkeypatch.setattr(requests.Session, "send", wire.as_method())
        monkeypatch.setattr(calls.telemetry, "logger", lambda: logging.getLogger("nodes"))
        return wire

    return connect


def result(value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": value}


def log(token: str = USDT, to: str = WALLET, data: str = SUM, **changes: Any) -> dict[str, Any]:
    usual = {
        "address": f"0x{token}",
        "topics": [f"0x{TRANSFER}", f"0x{SENDER:0>64}", f"0x{to:0>64}"],
        "data": f"0x{data}",
        "removed": False,
    }
    return usual | changes


def receipt(*logs: Any, **changes: Any) -> dict[str, Any]:
    usual = {
        "transactionHash": f"0x{HASH}",
        "blockNumber": "0x64",
        "blockHash": "0xb1",
        "status": "0x1",
        "logs": list(logs),
    }
    return result(usual | changes)


BLOCK = result({"number": "0x64", "hash": "0xb1", "timestamp": "0x6a000000"})
CHAIN, HEAD = result("0x1"), result("0x6f")  # 12 from block 100 on
ETHEREUM = "https://node.test/v3/key"


def test_a_transaction_of_an_exchange_that_pays_many(wired):
    wired(CHAIN, receipt(log(to=SENDER), log(), log(data=f"{7:064x}")), BLOCK, HEAD, receipt())
    found = Ethereum(ETHEREUM, 12).mined(HASH)
    assert found is not None and found.final and found.at == 0x6A000000
    assert [(one.to, one.units) for one in found.moved] == [
        (SENDER, 12_345_678),
        (WALLET, 12_345_678),
        (WALLET, 7),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        log(removed=True),
        log(topics=[f"0x{TRANSFER}", f"0x{SENDER:0>64}"]),
        log(topics=[f"0x{TRANSFER}", f"0x{SENDER:0>64}", f"0x{WALLET:0>64}", f"0x{SUM}"]),
        log(topics=["0x" + "0" * 64, f"0x{SENDER:0>64}", f"0x{WALLET:0>64}"]),
        log(data="12"),
        log(topics=[]),
    ],
)
def test_what_is_no_transfer_is_passed_over(wired, odd):
    wired(CHAIN, receipt(odd), BLOCK, HEAD, receipt())
    found = Ethereum(ETHEREUM, 12).mined(HASH)
    assert found is not None and found.moved == []


@pytest.mark.parametrize(
    ("head", "again", "block"),
    [
        (result("0x6e"), receipt(log()), BLOCK),  # eleven
        (result("0x10"), receipt(log()), BLOCK),  # a node that lags
        (HEAD, receipt(log(), blockHash="0xb2"), BLOCK),  # moved to another block meanwhile
        (HEAD, result(None), BLOCK),  # gone meanwhile
        (HEAD, receipt(log()), result({**BLOCK["result"], "hash": "0xb3"})),  # not the chain's
    ],
)
def test_what_is_not_deep_or_not_there_any_more_is_not_final(wired, head, again, block):
    wired(CHAIN, receipt(log()), block, head, again)
    found = Ethereum(ETHEREUM, 12).mined(HASH)
    assert found is not None and not found.final


def test_a_failed_transaction_on_ethereum(wired):
    wired(CHAIN, receipt(status="0x0"), BLOCK, HEAD, receipt(status="0x0"))
    found = Ethereum(ETHEREUM, 12).mined(HASH)
    assert found is not None and not found.succeeded


def test_a_node_of_another_network_is_not_asked_further(wired):
    wire = wired(result("0x38"))
    with pytest.raises(ProviderBusy):
        Ethereum(ETHEREUM, 12).mined(HASH)
    assert len(wire.sent) == 1


JUNK: list[Any] = [
    (200, b""),
    (200, b"<html>gateway</html>"),
    (200, b"\xff\xfe"),
    (200, b"[" * 100_000),
    [],
    None,
    {},
    {"jsonrpc": "2.0", "id": 1},
    {"jsonrpc": "2.0", "id": 1, "error": {"code": -32005, "message": "limit exceeded"}},
    {"error": "rate", "result": "0x1"},
    (429, b"{}"),
    (403, b"{}"),
    (500, b"{}"),
    (302, b""),
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("place", range(5))
def test_junk_from_ethereum_says_nothing(wired, junk, place):
    answers = [CHAIN, receipt(log()), BLOCK, HEAD, receipt(log())]
    answers[place] = junk
    wired(*answers)
    with pytest.raises(ProviderBusy):
        Ethereum(ETHEREUM, 12).mined(HASH)


@pytest.mark.parametrize(
    "odd",
    [
        receipt(log(), transactionHash="0x" + "cd" * 32),
        receipt(log(), blockNumber="100"),
        receipt(log(), blockHash=None),
        receipt(log(), status="0x2"),
        receipt(log(), logs=None),
        receipt("log"),
        receipt({"address": 7, "topics": []}),
        result("receipt"),
    ],
)
def test_an_odd_receipt_says_nothing(wired, odd):
    wired(CHAIN, odd, BLOCK, HEAD, odd)
    with pytest.raises(ProviderBusy):
        Ethereum(ETHEREUM, 12).mined(HASH)


TRON = "https://tron.test"


def info(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": HASH,
        "blockNumber": 7,
        "blockTimeStamp": 1_790_000_000_123,
        "receipt": {"result": "SUCCESS"},
        "log": [
            {
                "address": "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
                "topics": [TRANSFER, f"{SENDER:0>64}", f"{WALLET:0>64}"],
                "data": SUM,
            }
        ],
    }
    return usual | changes


def test_a_transaction_that_is_solid(wired):
    wire = wired(info())
    found = Tron(TRON, "a-key-of-trongrid").mined(HASH)
    assert found is not None and found.final and found.succeeded
    assert found.at == 1_790_000_000
    assert [(one.to, one.units) for one in found.moved] == [(WALLET, 12_345_678)]
    assert wire.sent == [("POST", f"{TRON}/walletsolidity/gettransactioninfobyid", {"value": HASH})]


def test_one_that_is_only_seen_and_one_that_is_unknown(wired):
    wired({}, info())
    found = Tron(TRON, None).mined(HASH)
    assert found is not None and not found.final
    wired({}, {})
    assert Tron(TRON, None).mined(HASH) is None


@pytest.mark.parametrize(
    "failed",
    [
        info(result="FAILED"),
        info(receipt={"result": "OUT_OF_ENERGY"}),
        info(receipt={"result": "REVERT"}),
    ],
)
def test_a_failed_transaction_on_tron_moves_nothing(wired, failed):
    wired(failed)
    found = Tron(TRON, None).mined(HASH)
    assert found is not None and not found.succeeded and not found.moved


def test_trons_own_coin_is_no_token(wired):
    wired(info(receipt={"net_usage": 268}, log=[]))
    found = Tron(TRON, None).mined(HASH)
    assert found is not None and found.succeeded and not found.moved


@pytest.mark.parametrize(
    "junk",
    [
        *(each for each in JUNK if each != {}),
        {"Error": "class java.lang.NullPointerException"},
        info(id="cd" * 32),
        info(blockTimeStamp="now"),
        info(receipt=None),
        info(log={}),
        info(log=[7]),
    ],
)
def test_junk_from_tron_says_nothing(wired, junk):
    wired(junk)
    with pytest.raises(ProviderBusy):
        Tron(TRON, None).mined(HASH)


def test_a_key_that_was_replaced_is_ours_to_mend_and_is_not_logged(wired, caplog):
    wired((401, b'{"Error": "ApiKey old-key-of-ours not exists"}'))
    with pytest.raises(ProviderFailed):
        Tron(TRON, "old-key-of-ours").mined(HASH)
    assert "a node says no" in caplog.text and "old-key" not in str(vars(caplog.records[0]))


def test_a_nodes_address_is_not_logged(wired, caplog):
    wired((429, b"{}"))
    with pytest.raises(ProviderBusy):
        Ethereum(ETHEREUM, 12).mined(HASH)
    assert "a node says no" in caplog.text and "v3/key" not in str(vars(caplog.records[0]))


def row(**changes: Any) -> dict[str, Any]:
    usual = {
        "transaction_id": HASH,
        "token_info": {"symbol": "USDT", "address": CONTRACT, "decimals": 6},
        "block_timestamp": 1_790_000_000_123,
        "from": "TRXxrG6ZxXVdxbRwo4Lpp88VYFh88pGiEt",
        "to": ON_TRON,
        "type": "Transfer",
        "value": "12345678",
    }
    return usual | changes


def page(*rows: Any, **meta: Any) -> dict[str, Any]:
    return {"data": list(rows), "success": True, "meta": {"at": 1, "page_size": 1, **meta}}


def test_a_list_is_read_to_its_end_and_never_where_it_says(wired):
    evil = {"next": "https://evil.test/"}
    wire = wired(page(row(), fingerprint="f2", links=evil), page(row(value="7")))
    found = list(Tron(TRON, None).incoming(ON_TRON, since=1_789_000_000))
    assert [one.units for one in found] == [12_345_678, 7]
    assert all(url.startswith(TRON) for _, url, _ in wire.sent)
    assert "fingerprint=f2" in wire.sent[1][1] and "min_timestamp=1789000000000" in wire.sent[1][1]


@pytest.mark.parametrize(
    "other",
    [
        row(type="Approval"),
        row(token_info={"symbol": "USDT", "address": "TRXxrG6ZxXVdxbRwo4Lpp88VYFh88pGiEt"}),
        row(token_info=None),
        row(to="TRXxrG6ZxXVdxbRwo4Lpp88VYFh88pGiEt"),
        row(value="0"),
        row(block_timestamp=1),
    ],
)
def test_rows_of_something_else_are_passed_over(wired, other):
    wired(page(other))
    assert list(Tron(TRON, None).incoming(ON_TRON, since=1_789_000_000)) == []


@pytest.mark.parametrize(
    "junk",
    [
        *JUNK,
        page(7),
        page(row(value=12)),
        page(row(value="1e9")),
        page(row(value="-1")),
        page(row(transaction_id="x")),
        {"data": [], "success": False},
        {"data": {}, "success": True},
    ],
)
def test_a_list_of_junk_says_nothing(wired, junk):
    wired(junk)
    with pytest.raises(ProviderBusy):
        list(Tron(TRON, None).incoming(ON_TRON, since=1_789_000_000))
