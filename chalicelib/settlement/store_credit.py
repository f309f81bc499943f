"""What of an order its owner's store balance pays: taken, returned, taken again, refunded.

Each is a part of the transaction that moves the order, and has an id that follows from the order:
what the order's condition lets happen once moves the balance once.
"""

from chalicelib.balance import service as balance
from chalicelib.balance.rules import (
    Balance,
    BalanceNeedsAccount,
    BalanceTooLow,
    Movement,
    Reason,
    entry_id,
)
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import Order
from chalicelib.payments.rules import Refund

# Why it can't be taken again for an order that is revived.
GONE: tuple[type[Exception], ...] = (BalanceTooLow,)


def take(tx: Transaction, order: Order, on: Balance, *, now: int) -> None:
    """Take the part as the order is placed; StaleState when the balance is not as it was read."""
    balance.move(tx, _movement(order, "part", _less(order.part), Reason.PAYMENT), now=now, on=on)


def change(tx: Transaction, before: Order, after: Order, on: Balance | None, *, now: int) -> None:
    """Make the part what a changed order's is; `on` is the balance in its currency as it was read.

    StaleState when that has moved since; the change itself lets this happen once."""
    name = f"{after.order_id}#{after.revision}"
    if before.currency == after.currency:
        _move(tx, after, ("changed", name), before.part - after.part, on, now=now)
        return
    _move(tx, after, ("changed-back", name), before.part, None, now=now)
    _move(tx, after, ("changed", name), _less(after.part), on, now=now)


def _move(
    tx: Transaction,
    order: Order,
    name: tuple[str, str],
    amount: Money,
    on: Balance | None,
    *,
    now: int,
) -> None:
    if amount.amount:
        reason = Reason.RETURNED if amount.amount > 0 else Reason.PAYMENT
        part = Movement(entry_id(*name), owner_of(order), amount, reason, order.order_id)
        balance.move(tx, part, now=now, on=on)


def give_back(tx: Transaction, order: Order, *, now: int) -> None:
    """Return the part of an order that is cancelled."""
    if order.balance_part:
        balance.move(tx, _movement(order, "returned", order.part, Reason.RETURNED), now=now)


def take_again(tx: Transaction, order: Order, *, now: int) -> None:
    """Take the part once more of an order that is revived. Raises BalanceTooLow."""
    if order.balance_part:
        part = _movement(order, "revived", _less(order.part), Reason.PAYMENT)
        balance.move(tx, part, now=now)


def refund(tx: Transaction, order: Order, made: Refund, *, now: int) -> None:
    """Put what goes back into the balance of the order's owner. Raises BalanceNeedsAccount."""
    back = Movement(
        entry_id("refund", made.refund_id),
        owner_of(order),
        made.amount,
        Reason.REFUND,
        order.order_id,
    )
    balance.move(tx, back, now=now)


def owner_of(order: Order) -> str:
    """Whose balance it is. Raises BalanceNeedsAccount for a guest's order."""
    if order.user_id is None:
        raise BalanceNeedsAccount()
    return order.user_id


def _movement(order: Order, kind: str, amount: Money, reason: Reason) -> Movement:
    return Movement(entry_id(kind, order.order_id), owner_of(order), amount, reason, order.order_id)


def _less(amount: Money) -> Money:
    return Money(0, amount.currency) - amount
