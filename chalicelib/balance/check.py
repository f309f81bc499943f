"""Whether a balance is the sum of its ledger: looked at one by one, by the nightly check."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.balance.rules import Balance
from chalicelib.balance.service import read
from chalicelib.balance.tables import BalanceItem, EntryItem
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.money import Money

# What is gone through, page by page.
BALANCES, ENTRIES = BalanceItem, EntryItem
# How long the index of a user's entries may be behind.
INDEX_SECONDS = 10


@dataclass(frozen=True)
class Mismatch:
    """A balance that is not what its ledger says, or is below zero."""

    user_id: str
    balance: Money
    ledger: Money


def mismatch(item: BalanceItem) -> list[Mismatch]:
    """What is wrong with a balance, as it was read; nothing, or one.

    Movements made since have a later version than it had, and do not count. So the shop need not
    stand still for this.
    """
    balance = item.as_balance()
    total, made = _sum(balance)
    behind = made < balance.version and clock.now() - int(item.updated_at) < INDEX_SECONDS
    right = total == balance.amount.amount >= 0 and made == balance.version
    return [] if right or behind else [_mismatch(balance, total)]


def kept(keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these users and currencies, those that there is a balance of, read or not."""
    # The keys alone: a balance that can't be read is told of by itself.
    names = [BalanceItem.user_id, BalanceItem.currency]
    found = dynamo.get_many(BalanceItem, list(keys), attributes=names)
    return {(item.user_id, item.currency) for item in found}


def orphans(user_id: str, currency: str) -> list[Mismatch]:
    """Movements of a user who has no balance in this currency."""
    if read(user_id, currency).version:
        return []
    # All of them count against nothing.
    nothing = Balance(user_id, Money(0, currency), version=2**31)
    total, made = _sum(nothing)
    return [_mismatch(nothing, total)] if made else []


def compare() -> list[Mismatch]:
    """All that is wrong with any balance, at one go: for a shop that is small, as a test's is."""
    items = list(scanning.everything(BalanceItem))
    there = {(item.user_id, item.currency) for item in items}
    entries: Iterable[EntryItem] = scanning.everything(EntryItem)
    moved = {(one.user_id, one.currency) for one in entries if one.user_id is not None}
    found = [wrong for item in items for wrong in mismatch(item)]
    return found + [wrong for key in sorted(moved - there) for wrong in orphans(*key)]


def _sum(balance: Balance) -> tuple[int, int]:
    """A balance's movements up to its version: their sum, and how many."""
    currency = balance.amount.currency
    entries = EntryItem.by_user.query(
        balance.user_id, filter_condition=EntryItem.currency == currency
    )
    amounts = [int(one.amount) for one in entries if int(one.version) <= balance.version]
    return sum(amounts), len(amounts)


def _mismatch(balance: Balance, total: int) -> Mismatch:
    return Mismatch(balance.user_id, balance.amount, Money(total, balance.amount.currency))
