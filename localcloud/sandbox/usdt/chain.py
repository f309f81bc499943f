"""A chain as far as a shop sees of it: blocks that come with time, and transfers in them.

Blocks are counted from the clock, so that none has to be kept. Time and blocks can be let pass;
the node may show the chain as it was some blocks ago, and a block may be replaced by another one.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.sandbox.store import Document
from localcloud.sandbox.world import World

# When the counting begins; anything long ago.
EPOCH = 1_600_000_000
SUCCESS, FAILED = "SUCCESS", "FAILED"


@dataclass(frozen=True)
class Rules:
    """Of one chain: how often a block comes, after how many it is final, whose USDT is meant."""

    name: str
    block_seconds: int
    depth: int
    usdt: str
    # Another token of the same look.
    fake: str


class Chain:
    """Transfers are documents of the kind `<name>.transfer`, by their hash."""

    def __init__(self, world: World, rules: Rules) -> None:
        self._store = world.store
        self.rules = rules
        self.kind = f"{rules.name}.transfer"
        self._state_kind = f"{rules.name}.chain"
        # The clock that blocks are counted from, in seconds since 1970. A test that counts single
        # blocks stops it.
        self.clock: Callable[[], float] = time.time

    def now(self) -> float:
        """The chain's time, which may be let pass."""
        return self.clock() + float(self._state()["seconds"])

    def height(self) -> int:
        """The newest block that the node shows."""
        return self._tip() - int(self._state()["lag"])

    def confirmations(self, transfer: Document) -> int:
        """Blocks from the transfer's on, its own included, as the node sees it."""
        return max(0, self.height() - int(transfer["block"]) + 1)

    def final(self, transfer: Document) -> bool:
        return self.confirmations(transfer) >= self.rules.depth

    def time_of(self, block: int) -> int:
        """When a block was made: as its transfers say, else counted back from now."""
        found = self._store.find(self.kind, block=block)
        if found:
            return int(found[0]["at"])
        return int(self.now() - (self._tip() - block) * self.rules.block_seconds)

    def block_hash(self, block: int) -> str:
        """The name of the block that stands there now."""
        replaced = self._state()["replaced"].get(str(block), 0)
        return hashlib.sha256(f"{self.rules.name}/{block}/{replaced}".encode()).hexdigest()

    def transfer(self, tx_hash: str) -> Document | None:
        """What the node knows under this hash."""
        found = self._store.get(self.kind, tx_hash)
        return found if found and self._shown(found) else None

    def transfers(self) -> list[Document]:
        """All that the node shows, the newest first."""
        return [found for found in self._store.find(self.kind) if self._shown(found)]

    def send(
        self, to: str, units: int, *, token: str = "", status: str = SUCCESS, kind: str = "Transfer"
    ) -> Document:
        """A transfer in the newest block."""
        with self._store.transaction():
            return self._store.put(
                self.kind,
                {
                    "id": (tx_hash := secrets.token_hex(32)),
                    "hash": tx_hash,
                    "token": token or self.rules.usdt,
                    "type": kind,
                    "from": secrets.token_hex(20),
                    "to": to,
                    "units": units,
                    "status": status,
                    "at": int(self.now()),
                    "block": self._tip(),
                    "gone": False,
                },
            )

    def mine(self, blocks: int) -> None:
        """So many blocks more, at once."""
        self._change(blocks=int(self._state()["blocks"]) + blocks)

    def wait(self, seconds: float) -> None:
        """Let time pass, and blocks with it."""
        self._change(seconds=float(self._state()["seconds"]) + seconds)

    def lag(self, blocks: int) -> None:
        """Let the node be so many blocks behind from now on."""
        self._change(lag=blocks)

    def replace(self, tx_hash: str, *, again: bool) -> None:
        """Another block takes the place of the transfer's: with the transfer in it, if `again`."""
        with self._store.transaction():
            found = self._store.get(self.kind, tx_hash)
            if found is None:
                return
            replaced = dict(self._state()["replaced"])
            replaced[str(found["block"])] = replaced.get(str(found["block"]), 0) + 1
            self._change(replaced=replaced)
            self._store.put(self.kind, {**found, "gone": not again})

    def _shown(self, transfer: Document) -> bool:
        return not transfer["gone"] and int(transfer["block"]) <= self.height()

    def _tip(self) -> int:
        passed = int((self.now() - EPOCH) / self.rules.block_seconds)
        return passed + int(self._state()["blocks"])

    def _state(self) -> Document:
        first = {"id": "chain", "blocks": 0, "seconds": 0.0, "lag": 0, "replaced": {}}
        return self._store.get(self._state_kind, "chain") or first

    def _change(self, **values: object) -> None:
        with self._store.transaction():
            self._store.put(self._state_kind, {**self._state(), **values})
