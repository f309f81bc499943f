"""What TronGrid answers, and junk: none of it is believed before it is looked at."""

from typing import Any

import pytest

from chalicelib.kernel.errors import ProviderBusy, ProviderFailed
from chalicelib.payments.providers.usdt.chain import TRANSFER
from chalicelib.payments.providers.usdt.tron import CONTRACT, Tron
from tests.payments.usdt.nodes import HASH, JUNK, ON_TRON, SENDER, SUM, WALLET

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
