"""Checkout: order, payment, hold and closed cart in one transaction, then one call to the provider.

Both can be repeated. The transaction's ids come from the cart and its attempt, the provider's
idempotency key from the payment; whoever asks again is led to the same order and the same address.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum

from chalicelib.balance.rules import BalanceTooLow
from chalicelib.cart import service as carts
from chalicelib.cart.rules import Cart, CartClosed, CartNotFound, CartStatus
from chalicelib.catalog import service as catalog
from chalicelib.checkout import amending
from chalicelib.checkout.drafting import (
    Buyer,
    drafted,
    holders_of,
    same_words,
)
from chalicelib.checkout.rules import Placed, Wish, order_id_of
from chalicelib.config import settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold, Taken, total_by_variant
from chalicelib.kernel import ids, telemetry
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState
from chalicelib.orders import service as orders
from chalicelib.orders import steps
from chalicelib.orders.rules import BOUGHT, Order, OrderStatus, TooManyAttempts
from chalicelib.payments import service as payments
from chalicelib.payments.ports import ProviderRefused
from chalicelib.payments.rules import Payment
from chalicelib.settlement import attempts, expire, outcomes

MOST_ROUNDS = 50
DAY_SECONDS = 86_400


def checkout(
    cart_id: str, wish: Wish, *, now: int, source_ip: str = "", user_id: str | None = None
) -> Placed:
    """Turn a cart into an order and answer where to pay it; asked again, the same.

    `user_id` is the signed-in user who asks: the order is theirs.

    Raises CartNotFound, CartEmpty; a field per line: OutOfStock, TooManyUnitsHeld and what
    `check_lines` raises; TooManyHolds, CheckoutInvalid, PaymentMethodUnavailable, BalanceTooLow,
    BalanceNeedsAccount;
    ProviderBusy keeps the order, so that asking again goes on with it; ProviderFailed ends it.
    """
    buyer = Buyer(wish, holders_of(wish, source_ip, user_id), user_id)
    return _checked_out(cart_id, buyer, now)


def _checked_out(cart_id: str, buyer: Buyer, now: int) -> Placed:
    placed = _place_and_open(cart_id, buyer, now)
    if placed is None:
        # An earlier try was never answered, and its session can't be begun any more: it has been
        # cancelled, and the cart's next attempt starts afresh.
        placed = _place_and_open(cart_id, buyer, now)
    if placed is None:
        raise ProviderRefused()
    return placed


def buy_now(
    variant_id: str,
    quantity: int,
    currency: str | None,
    wish: Wish,
    *,
    buyer: str,
    now: int,
    waiting: str | None = None,
    token: str | None = None,
    source_ip: str = "",
    user_id: str | None = None,
) -> Placed:
    """Check out one variant without a cart of one's own.

    `buyer` tells callers apart (address and browser). The same buyer asking for the same thing has
    one order of it, which follows their words, until it is paid or over. Of guests only their words
    are known: those who name another e-mail or address are others, unless `waiting` names the order
    and `token` opens it. Errors as for `checkout`, and OrderNotFound.
    """
    shop = catalog.shop()
    who = Buyer(wish, holders_of(wish, source_ip, user_id), user_id, currency or shop.currency)
    if waiting and (found := _waiting(waiting, token, who, {variant_id: quantity})):
        return _checked_out(found.cart_id, who, now)
    # Orders outlive carts: without the period, the words of an old cart would make its order's id.
    period = now // (settings().cart_days * DAY_SECONDS)
    person = None if user_id else (wish.email, wish.address)
    words = repr((variant_id, quantity, person, buyer, period))
    digest = hashlib.sha256(words.encode()).hexdigest()
    for number in range(MOST_ROUNDS):
        cart_id = ids.derived("crt", digest, number)
        cart = carts.create(currency, now=now, cart_id=cart_id, user_id=user_id).cart
        if cart.status == CartStatus.OPEN:
            # Closed meanwhile by the same buyer's other click: checkout finds that one's order.
            with suppress(CartClosed):
                carts.set_quantity(
                    cart_id, variant_id, quantity, call_id=ids.token(), now=now, user_id=user_id
                )
            return _checked_out(cart_id, who, now)
        order = orders.read(cart.order_id or "")
        if order is None or order.status not in BOUGHT:
            return _checked_out(cart_id, who, now)
    raise CartNotFound()


def _waiting(
    order_id: str, token: str | None, buyer: Buyer, quantities: Mapping[str, int]
) -> Order | None:
    """The order that the caller says waits, if it does and is one of just these things. Raises
    OrderNotFound unless they hold it."""
    order, _ = orders.read_for(order_id, token, buyer.user_id)
    bought = total_by_variant((line.variant_id, line.quantity) for line in order.lines)
    waits = order.status == OrderStatus.PENDING and bought == quantities
    return order if waits else None


class _Come(StrEnum):
    """How an order came to be what is asked for."""

    PLACED = "PLACED"
    FOUND = "FOUND"
    CHANGED = "CHANGED"


def _place_and_open(cart_id: str, buyer: Buyer, now: int) -> Placed | None:
    """Place the order, find it or change it, and open its payment page; None when that is refused
    though an earlier try may have begun."""
    order, payment, come = retry_on_conflict(_Placing(cart_id, buyer, now))
    if come is _Come.CHANGED:
        return amending.open_page(order, payment, now=now)
    if order.status != OrderStatus.PENDING:
        return Placed(order, order.page)
    try:
        if come is _Come.FOUND:
            return amending.go_on(order, payment, now=now)
        return amending.answered(*attempts.open_page(order, payment, now=now))
    except (ProviderRefused, TooManyAttempts):
        outcomes.refuse(order.order_id, now=now)
        if come is _Come.PLACED:
            raise
        # Of one whose last page had ended before there is no attempt left to be refused.
        outcomes.cancel_unpaid(order.order_id, now=now)
        return None


class _Placing:
    """One try after the other to place the order, until none loses a race."""

    def __init__(self, cart_id: str, buyer: Buyer, now: int) -> None:
        self._cart_id, self._buyer, self._now = cart_id, buyer, now
        self._tries = 0

    def __call__(self) -> tuple[Order, Payment, _Come]:
        """The order, its payment, and what this call did to them."""
        self._tries += 1
        cart = self._read()
        attempt = cart.attempt
        if cart.status == CartStatus.CHECKED_OUT:
            found = orders.read(cart.order_id or "")
            if found is not None and found.status != OrderStatus.CANCELLED:
                return self._go_on(cart, found)
            attempt += 1
        try:
            return *self._place(cart, attempt), _Come.PLACED
        except BalanceTooLow:
            # Another click of the same buyer may have spent it on this very cart.
            if self._read() != cart:
                raise StaleState() from None
            raise

    def _read(self) -> Cart:
        cart = carts.read(self._cart_id, now=self._now, user_id=self._buyer.user_id)
        return self._buyer.in_currency(cart)

    def _go_on(self, cart: Cart, found: Order) -> tuple[Order, Payment, _Come]:
        """The order that the cart became, in the words of this call."""
        if same_words(found, self._buyer):
            return found, _payment_of(found), _Come.FOUND
        try:
            return *amending.amend(found, cart, self._buyer, now=self._now), _Come.CHANGED
        except BalanceTooLow:
            if orders.read(found.order_id) != found:
                raise StaleState() from None
            raise

    def _place(self, cart: Cart, attempt: int) -> tuple[Order, Payment]:
        draft = drafted(cart, attempt, self._buyer, now=self._now)
        spending = draft.spending
        payment = orders.attempt_of(draft.order, spending.method, now=self._now)
        order = steps.begun(draft.order, payment, self._now)
        previous = self._hold(cart, order.hold_id)
        hold = draft.hold
        quantities = total_by_variant((line.variant_id, line.quantity) for line in order.lines)

        def write(taken: Taken) -> None:
            with Transaction() as tx:
                orders.place(tx, order)
                payments.begin(tx, payment)
                spending.write(tx, now=self._now)
                held = inventory.write_hold(tx, taken, previous, now=self._now)
                carts.close(tx, cart, order_id=order.order_id, attempt=attempt, held=held)

        inventory.allocate(hold, quantities, previous, write, end=expire.end, now=self._now)
        telemetry.metric({"OrderCreated": 1})
        return order, payment

    def _hold(self, cart: Cart, hold_id: str) -> Hold | None:
        """The attempt's hold so far: as the cart remembers it, which saves a read, or after a lost
        race as it is."""
        if self._tries > 1:
            return inventory.read_hold(hold_id)
        return cart.hold if cart.hold and cart.hold.hold_id == hold_id else None


def _payment_of(order: Order) -> Payment:
    payment = payments.read(order.payment_id)
    if payment is None:
        raise StaleState(order_id_of(order.cart_id, 1))
    return payment
