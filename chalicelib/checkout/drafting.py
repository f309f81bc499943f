"""What a buyer asks for, made of a cart as it is now and checked; nothing is written.

An order that is changed is drafted like one that is placed: whatever is checked the first time is
checked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.cart.rules import Cart
from chalicelib.catalog import service as catalog
from chalicelib.checkout.rules import Wish, order_of, words_of
from chalicelib.checkout.spending import Spending, spend
from chalicelib.config import settings
from chalicelib.inventory.rules import Hold, HoldStatus
from chalicelib.kernel import ids
from chalicelib.kernel.parameters import secrets
from chalicelib.orders.rules import Order
from chalicelib.payments import service as payments
from chalicelib.payments.rules import Bounds


@dataclass(frozen=True)
class Buyer:
    """Who checks out, how they want it, and whose allowance of open holds it uses.

    `currency` is what they pay in where they have no cart of their own to say so.
    """

    wish: Wish
    holders: Sequence[str]
    user_id: str | None
    currency: str | None = None

    def in_currency(self, cart: Cart) -> Cart:
        """The cart in the buyer's currency, where that is theirs to choose."""
        return replace(cart, currency=self.currency) if self.currency else cart


@dataclass(frozen=True)
class Draft:
    """An order as it would be, how it is paid, and its hold as it would be, still without units."""

    spending: Spending
    hold: Hold

    @property
    def order(self) -> Order:
        return self.spending.order


def drafted(
    cart: Cart, attempt: int, buyer: Buyer, *, now: int, before: Order | None = None
) -> Draft:
    """The order that this attempt of a cart makes; `before` is the one that it shall change.

    Raises what `order_of`, `spend` and payments' `require` raise.
    """
    expires_at = now + settings().payment_session_minutes * 60
    shop = catalog.shop()
    whole = order_of(
        cart,
        attempt,
        buyer.wish,
        catalog.variants_now(cart.quantities),
        shop,
        now=now,
        expires_at=expires_at,
        shop_url=secrets().required("shop/url"),
        user_id=buyer.user_id,
    )
    spending = spend(whole, buyer.wish, shop, before=before)
    order = spending.order
    bounds = Bounds(*shop.bounds(spending.method, order.currency))
    owner = buyer.user_id is not None
    payments.require(spending.method, order.due, owner=owner, bounds=bounds)
    hold = Hold(
        order.hold_id,
        HoldStatus.HELD,
        {},
        expires_at=expires_at + settings().hold_grace_seconds,
        version=0,
        reference=order.order_id,
        holders=buyer.holders,
    )
    return Draft(spending, hold)


def same_words(order: Order, buyer: Buyer) -> bool:
    """Whether the order is what this buyer asks for. Who has signed in meanwhile asks for one of
    their own."""
    currency = buyer.currency or buyer.wish.currency or order.currency
    words = words_of(order.order_id, buyer.wish, currency)
    return order.words == words and buyer.user_id in (None, order.user_id)


def holders_of(wish: Wish, source_ip: str, user_id: str | None) -> list[str]:
    """Whose allowance of open holds an order uses: the account's, or a guest's e-mail.

    Anybody may write anybody's e-mail, so a guest's counts only with the address it comes from: no
    stranger spends it.
    """
    who = (
        ids.identity("user", user_id)
        if user_id
        else ids.identity_at("email", wish.email, source_ip)
    )
    return [who, ids.identity("ip", source_ip)] if source_ip else [who]
