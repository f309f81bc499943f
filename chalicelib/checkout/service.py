"""Checkout: order, payment, hold and closed cart in one transaction, then one call to the provider.

Both can be repeated. The transaction's ids come from the cart and its attempt, the provider's
idempotency key from the payment; whoever asks again is led to the same order and the same address.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.balance.rules import BalanceTooLow
from chalicelib.cart import service as carts
from chalicelib.cart.rules import Cart, CartClosed, CartNotFound, CartStatus
from chalicelib.catalog import service as catalog
from chalicelib.checkout.rules import Placed, Wish, order_id_of, order_of
from chalicelib.checkout.spending import spend
from chalicelib.config import secrets, settings
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import Hold, HoldStatus, Taken, total_by_variant
from chalicelib.kernel import ids, telemetry
from chalicelib.kernel.errors import LostRace
from chalicelib.kernel.transaction import Transaction, settle_races
from chalicelib.orders import attempts, expiry, settlement
from chalicelib.orders import service as orders
from chalicelib.orders.rules import BOUGHT, Order, OrderStatus, TooManyAttempts
from chalicelib.payments import service as payments
from chalicelib.payments.ports import Refused
from chalicelib.payments.rules import Bounds, Payment

MOST_ROUNDS = 50
DAY_SECONDS = 86_400


def checkout(
    cart_id: str, wish: Wish, *, now: int, source_ip: str = "", user_id: str | None = None
) -> Placed:
    """Turn a cart into an order and answer where to pay it; asked again, the same.

    `user_id` is the signed-in user who asks: the order is theirs.

    Raises CartNotFound, CartEmpty, OutOfStock (a field per line), VariantWithdrawn,
    PriceUnavailable, CheckoutInvalid, PaymentMethodUnavailable, BalanceTooLow, BalanceNeedsAccount;
    ProviderBusy keeps the order, so that asking again goes on with it; ProviderFailed ends it.
    """
    buyer = _Buyer(wish, _holders(wish, source_ip, user_id), user_id)
    placed = _place_and_open(cart_id, buyer, now)
    if placed is None:
        # An earlier try was never answered, and its session can't be begun any more: it has been
        # cancelled, and the cart's next attempt starts afresh.
        placed = _place_and_open(cart_id, buyer, now)
    if placed is None:
        raise Refused()
    return placed


def buy_now(
    variant_id: str,
    quantity: int,
    currency: str | None,
    wish: Wish,
    *,
    buyer: str,
    now: int,
    source_ip: str = "",
    user_id: str | None = None,
) -> Placed:
    """Check out one variant without a cart of one's own.

    `buyer` tells callers apart (address and browser). The same buyer asking for the same thing in
    the same words gets the same order, until it is paid or over.
    """
    # Orders outlive carts: without the period, the words of an old cart would make its order's id.
    period = now // (settings().cart_days * DAY_SECONDS)
    words = repr((variant_id, quantity, currency, wish, buyer, period))
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
            return checkout(cart_id, wish, now=now, source_ip=source_ip, user_id=user_id)
        order = orders.read(cart.order_id or "")
        if order is None or order.status not in BOUGHT:
            return checkout(cart_id, wish, now=now, source_ip=source_ip, user_id=user_id)
    raise CartNotFound()


@dataclass(frozen=True)
class _Buyer:
    """Who checks out, how they want it, and whose allowance of open holds it uses."""

    wish: Wish
    holders: Sequence[str]
    user_id: str | None


def _place_and_open(cart_id: str, buyer: _Buyer, now: int) -> Placed | None:
    """Place the order, or find it, and open its payment page; None when that is refused though
    an earlier try may have begun."""
    order, payment, fresh = settle_races(_Placing(cart_id, buyer, now))
    if order.status != OrderStatus.PENDING:
        return Placed(order, order.page)
    try:
        return Placed(*attempts.open_page(order, payment, now=now))
    except (Refused, TooManyAttempts):
        settlement.refuse(order.order_id, now=now)
        if fresh:
            raise
        return None


class _Placing:
    """One try after the other to place the order, until none loses a race."""

    def __init__(self, cart_id: str, buyer: _Buyer, now: int) -> None:
        self._cart_id, self._buyer, self._now = cart_id, buyer, now
        self._tries = 0

    def __call__(self) -> tuple[Order, Payment, bool]:
        """The order, its payment, and whether this call made them."""
        self._tries += 1
        cart = carts.read(self._cart_id, now=self._now, user_id=self._buyer.user_id)
        attempt = cart.attempt
        if cart.status == CartStatus.CHECKED_OUT:
            found = orders.read(cart.order_id or "")
            if found is not None and found.status != OrderStatus.CANCELLED:
                return found, _payment_of(found), False
            attempt += 1
        try:
            return *self._place(cart, attempt), True
        except BalanceTooLow:
            # Another click of the same buyer may have spent it on this very cart.
            if carts.read(self._cart_id, now=self._now, user_id=self._buyer.user_id) != cart:
                raise LostRace() from None
            raise

    def _place(self, cart: Cart, attempt: int) -> tuple[Order, Payment]:
        expires_at = self._now + settings().payment_session_minutes * 60
        shop = catalog.shop()
        whole = order_of(
            cart,
            attempt,
            self._buyer.wish,
            catalog.variants_now(cart.quantities),
            shop,
            now=self._now,
            expires_at=expires_at,
            shop_url=secrets().required("shop/url"),
            user_id=self._buyer.user_id,
        )
        spending = spend(whole, self._buyer.wish, shop)
        order = spending.order
        payment = orders.attempt_of(order, spending.method, now=self._now)
        owner = self._buyer.user_id is not None
        bounds = Bounds(*shop.bounds(payment.provider, order.currency))
        payments.require(payment.provider, order.due, owner=owner, bounds=bounds)
        previous = self._hold(cart, order.hold_id)
        hold = Hold(
            order.hold_id,
            HoldStatus.HELD,
            {},
            expires_at=expires_at + settings().hold_grace_seconds,
            version=0,
            reference=order.order_id,
            holders=self._buyer.holders,
        )
        quantities = total_by_variant((line.variant_id, line.quantity) for line in order.lines)

        def write(taken: Taken) -> None:
            with Transaction() as tx:
                orders.place(tx, order)
                payments.begin(tx, payment)
                spending.write(tx, now=self._now)
                held = inventory.write_hold(tx, taken, previous, now=self._now)
                carts.close(tx, cart, order_id=order.order_id, attempt=attempt, held=held)

        inventory.secure(hold, quantities, previous, write, end=expiry.end, now=self._now)
        telemetry.metric({"OrderCreated": 1})
        return order, payment

    def _hold(self, cart: Cart, hold_id: str) -> Hold | None:
        """The attempt's hold so far: as the cart remembers it, which saves a read, or after a lost
        race as it is."""
        if self._tries > 1:
            return inventory.read_hold(hold_id)
        return cart.hold if cart.hold and cart.hold.hold_id == hold_id else None


def _holders(wish: Wish, source_ip: str, user_id: str | None) -> list[str]:
    """Whose allowance of open holds this order uses."""
    named = {"email": wish.email, "ip": source_ip, "user": user_id}
    return [ids.identity(kind, value) for kind, value in named.items() if value]


def _payment_of(order: Order) -> Payment:
    payment = payments.read(order.payment_id)
    if payment is None:
        raise LostRace(order_id_of(order.cart_id, 1))
    return payment
