"""The stand-ins for an Ethereum node and TronGrid, and the wallet that sends."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from localcloud.sandbox import Sandbox
from localcloud.sandbox.usdt import addresses, new_wallets
from localcloud.sandbox.usdt.texts import TEXTS

KEY = "a-key-of-trongrid"
DIGITS = "1122334455667788990011223344556677889900"
ADDRESSES = {"usdt-erc20": f"0x{DIGITS}", "usdt-trc20": "TBXoTbWzjcYRJcsZu6GpqUPJRqVLVNmbom"}

every_chain = pytest.mark.parametrize("chain", ADDRESSES)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(tron_key=KEY) as running:
        yield running


def rpc(sandbox: Sandbox, method: str, *params: Any, **changes: Any) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)} | changes
    answer = requests.post(f"{sandbox.url}/usdt/ethereum", json=body, timeout=5)
    assert answer.status_code == 200
    return dict(answer.json())


def tron(sandbox: Sandbox, path: str, key: str = KEY, **query: Any) -> requests.Response:
    headers = {"TRON-PRO-API-KEY": key}
    url = f"{sandbox.url}/usdt/tron{path}"
    return requests.get(url, params=query, headers=headers, timeout=5)


def press(sandbox: Sandbox, chain: str, action: str, **changes: str) -> requests.Response:
    given = {"address": ADDRESSES[chain], "amount": "12.345678", "action": action} | changes
    return requests.post(f"{sandbox.url}/usdt/wallet/{chain}", data=given, timeout=5)


@every_chain
def test_the_wallet_sends_and_shows_the_hash(sandbox, chain):
    shown = press(sandbox, chain, "send")
    found = re.search(r'<code id="hash">([0-9a-f]{64})</code>', shown.text)
    assert shown.status_code == 200 and found
    [sent] = sandbox.state()[chain]["transfers"]
    assert (sent["hash"], sent["to"], sent["units"]) == (found[1], DIGITS, 12_345_678)
    assert sent["confirmations"] == 1
    press(sandbox, chain, "confirm")
    depth = sandbox.providers[chain].chain.rules.depth
    assert sandbox.state()[chain]["transfers"][0]["confirmations"] >= depth


@every_chain
@pytest.mark.parametrize("action", ["less", "more", "other-token", "other-wallet", "fail"])
def test_each_button_sends_something(sandbox, chain, action):
    assert press(sandbox, chain, action).status_code == 200
    assert len(sandbox.state()[chain]["transfers"]) == 1


@every_chain
@pytest.mark.parametrize(
    "wrong",
    [{"address": "nobody"}, {"amount": "a lot"}, {"amount": "0.0000001"}, {"action": "steal"}],
)
def test_what_is_filled_in_wrongly_sends_nothing(sandbox, chain, wrong):
    assert press(sandbox, chain, **({"action": "send"} | wrong)).status_code == 422
    assert sandbox.state()[chain]["transfers"] == []


@every_chain
def test_the_page_needs_no_script_and_speaks_both_languages(sandbox, chain):
    url = f"{sandbox.url}/usdt/wallet/{chain}"
    english = requests.get(url, timeout=5).text
    chinese = requests.get(url, headers={"Accept-Language": "zh-CN"}, timeout=5).text
    assert "<script" not in english and "style=" not in english
    assert '<html lang="en">' in english and '<html lang="zh-CN">' in chinese
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


@every_chain
def test_the_overview_shows_what_was_sent_and_leads_to_the_wallet(sandbox, chain):
    press(sandbox, chain, "send")
    shown = requests.get(sandbox.url, timeout=5).text
    assert f"/usdt/wallet/{chain}" in shown
    assert sandbox.state()[chain]["transfers"][0]["hash"] in shown


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_sendTransaction", []),
        ("eth_blockNumber", ["0x1"]),
        ("eth_getTransactionReceipt", ["ab" * 32]),
        ("eth_getBlockByNumber", ["0x01", False]),
        ("eth_getBlockByNumber", ["latest", "false"]),
        ("eth_getLogs", [{"address": "0x0"}]),
    ],
)
def test_the_node_is_strict(sandbox, method, params):
    assert "error" in rpc(sandbox, method, *params)


def test_what_no_block_has_is_null(sandbox):
    assert rpc(sandbox, "eth_getTransactionReceipt", "0x" + "ab" * 32)["result"] is None
    assert rpc(sandbox, "eth_chainId")["result"] == "0x1"


@pytest.mark.parametrize(
    "query", [{"limit": 201}, {"limit": "many"}, {"colour": "red"}, {"order_by": "value"}]
)
def test_trongrid_is_strict(sandbox, query):
    path = f"/v1/accounts/{ADDRESSES['usdt-trc20']}/transactions/trc20"
    assert tron(sandbox, path, **query).status_code == 400
    assert tron(sandbox, path.replace("TBX", "TBY")).status_code == 400
    assert tron(sandbox, path, key="another").status_code == 401


def test_a_list_is_read_page_by_page(sandbox):
    for _ in range(3):
        press(sandbox, "usdt-trc20", "send")
    path = f"/v1/accounts/{ADDRESSES['usdt-trc20']}/transactions/trc20"
    first = tron(sandbox, path, limit=2).json()
    rest = tron(sandbox, path, limit=2, fingerprint=first["meta"]["fingerprint"]).json()
    assert len(first["data"]) == 2 and len(rest["data"]) == 1
    assert "fingerprint" not in rest["meta"]
    assert tron(sandbox, path, only_confirmed="true").json()["data"] == []


def test_new_wallets_are_addresses():
    made = new_wallets()
    assert addresses.digits_of_ethereum(made["usdt/erc20_wallet"])
    assert addresses.digits_of_tron(made["usdt/trc20_wallet"])
