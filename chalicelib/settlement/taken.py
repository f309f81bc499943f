"""What is taken with an order and goes back with it, beside its units: one entry each.

The units are the hold's business; everything else that a buyer spends on an order (store credit,
and whatever may follow it) stands in `TAKEN`.
"""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.balance.rules import BalanceTooLow
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.orders.rules import Order
from chalicelib.settlement import store_credit


class Taken(Protocol):
    """One kind of thing that is taken with an order. Both are a part of the transaction that moves
    the order, and happen once because that does."""

    def give_back(self, tx: Transaction, order: Order, *, now: int) -> None:
        """Return it, as the order is cancelled."""

    def take_again(self, tx: Transaction, order: Order, *, now: int) -> None:
        """Take it once more, as a cancelled order is revived. Raises one of `GONE`."""


TAKEN: Sequence[Taken] = (store_credit,)
# What `take_again` raises when something of it is gone.
GONE: tuple[type[Exception], ...] = (BalanceTooLow,)


def give_back(tx: Transaction, order: Order, *, now: int) -> None:
    """Return all of it."""
    for one in TAKEN:
        one.give_back(tx, order, now=now)


def take_again(tx: Transaction, order: Order, *, now: int) -> None:
    """Take all of it once more. Raises one of `GONE`, and then nothing is taken."""
    for one in TAKEN:
        one.take_again(tx, order, now=now)
