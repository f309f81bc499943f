"""What of a new order its buyer's store balance pays: all of it, a part, or nothing.

All of it is a payment like any other, by the provider of that name. A part is taken as the order is
placed, in the same transaction, and the payment asks for the rest.
"""

from dataclasses import dataclass, replace

from chalicelib.balance import service as balances
from chalicelib.balance.rules import Balance, BalanceNeedsAccount, BalanceTooLow, part_of
from chalicelib.catalog.rules import Shop
from chalicelib.checkout.rules import Wish
from chalicelib.kernel.transaction import Transaction
from chalicelib.orders import credit
from chalicelib.orders.rules import BALANCE, Order
from chalicelib.payments.registry import PaymentMethodUnavailable


@dataclass(frozen=True)
class Spending:
    """An order as the balance leaves it, and what pays the rest of it."""

    order: Order
    method: str
    # As it was read: what the part is taken from.
    balance: Balance | None = None

    def write(self, tx: Transaction, *, now: int) -> None:
        """Take the part; LostRace when the balance has moved since it was read."""
        if self.balance is not None:
            credit.take(tx, self.order, self.balance, now=now)


def spend(order: Order, wish: Wish, shop: Shop) -> Spending:
    """How this order is paid, as far as its buyer's balance is wanted for it.

    Raises BalanceNeedsAccount, PaymentMethodUnavailable, and BalanceTooLow where the balance was
    to pay all of it.
    """
    wholly = wish.payment_method == BALANCE
    if not wholly and not wish.use_balance:
        return Spending(order, wish.payment_method)
    if order.user_id is None:
        raise BalanceNeedsAccount()
    if not shop.takes(BALANCE, order.currency):
        raise PaymentMethodUnavailable()
    there = balances.read(order.user_id, order.currency)
    if wholly:
        if there.amount < order.total:
            raise BalanceTooLow(there=there.amount.decimal())
        return Spending(order, BALANCE)
    part = part_of(order.total, there.amount, wish.balance_most)
    if part == order.total:
        return Spending(order, BALANCE)
    if not part.amount:
        return Spending(order, wish.payment_method)
    return Spending(replace(order, balance_part=part.amount), wish.payment_method, there)
