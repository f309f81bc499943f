"""What an Ethereum node answers, and junk: none of it is believed before it is looked at."""

from typing import Any

import pytest

from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments.providers.usdt.chain import TRANSFER
from chalicelib.payments.providers.usdt.ethereum import USDT, Ethereum
from tests.payments.usdt.nodes import HASH, JUNK, SENDER, SUM, WALLET


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


def test_a_nodes_address_is_not_logged(wired, caplog):
    wired((429, b"{}"))
    with pytest.raises(ProviderBusy):
        Ethereum(ETHEREUM, 12).mined(HASH)
    assert "a node says no" in caplog.text and "v3/key" not in str(vars(caplog.records[0]))
