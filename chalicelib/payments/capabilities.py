"""What a provider can do at all, as it says itself: a part of the port.

Each provider's folder has a module `capabilities` with `CAPABILITIES`. It loads none of what speaks
to the provider: a page that only shows how one can pay asks for it as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.kernel.money import DECIMALS


@dataclass(frozen=True)
class Remainder:
    """What is left of an order for a payment, where a store balance pays the other part: `least` at
    least, and a multiple of `step`, both in minor units."""

    least: int
    step: int


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do at all."""

    # None: whatever the shop's settings switch on for it.
    currencies: frozenset[str] | None = None
    # What one payment is at least, by currency, and at most in any, in minor units.
    least: Mapping[str, int] = field(default_factory=dict)
    most: int | None = None
    # Whether money can be given back through it; else the owner does that by hand.
    refunds: bool = True
    # What amounts must be multiples of, by currency, in minor units.
    steps: Mapping[str, int] = field(default_factory=dict)
    # Whether payments can be disputed there (`Disputes`).
    disputes: bool = False
    # Whether what a lost dispute took stands among the provider's refunds as well.
    reversals_are_refunds: bool = False
    # Whether the same charge opens the same page by itself, by an idempotency key.
    keys: bool = True
    # Whether `close` can end a page that is still open; else it ends by itself.
    closes: bool = True
    # How many payments of one amount have to be told apart by what they add to it.
    amount_suffixes: int = 0
    # Whether the buyer hands something in (`TakesProof`): a hash, a passphrase.
    hands_in: bool = False
    # Whether a person decides on what was handed in (payments/by_hand.py).
    by_hand: bool = False
    # Whether only who is signed in can pay: the money is their account's.
    of_account: bool = False
    # Whether the session's id is the payment's own: known before it was ever opened.
    named: bool = False
    # Under which name kernel/outages knows whom its calls go to, which is a provider's name; None
    # where it calls nobody.
    host: str | None = None
    # Whether a payment can begin while the host is down.
    opens_alone: bool = False

    def remainder(self, currency: str, shops_least: int | None = None) -> Remainder:
        """What a payment takes at least. Where the provider says nothing, a whole unit of the
        currency; `shops_least` is what the shop's own settings say, in minor units."""
        least = self.least.get(currency, 10 ** DECIMALS.get(currency, 2))
        return Remainder(max(least, shops_least or 0), self.steps.get(currency, 1))
