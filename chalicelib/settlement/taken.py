"""What is taken with an order and goes back with it, beside its units: one entry each.

The units are the hold's business; everything else that a buyer spends on an order (store credit,
and whatever may follow it) stands in `TAKEN`, and nothing else here knows of it. It is taken first
as the order is placed, by the checkout, which has read how much of it there is.
"""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.kernel.db.transaction import Transaction
from chalicelib.orders.rules import Order
from chalicelib.settlement import store_credit


class Taken(Protocol):
    """One kind of thing that is taken with an order: a module, say. Both functions add to the
    transaction that moves the order, and happen once because that does."""

    # What `take_again` raises when it is gone.
    GONE: tuple[type[Exception], ...]

    def give_back(self, tx: Transaction, order: Order, *, now: int) -> None:
        """Return it, as the order is cancelled."""

    def take_again(self, tx: Transaction, order: Order, *, now: int) -> None:
        """Take it once more, as a cancelled order is revived. Raises one of `GONE`, or lets the
        transaction raise it."""


TAKEN: Sequence[Taken] = (store_credit,)


def gone() -> tuple[type[Exception], ...]:
    """What is raised when something of it can't be taken again."""
    return tuple(error for one in TAKEN for error in one.GONE)


def give_back(tx: Transaction, order: Order, *, now: int) -> None:
    """Return all of it."""
    for one in TAKEN:
        one.give_back(tx, order, now=now)


def take_again(tx: Transaction, order: Order, *, now: int) -> None:
    """Take all of it once more. Raises one of `gone()`, and then nothing is taken."""
    for one in TAKEN:
        one.take_again(tx, order, now=now)
