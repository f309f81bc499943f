"""USDT on TRON, asked of TronGrid.

Rules that this file keeps (developers.tron.network: get-trc20-transaction-history, rate-limits;
tronprotocol.github.io: gettransactioninfobyid):
- A hash is asked for without `0x`; `{}` with HTTP 200 is a transaction that no block has.
- `/walletsolidity` knows what will not be undone (after about a minute), `/wallet` the rest too.
- It did something when no `result` at the top says FAILED and the receipt's says SUCCESS.
- In a receipt addresses are twenty bytes in hex; everywhere else base58check.
- The wallet's list has approvals as well, and tokens of anybody's that are named USDT.
- Over its limit TronGrid answers 429 or 403. Its times are milliseconds.
"""

import re
from collections.abc import Iterator
from typing import Any

from chalicelib.kernel.errors import ProviderBusy
from chalicelib.payments.providers.usdt import addresses
from chalicelib.payments.providers.usdt.calls import Node
from chalicelib.payments.providers.usdt.chain import (
    Incoming,
    Mined,
    Moved,
    hash_of,
    moved,
    wanted,
)

USDT = "a614f803b6fd780986a42c78ec9c7f77e6ded13c"
CONTRACT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
# Blocks after which one is solid, to be told to the buyer: `/walletsolidity` decides.
SOLID_BLOCKS = 19
PAGE_ROWS, MOST_PAGES = 200, 50
_UNITS = re.compile(r"[0-9]{1,30}")

Json = dict[str, Any]


class Tron:
    """See chain.py."""

    name = "trc20"
    usdt = USDT

    def __init__(self, base: str, key: str | None) -> None:
        self._node = Node(f"usdt-{self.name}", base, {"TRON-PRO-API-KEY": key} if key else {})

    @property
    def facts(self) -> dict[str, str]:
        return {
            "network": "TRC20",
            "chain": "TRON",
            "contract": CONTRACT,
            "confirmations": str(SOLID_BLOCKS),
        }

    def digits(self, address: str) -> str | None:
        return addresses.tron(address)

    def mined(self, tx_hash: str) -> Mined | None:
        info = self._info("walletsolidity", tx_hash)
        final = bool(info)
        info = info or self._info("wallet", tx_hash)
        return _mined(info, final) if info else None

    def incoming(
        self, address: str, *, since: int, units: int | None = None, final: bool = False
    ) -> Iterator[Incoming]:
        query: dict[str, Any] = {
            "only_to": "true",
            "contract_address": CONTRACT,
            "min_timestamp": since * 1000,
            "limit": PAGE_ROWS,
            "order_by": "block_timestamp,asc",
        }
        if final:
            query["only_confirmed"] = "true"
        for _ in range(MOST_PAGES):
            page = self._node.get(f"/v1/accounts/{address}/transactions/trc20", query)
            rows, meta = _page(page)
            for row in rows:
                found = _incoming(row, address)
                if found and found.at >= since and wanted(found.units, units):
                    yield found
            # The next page's address is told as well, and could lead anywhere.
            if not meta.get("fingerprint"):
                return
            query["fingerprint"] = str(meta["fingerprint"])

    def head_time(self) -> int:
        block = self._node.post("/wallet/getnowblock", {})
        try:
            return _seconds(block["block_header"]["raw_data"]["timestamp"])
        except (LookupError, TypeError):
            raise ProviderBusy() from None

    def _info(self, which: str, tx_hash: str) -> Json:
        info = self._node.post(f"/{which}/gettransactioninfobyid", {"value": tx_hash})
        if not isinstance(info, dict) or "Error" in info:
            raise ProviderBusy()
        if info and hash_of(str(info.get("id"))) != tx_hash:
            raise ProviderBusy()
        return info


def _mined(info: Json, final: bool) -> Mined:
    receipt, logs = info.get("receipt"), info.get("log", [])
    if not isinstance(receipt, dict) or not isinstance(logs, list):
        raise ProviderBusy()
    # TRX sent from wallet to wallet has no result: nothing ran.
    ran = receipt.get("result")
    succeeded = info.get("result") != "FAILED" and ran in (None, "SUCCESS")
    events: list[Moved] = []
    if succeeded and ran:
        events = [found for found in map(moved, logs) if found]
    return Mined(_seconds(info.get("blockTimeStamp")), succeeded, final, events)


def _page(page: Any) -> tuple[list[Json], Json]:
    if not isinstance(page, dict) or page.get("success") is not True:
        raise ProviderBusy()
    rows, meta = page.get("data"), page.get("meta", {})
    if not isinstance(rows, list) or not isinstance(meta, dict):
        raise ProviderBusy()
    if not all(isinstance(row, dict) for row in rows):
        raise ProviderBusy()
    return rows, meta


def _incoming(row: Json, address: str) -> Incoming | None:
    """A row of the wallet's list; None where it is not USDT that came in."""
    token = row.get("token_info")
    if row.get("type") != "Transfer" or row.get("to") != address:
        return None
    if not isinstance(token, dict) or token.get("address") != CONTRACT:
        return None
    tx_hash, value = hash_of(str(row.get("transaction_id"))), row.get("value")
    if tx_hash is None or not isinstance(value, str) or not _UNITS.fullmatch(value):
        raise ProviderBusy()
    return Incoming(tx_hash, int(value), _seconds(row.get("block_timestamp")))


def _seconds(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ProviderBusy()
    return value // 1000
