"""An Ethereum node over JSON-RPC: `POST /usdt/ethereum`.

Strict: a method or a parameter that a node does not know is an error, with HTTP 200, as nodes do.
Source: ethereum.org/developers/docs/apis/json-rpc.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from localcloud.sandbox.store import Document
from localcloud.sandbox.usdt import http
from localcloud.sandbox.usdt.chain import SUCCESS, Chain
from localcloud.sandbox.world import World

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
APPROVAL = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
MOST_BLOCKS = 10_000
_WORD, _ADDRESS = re.compile(r"0x[0-9a-f]{64}"), re.compile(r"0x[0-9a-fA-F]{40}")
_QUANTITY = re.compile(r"0x(0|[1-9a-f][0-9a-f]*)")
METHODS = (
    "eth_chainId", "eth_blockNumber", "eth_getBlockByNumber", "eth_getTransactionReceipt",
    "eth_getLogs",
)  # fmt: skip
KINDS = tuple(f"ethereum.{method}" for method in METHODS)


class RpcError(Exception):
    """An error object: its code and words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message}


class Node:
    """Answers for one chain."""

    def __init__(self, world: World, chain: Chain) -> None:
        self._world, self._chain = world, chain
        self._methods: dict[str, Callable[[list[Any]], Any]] = {
            "eth_chainId": self._chain_id,
            "eth_blockNumber": self._block_number,
            "eth_getBlockByNumber": self._block,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": self._logs,
        }

    def blueprint(self) -> Blueprint:
        """The one route."""
        routes = Blueprint("usdt_ethereum", __name__)
        routes.add_url_rule("/usdt/ethereum", "call", self.call, methods=["POST"])
        return routes

    def call(self) -> Response:
        """One call; a batch is refused."""
        body = request.get_data(as_text=True)
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        asked = asked if isinstance(asked, dict) else {}
        method = asked.get("method") if isinstance(asked.get("method"), str) else ""
        kind = f"ethereum.{method}" if method in METHODS else "ethereum.unknown"

        def refuse(status: int) -> dict[str, Any]:
            return _envelope(asked, error={"code": -32005, "message": f"node error {status}"})

        return http.answer(self._world, kind, body, lambda: (200, self._told(asked)), refuse)

    def _told(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            if asked.keys() != {"jsonrpc", "id", "method", "params"} or asked["jsonrpc"] != "2.0":
                raise RpcError(-32600, "invalid request")
            if asked["method"] not in self._methods:
                raise RpcError(-32601, f"the method {asked['method']} does not exist")
            if not isinstance(asked["params"], list):
                raise RpcError(-32602, "params must be an array")
            return _envelope(asked, result=self._methods[asked["method"]](asked["params"]))
        except RpcError as error:
            return _envelope(asked, error=error.error)

    def _chain_id(self, params: list[Any]) -> str:
        _count(params, 0)
        return "0x1"

    def _block_number(self, params: list[Any]) -> str:
        _count(params, 0)
        return hex(self._chain.height())

    def _block(self, params: list[Any]) -> Document | None:
        _count(params, 2)
        if type(params[1]) is not bool:
            raise RpcError(-32602, "the second parameter must be a boolean")
        height = self._chain.height()
        named = {"latest": height, "finalized": height - 64}
        number = named[params[0]] if params[0] in named else _quantity(params[0])
        if number > height:
            return None
        return {
            "number": hex(number),
            "hash": f"0x{self._chain.block_hash(number)}",
            "timestamp": hex(self._chain.time_of(number)),
        }

    def _receipt(self, params: list[Any]) -> Document | None:
        _count(params, 1)
        if not isinstance(params[0], str) or not _WORD.fullmatch(params[0]):
            raise RpcError(-32602, "invalid argument 0: hex string of 32 bytes wanted")
        found = self._chain.transfer(params[0][2:])
        if found is None:
            return None
        done = found["status"] == SUCCESS
        return {
            "transactionHash": f"0x{found['hash']}",
            "blockNumber": hex(found["block"]),
            "blockHash": f"0x{self._chain.block_hash(found['block'])}",
            "from": f"0x{found['from']}",
            # As an exchange pays: by a contract of its own.
            "to": f"0x{found['from'][::-1]}",
            "status": "0x1" if done else "0x0",
            "logs": [self._log(found)] if done else [],
        }

    def _logs(self, params: list[Any]) -> list[Document]:
        _count(params, 1)
        wanted = params[0]
        if not isinstance(wanted, dict) or wanted.keys() != {
            "address", "fromBlock", "toBlock", "topics",
        }:  # fmt: skip
            raise RpcError(-32602, "a filter by address, fromBlock, toBlock and topics is wanted")
        first, last = _quantity(wanted["fromBlock"]), _quantity(wanted["toBlock"])
        if last - first >= MOST_BLOCKS:
            raise RpcError(-32005, f"block range larger than {MOST_BLOCKS}")
        if not isinstance(wanted["address"], str) or not _ADDRESS.fullmatch(wanted["address"]):
            raise RpcError(-32602, "invalid address")
        topics = wanted["topics"]
        if not isinstance(topics, list) or not all(
            topic is None or (isinstance(topic, str) and _WORD.fullmatch(topic)) for topic in topics
        ):
            raise RpcError(-32602, "invalid topics")
        logs = (self._log(one) for one in reversed(self._chain.transfers()) if _logged(one))
        return [
            log
            for log in logs
            if log["address"] == wanted["address"].lower()
            and first <= int(log["blockNumber"], 16) <= last
            and all(want in (None, has) for want, has in zip(topics, log["topics"], strict=False))
        ]

    def _log(self, transfer: Document) -> Document:
        event = TRANSFER if transfer["type"] == "Transfer" else APPROVAL
        return {
            "address": f"0x{transfer['token']}",
            "topics": [event, *(f"0x{transfer[who]:0>64}" for who in ("from", "to"))],
            "data": f"0x{transfer['units']:064x}",
            "blockNumber": hex(transfer["block"]),
            "blockHash": f"0x{self._chain.block_hash(transfer['block'])}",
            "transactionHash": f"0x{transfer['hash']}",
            "logIndex": "0x0",
            "removed": False,
        }


def _logged(transfer: Document) -> bool:
    return bool(transfer["status"] == SUCCESS)


def _envelope(asked: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": asked.get("id"), **fields}


def _count(params: list[Any], wanted: int) -> None:
    if len(params) != wanted:
        raise RpcError(-32602, f"{wanted} parameters are wanted")


def _quantity(value: Any) -> int:
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise RpcError(-32602, "a quantity is written 0x…, without leading zeros")
    return int(value, 16)
