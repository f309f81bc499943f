"""Whether every balance is the sum of its ledger: a look at everything, for the nightly job."""

from collections import Counter
from dataclasses import dataclass

from chalicelib.balance.rules import Balance
from chalicelib.balance.service import read
from chalicelib.balance.tables import BalanceItem, EntryItem
from chalicelib.kernel import dynamo, telemetry
from chalicelib.kernel.money import Money


@dataclass(frozen=True)
class Mismatch:
    """A balance that is not what its ledger says, or is below zero."""

    user_id: str
    balance: Money
    ledger: Money


def compare() -> list[Mismatch]:
    """All balances that are not the sum of their movements.

    Balances are read first: what moves while the ledger is read has a later turn than they had, and
    does not count. So the shop need not stand still for this.
    """
    items = (item.as_balance() for item in dynamo.everything(BalanceItem))
    balances = {(one.user_id, one.amount.currency): one for one in items}
    sums: Counter[tuple[str, str]] = Counter()
    made: Counter[tuple[str, str]] = Counter()
    for item in dynamo.everything(EntryItem):
        if item.user_id is None:
            continue
        key = (item.user_id, item.currency)
        known = balances.get(key) or _look_again(balances, key)
        if int(item.turn) <= known.turn:
            sums[key] += int(item.amount)
            made[key] += 1
    wrong = [
        Mismatch(user_id, one.amount, Money(sums[user_id, currency], currency))
        for (user_id, currency), one in balances.items()
        if one.amount.amount != sums[user_id, currency]
        or one.amount.amount < 0
        or made[user_id, currency] != one.turn
    ]
    telemetry.metric({"BalanceMismatch": len(wrong)})
    return wrong


def _look_again(balances: dict[tuple[str, str], Balance], key: tuple[str, str]) -> Balance:
    """A balance that was not there: its first movement may just have been made. It counts as it was
    when the others were read, unless there is none at all."""
    found = read(*key)
    nothing = Balance(key[0], Money(0, key[1]), turn=0)
    if found.turn == 0:
        # Movements without a balance: all of them count against nothing.
        nothing = Balance(key[0], Money(0, key[1]), turn=2**31)
    balances[key] = nothing
    return nothing
