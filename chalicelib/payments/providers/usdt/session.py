"""What one payment asks for, in its session's id: nothing has to be kept elsewhere."""

import re
from dataclasses import dataclass

from chalicelib.kernel.money import Money

# USDT has six decimals on both networks, a dollar two: four are free to tell payments apart.
DECIMALS = 6
SUFFIXES = 10**4
CURRENCY = "USD"
_ID = re.compile(r"(erc20|trc20):([0-9]{1,12}):([0-9]{1,12}):(\w{34,42}):([0-9]{1,18})", re.A)


@dataclass(frozen=True)
class Session:
    """`units` to `wallet` (as it is written) between `since` and `until`."""

    chain: str
    since: int
    until: int
    wallet: str
    units: int

    @property
    def id(self) -> str:
        return f"{self.chain}:{self.since}:{self.until}:{self.wallet}:{self.units}"

    @property
    def price(self) -> Money:
        """What the order costs, without what tells it from others."""
        return split(self.units)[0]


def read(session_id: str) -> Session | None:
    """None for what `Session.id` never wrote."""
    found = _ID.fullmatch(session_id)
    if found is None:
        return None
    return Session(found[1], int(found[2]), int(found[3]), found[4], int(found[5]))


def units_of(price: Money, amount_suffix: int) -> int:
    """A dollar is a USDT; the amount suffix stands in the last four decimals."""
    return price.amount * SUFFIXES + amount_suffix


def split(units: int) -> tuple[Money, int]:
    """Whole cents, and what is left."""
    return Money(units // SUFFIXES, CURRENCY), units % SUFFIXES


def written(units: int) -> str:
    """As wallets write it: `12.005678`."""
    whole, rest = divmod(units, 10**DECIMALS)
    return f"{whole}.{rest:0{DECIMALS}}"
