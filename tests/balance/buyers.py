"""Who buys with a store balance, and short ways to look at what came of it."""

from typing import Any

from chalicelib.checkout.rules import Placed
from chalicelib.kernel import clock
from chalicelib.orders import service as orders
from chalicelib.orders.rules import Order
from chalicelib.payments.ports import Outcome, State
from chalicelib.payments.rules import Payment
from chalicelib.settlement import outcomes
from tests import factory
from tests.faults.world import check_world

TOTAL = 4498  # of two mugs, with shipping
AN_HOUR = 3600


class Buyer:
    """A user with a store balance in a shop that sells mugs."""

    def __init__(self, shop: Any, balance: int) -> None:
        self.shop = shop
        self.user_id = factory.user_with(balance) if balance else "usr_poor"

    def cart(self) -> str:
        return factory.cart_with({"mug": 2})

    def buy(self, cart_id: str | None = None, **wish: Any) -> Placed:
        """Two mugs, with as much of the balance as it can."""
        wanted = {"use_balance": True, **wish}
        placed: Placed = self.shop.checkout(cart_id or self.cart(), user_id=self.user_id, **wanted)
        return placed

    @property
    def balance(self) -> int:
        return factory.balance_of(self.user_id)

    def world(self) -> None:
        check_world(self.shop.sandbox.state())


def order_of(placed: Placed) -> Order:
    found = orders.read(placed.order.order_id)
    assert found is not None
    return found


def payment_of(placed: Placed) -> Payment:
    return orders.payment_of(order_of(placed))


def stands(placed: Placed) -> tuple[str, str]:
    """How order and payment stand."""
    return str(order_of(placed).status), str(payment_of(placed).status)


def give_up(placed: Placed) -> None:
    """Cancel the order though its page can still be paid: the provider was told nothing."""
    ended = Outcome(State.ENDED)
    outcomes.apply(placed.order.order_id, ended, now=clock.now())
