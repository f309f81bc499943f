"""What of a new order its buyer's store balance pays: all of it, a part, or nothing.

All of it is a payment like any other, by the provider of that name. A part is taken as the order is
placed, in the same transaction, and the payment asks for the rest.
"""

from dataclasses import dataclass, replace

from chalicelib.balance import service as balances
from chalicelib.balance.rules import Balance, BalanceNeedsAccount, BalanceTooLow, part_of
from chalicelib.catalog.rules import Shop
from chalicelib.checkout.rules import Wish
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.money import Money
from chalicelib.orders.rules import BALANCE, Order
from chalicelib.payments import service as payments
from chalicelib.payments.registry import PaymentMethodUnavailable
from chalicelib.payments.rules import Bounds
from chalicelib.settlement import store_credit


@dataclass(frozen=True)
class Spending:
    """An order as the balance leaves it, and what pays the rest of it."""

    order: Order
    method: str
    # As it was read: what the part is taken from.
    balance: Balance | None = None

    def change(self, tx: Transaction, before: Order, after: Order, *, now: int) -> None:
        """Make the part of an order what it is after a change; StaleState as for `write`."""
        store_credit.change(tx, before, after, self.balance, now=now)

    def write(self, tx: Transaction, *, now: int) -> None:
        """Take the part; StaleState when the balance has moved since it was read."""
        if self.balance is not None:
            store_credit.take(tx, self.order, self.balance, now=now)


def spend(order: Order, wish: Wish, shop: Shop, *, before: Order | None = None) -> Spending:
    """How this order is paid, as far as its buyer's balance is wanted for it.

    `before` is the order as it waits, where it is changed: what the balance pays of that is there
    again.

    Raises BalanceNeedsAccount, PaymentMethodUnavailable, PaymentMethodOff, and BalanceTooLow where
    the balance was to pay all of it.
    """
    wholly = wish.payment_method == BALANCE
    if not wholly and not wish.use_balance:
        return Spending(order, wish.payment_method)
    if order.user_id is None:
        raise BalanceNeedsAccount()
    if not shop.takes(BALANCE, order.currency):
        raise PaymentMethodUnavailable()
    there = balances.read(order.user_id, order.currency)
    free = there.amount + _there_again(order, before)
    if wholly:
        if free < order.total:
            raise BalanceTooLow(there=free.decimal())
        return Spending(order, BALANCE)
    bounds = Bounds(*shop.bounds(wish.payment_method, order.currency))
    rest = payments.remainder(wish.payment_method, order.currency, bounds)
    part = part_of(order.total, free, wish.balance_most, least=rest.least, step=rest.step)
    if part == order.total:
        return Spending(order, BALANCE)
    if not part.amount:
        return Spending(order, wish.payment_method)
    return Spending(replace(order, balance_part=part.amount), wish.payment_method, there)


def _there_again(order: Order, before: Order | None) -> Money:
    """What a change puts back of the balance that the order is paid from."""
    if before is None or before.currency != order.currency:
        return Money(0, order.currency)
    return before.part
