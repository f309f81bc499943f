"""USDT on Ethereum, asked of a node over JSON-RPC.

Rules of the network's that this file keeps (ethereum.org/developers/docs/apis/json-rpc):
- An error is `{"error": {"code", "message"}}`, with HTTP 200 too.
- A receipt is `null` while no block has the transaction; `status` is `0x1` when it did something.
- Exchanges pay many people in one transaction: what came is told by the events of USDT's contract,
  never by the transaction's `to` or its input.
- A block may be replaced by another one. What stands in a block is final after some more; then the
  receipt is read once more and must still name the block that the chain has there.
- A block takes twelve seconds or more, so that a time bounds the number of a block.
"""

from collections.abc import Iterator
from typing import Any

from chalicelib.kernel import clock
from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments.providers.usdt import addresses
from chalicelib.payments.providers.usdt.calls import Node
from chalicelib.payments.providers.usdt.chain import (
    TRANSFER,
    Incoming,
    Mined,
    hash_of,
    moved,
    wanted,
)

USDT = "dac17f958d2ee523a2206206994597c13d831ec7"
MAINNET = "0x1"
BLOCK_SECONDS = 12
# An hour more than there can be: clocks differ, and reading further costs nothing.
SLACK_BLOCKS = 300
# What nodes look through in one call.
RANGE_BLOCKS = 2000

Json = dict[str, Any]


class Ethereum:
    """See chain.py."""

    name = "erc20"
    usdt = USDT

    def __init__(self, url: str, confirmations: int) -> None:
        self._node = Node(f"usdt-{self.name}", url)
        self._confirmations = confirmations
        self._checked = False

    @property
    def facts(self) -> dict[str, str]:
        return {
            "network": "ERC20",
            "chain": "Ethereum",
            "contract": f"0x{USDT}",
            "confirmations": str(self._confirmations),
        }

    def digits(self, address: str) -> str | None:
        return addresses.ethereum(address)

    def mined(self, tx_hash: str) -> Mined | None:
        receipt = self._receipt(tx_hash)
        if receipt is None:
            return None
        number = _number(receipt.get("blockNumber"))
        block = self._block(hex(number))
        succeeded = receipt.get("status") == "0x1"
        if not succeeded and receipt.get("status") != "0x0":
            raise ProviderBusy()
        logs = receipt.get("logs")
        if not isinstance(logs, list):
            raise ProviderBusy()
        deep = self._head() - number + 1 >= self._confirmations
        return Mined(
            _number(block.get("timestamp")),
            succeeded,
            deep and self._stands(tx_hash, block),
            [found for found in map(moved, logs) if found],
        )

    def incoming(
        self, address: str, *, since: int, units: int | None = None, final: bool = False
    ) -> Iterator[Incoming]:
        wallet = addresses.ethereum(address) or ""
        newest = self._head()
        seconds = max(0, clock.now() - since)
        first = max(0, newest - seconds // BLOCK_SECONDS - SLACK_BLOCKS)
        last = newest - self._confirmations + 1 if final else newest
        times: dict[int, int] = {}
        for start in range(first, last + 1, RANGE_BLOCKS):
            for log in self._logs(wallet, start, min(start + RANGE_BLOCKS - 1, last)):
                found = moved(log)
                if found is None or (found.token, found.to) != (USDT, wallet):
                    continue
                if wanted(found.units, units) and self._time(log, times) >= since:
                    yield Incoming(_hash(log), found.units, self._time(log, times))

    def head_time(self) -> int:
        return _number(self._block("latest").get("timestamp"))

    def _logs(self, wallet: str, first: int, last: int) -> list[Json]:
        asked = {
            "address": f"0x{USDT}",
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "topics": [f"0x{TRANSFER}", None, f"0x{wallet:0>64}"],
        }
        logs = self._call("eth_getLogs", asked)
        if not isinstance(logs, list) or not all(isinstance(log, dict) for log in logs):
            raise ProviderBusy()
        return logs

    def _time(self, log: Json, known: dict[int, int]) -> int:
        """When the block of a log was made."""
        number = _number(log.get("blockNumber"))
        if number not in known:
            known[number] = _number(self._block(hex(number)).get("timestamp"))
        return known[number]

    def _stands(self, tx_hash: str, block: Json) -> bool:
        """Whether the transaction is in this block of the chain, by a second look."""
        again = self._receipt(tx_hash)
        return again is not None and again["blockHash"] == block.get("hash")

    def _receipt(self, tx_hash: str) -> Json | None:
        receipt = self._call("eth_getTransactionReceipt", f"0x{tx_hash}")
        if receipt is None:
            return None
        if not isinstance(receipt, dict) or not isinstance(receipt.get("blockHash"), str):
            raise ProviderBusy()
        if hash_of(str(receipt.get("transactionHash"))) != tx_hash:
            raise ProviderBusy()
        return receipt

    def _block(self, number: str) -> Json:
        block = self._call("eth_getBlockByNumber", number, False)
        if not isinstance(block, dict):
            # A node that lags behind the one that answered before.
            raise ProviderBusy()
        return block

    def _head(self) -> int:
        return _number(self._call("eth_blockNumber"))

    def _call(self, method: str, *params: Any) -> Any:
        if not self._checked:
            # A hash of another network must not count on this one.
            if self._ask("eth_chainId") != MAINNET:
                raise ProviderBusy()
            self._checked = True
        return self._ask(method, *params)

    def _ask(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = self._node.post("", body)
        if not isinstance(answer, dict) or "error" in answer or "result" not in answer:
            raise ProviderBusy()
        return answer["result"]


def _hash(log: Json) -> str:
    found = hash_of(str(log.get("transactionHash")))
    if found is None:
        raise ProviderBusy()
    return found


def _number(value: Any) -> int:
    """A quantity as JSON-RPC writes them: `0x1b4`."""
    if not isinstance(value, str) or not value.startswith("0x") or not 2 < len(value) < 20:
        raise ProviderBusy()
    try:
        return int(value, 16)
    except ValueError:
        raise ProviderBusy() from None
