"""What the provider asks of a chain. Sums are units, 10^6 to a USDT; addresses are forty digits."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

from chalicelib.kernel.errors import ProviderBusy

# keccak256("Transfer(address,address,uint256)"), the first topic of the event: ERC-20, and TRC-20
# which took it over.
TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_WORD = re.compile(r"(0x)?[0-9a-fA-F]{64}")
# Sixty-four digits, no more around them: the hash alone, or as an explorer's address has it.
_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True)
class Moved:
    """One transfer of some token inside a transaction."""

    token: str
    to: str
    units: int


@dataclass(frozen=True)
class Mined:
    """A transaction in a block. `at` is the block's time; `final`: it will not be undone."""

    at: int
    succeeded: bool
    final: bool
    moved: Sequence[Moved] = ()


@dataclass(frozen=True)
class Incoming:
    """USDT that came to a wallet, as a list shows it: what it really was, `mined` tells."""

    hash: str
    units: int
    at: int


class Chain(Protocol):
    """Every call raises ProviderBusy for an answer that is none, or has another shape."""

    @property
    def name(self) -> str:
        """`erc20` or `trc20`: claims and sessions begin with it."""

    @property
    def usdt(self) -> str:
        """The contract's address."""

    @property
    def facts(self) -> dict[str, str]:
        """What a buyer is told of the network."""

    def digits(self, address: str) -> str | None:
        """An address as it is compared; None where it is none."""

    def mined(self, tx_hash: str) -> Mined | None:
        """The transaction; None while no block has it."""

    def incoming(
        self, address: str, *, since: int, units: int | None = None, final: bool = False
    ) -> Iterable[Incoming]:
        """USDT that came to this address (as it is written) since then, the oldest first: of these
        `units` alone, if so; with `final` only what will not be undone."""

    def head_time(self) -> int:
        """The time of the newest block that the node knows: how far its word reaches."""


def hash_of(given: str) -> str | None:
    """64 small digits, however they were copied: alone, with words or quotes around them, broken by
    a blank or an invisible character, or as the link to an explorer's page.

    None where there is no hash, and where there are two: which one is meant nobody knows.
    """
    plain = unicodedata.normalize("NFKC", unquote(given)).lower()
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    found = set(_HASH.findall(seen)) or set(_HASH.findall("".join(seen.split())))
    return found.pop() if len(found) == 1 else None


def wanted(came: int, units: int | None) -> bool:
    """Whether a sum is looked for; one of nothing never is: those are sent to mislead."""
    return came > 0 and units in (None, came)


def moved(log: Any) -> Moved | None:
    """A log entry of a receipt, as both chains write them; None where it is another event.

    Three topics: the event, whose, to whom. An event of the same name may keep its sum among them.
    """
    if not isinstance(log, dict):
        raise ProviderBusy()
    token, topics, data = log.get("address"), log.get("topics"), log.get("data")
    if not isinstance(topics, list) or not isinstance(token, str):
        raise ProviderBusy()
    if log.get("removed") or len(topics) != 3 or not _same(topics[0], TRANSFER):
        return None
    if not all(isinstance(each, str) and _WORD.fullmatch(each) for each in (*topics, data)):
        return None
    return Moved(token.lower()[-40:], topics[2].lower()[-40:], int(str(data), 16))


def _same(topic: Any, wanted: str) -> bool:
    return isinstance(topic, str) and topic.lower().removeprefix("0x") == wanted
