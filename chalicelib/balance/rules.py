"""A user's balance as a value, its movements, and how much of a sum it pays."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.kernel import ids
from chalicelib.kernel.errors import Conflict, Invalid
from chalicelib.kernel.money import Money


class Reason(StrEnum):
    """Why a balance moved; kernel/texts has the words (`balance.…`)."""

    # An order is paid from it, wholly or in part.
    PAYMENT = "payment"
    # What an order had taken that was given up.
    RETURNED = "returned"
    REFUND = "refund"
    ADMIN_ADJUST = "admin_adjust"
    # No movement: a payment that was never made, and now never can be.
    CLOSED = "closed"


class BalanceTooLow(Conflict):
    """Less is there than would be taken."""

    code = "BALANCE_TOO_LOW"


class BalanceNeedsAccount(Invalid):
    """A balance is a signed-in user's: a guest has none."""

    code = "BALANCE_NEEDS_ACCOUNT"


@dataclass(frozen=True)
class Balance:
    """What a user has in one currency. `version` counts its movements."""

    user_id: str
    amount: Money
    version: int = 0


@dataclass(frozen=True)
class Movement:
    """Money into a user's balance (`amount` above zero) or out of it. The same id moves once."""

    entry_id: str
    user_id: str
    amount: Money
    reason: Reason
    # What it is for: an order's id, an operation's.
    reference: str
    operator: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Entry:
    """A movement as it stands in the ledger; `closed` when it was never made and never will be."""

    entry_id: str
    user_id: str | None
    amount: Money
    reason: Reason
    reference: str
    operator: str | None
    note: str | None
    before: Money
    after: Money
    version: int
    at: int
    # Of a payment: what of it was given back.
    refunded: Money

    @property
    def closed(self) -> bool:
        return self.reason == Reason.CLOSED


def entry_id(kind: str, key: str) -> str:
    """The id of the one movement of this kind for that key."""
    return ids.derived("bal", kind, key)


def part_of(
    total: Money, there: Money, most: int | None = None, *, least: int, step: int = 1
) -> Money:
    """What of a sum a balance pays: all that is there and not above `most`, but never so much that
    what is left is below `least`, or is no multiple of `step`: what the chosen provider takes. All
    in minor units."""
    wanted = min(there.amount, total.amount, total.amount if most is None else most)
    if wanted < total.amount:
        wanted = min(wanted, total.amount - least)
        wanted -= -(total.amount - wanted) % step
    return Money(max(0, wanted), total.currency)
