"""TronGrid: the node's calls below `/usdt/tron/wallet…`, the lists below `/usdt/tron/v1`.

Source: developers.tron.network (get-trc20-transaction-history, rate-limits) and
tronprotocol.github.io (gettransactioninfobyid).
"""

import json
import re
from typing import Any

from flask import Blueprint, Response, request

from localcloud.sandbox.store import Document
from localcloud.sandbox.usdt import addresses, http
from localcloud.sandbox.usdt.chain import SUCCESS, Chain
from localcloud.sandbox.usdt.ethereum import APPROVAL, TRANSFER
from localcloud.sandbox.world import World

BASE = "/usdt/tron"
KINDS = ("tron.transfers", "tron.solid", "tron.info", "tron.now")
PARAMETERS = {
    "only_to", "only_from", "only_confirmed", "only_unconfirmed", "contract_address", "limit",
    "order_by", "min_timestamp", "max_timestamp", "fingerprint",
}  # fmt: skip
ORDERS = ("block_timestamp,asc", "block_timestamp,desc")
_HASH = re.compile(r"[0-9a-f]{64}")


class Grid:
    """Answers for one chain; who sends a key sends the right one."""

    def __init__(self, world: World, chain: Chain, key: str) -> None:
        self._world, self._chain, self._key = world, chain, key

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("usdt_tron", __name__, url_prefix=BASE)
        for rule, view, method in (
            ("/v1/accounts/<address>/transactions/trc20", self.transfers, "GET"),
            ("/walletsolidity/gettransactioninfobyid", self.solid, "POST"),
            ("/wallet/gettransactioninfobyid", self.info, "POST"),
            ("/wallet/getnowblock", self.head, "POST"),
        ):
            routes.add_url_rule(rule, view.__name__, view, methods=[method])
        return routes

    def transfers(self, address: str) -> Response:
        """A wallet's transfers of TRC-20 tokens."""
        return self._answer("tron.transfers", lambda: self._listed(address))

    def solid(self) -> Response:
        """A transaction that will not be undone."""
        return self._answer("tron.solid", lambda: self._looked_up(final=True))

    def info(self) -> Response:
        """A transaction."""
        return self._answer("tron.info", lambda: self._looked_up(final=False))

    def head(self) -> Response:
        """The newest block."""
        return self._answer("tron.now", self._newest)

    def _answer(self, kind: str, work: Any) -> Response:
        def checked() -> tuple[int, Any]:
            given = request.headers.get("TRON-PRO-API-KEY")
            return (
                (401, {"Error": "ApiKey not exists"}) if given not in (None, self._key) else work()
            )

        body = request.get_data(as_text=True)
        return http.answer(self._world, kind, body, checked, lambda status: {"Error": str(status)})

    def _newest(self) -> tuple[int, Document]:
        height = self._chain.height()
        raw = {"number": height, "timestamp": self._chain.time_of(height) * 1000}
        return 200, {"blockID": self._chain.block_hash(height), "block_header": {"raw_data": raw}}

    def _looked_up(self, *, final: bool) -> tuple[int, Document]:
        try:
            asked = json.loads(request.get_data())
        except ValueError:
            asked = None
        if not isinstance(asked, dict) or asked.keys() - {"value", "visible"}:
            return 200, {"Error": "class com.google.protobuf.InvalidProtocolBufferException"}
        value = asked.get("value")
        if not isinstance(value, str) or not _HASH.fullmatch(value):
            return 200, {"Error": "class java.lang.IllegalArgumentException : invalid hex"}
        found = self._chain.transfer(value)
        if found is None or (final and not self._chain.final(found)):
            return 200, {}
        return 200, _info(found)

    def _listed(self, address: str) -> tuple[int, Document]:
        digits, given = addresses.digits_of_tron(address), request.args.to_dict()
        wrong = _wrong(given)
        if digits is None or wrong:
            return 400, {"success": False, "error": wrong or "Invalid address", "statusCode": 400}
        rows = [
            one for one in reversed(self._chain.transfers()) if self._wanted(one, given, digits)
        ]
        if given.get("order_by") != ORDERS[0]:
            rows.reverse()
        start, size = int(given.get("fingerprint", 0)), int(given.get("limit", 20))
        meta: Document = {"at": int(self._chain.now() * 1000), "page_size": len(rows)}
        if len(rows) > start + size:
            meta["fingerprint"] = str(start + size)
        shown = [_row(one) for one in rows[start : start + size]]
        return 200, {"data": shown, "success": True, "meta": meta}

    def _wanted(self, transfer: Document, given: dict[str, str], digits: str) -> bool:
        sides = {"only_to": ("to",), "only_from": ("from",)}
        named = next((sides[name] for name in sides if given.get(name) == "true"), ("to", "from"))
        contract = addresses.digits_of_tron(given.get("contract_address", ""))
        at = transfer["at"] * 1000
        return (
            transfer["status"] == SUCCESS
            and digits in (transfer[side] for side in named)
            and contract in (None, transfer["token"])
            and int(given.get("min_timestamp", 0)) <= at <= int(given.get("max_timestamp", 10**15))
            and (given.get("only_confirmed") != "true" or self._chain.final(transfer))
            and (given.get("only_unconfirmed") != "true" or not self._chain.final(transfer))
        )


def _wrong(given: dict[str, str]) -> str | None:
    if unknown := given.keys() - PARAMETERS:
        return f"Unknown parameter {sorted(unknown)[0]}"
    for name in ("limit", "min_timestamp", "max_timestamp", "fingerprint"):
        if name in given and not re.fullmatch(r"[0-9]{1,15}", given[name]):
            return f"{name} must be a number"
    if not 1 <= int(given.get("limit", 20)) <= 200:
        return "limit must be from 1 to 200"
    if given.get("order_by", ORDERS[0]) not in ORDERS:
        return "order_by must be block_timestamp,asc or block_timestamp,desc"
    contract = given.get("contract_address")
    if contract is not None and addresses.digits_of_tron(contract) is None:
        return "Invalid contract_address"
    return None


def _row(transfer: Document) -> Document:
    return {
        "transaction_id": transfer["hash"],
        # Anybody can name a token USDT.
        "token_info": {
            "symbol": "USDT",
            "address": addresses.tron(transfer["token"]),
            "decimals": 6,
            "name": "Tether USD",
        },
        "block_timestamp": transfer["at"] * 1000,
        "from": addresses.tron(transfer["from"]),
        "to": addresses.tron(transfer["to"]),
        "type": transfer["type"],
        "value": str(transfer["units"]),
    }


def _info(transfer: Document) -> Document:
    done = transfer["status"] == SUCCESS
    info: Document = {
        "id": transfer["hash"],
        "fee": 13_000_000,
        "blockNumber": transfer["block"],
        "blockTimeStamp": transfer["at"] * 1000,
        "contract_address": "41" + transfer["token"],
        "receipt": {"energy_usage_total": 64_000, "result": SUCCESS if done else "OUT_OF_ENERGY"},
    }
    if not done:
        return {**info, "result": "FAILED", "resMessage": "4e6f7420656e6f7567682065"}
    event = TRANSFER if transfer["type"] == "Transfer" else APPROVAL
    topics = [event[2:], *(f"{transfer[who]:0>64}" for who in ("from", "to"))]
    data = f"{transfer['units']:064x}"
    return {**info, "log": [{"address": transfer["token"], "topics": topics, "data": data}]}
