"""A user's one open cart, and what becomes of a guest's cart when its holder signs in.

Which cart is a user's open one stands in an item of its own, written in one transaction with
the carts: two devices at once find one cart. The guest's cart is marked with where it went in the
transaction that moves its lines, so that moving them again finds it done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.cart import service
from chalicelib.cart.rules import Cart, CartStatus, CartView, Line, MergedLines, merged_lines
from chalicelib.cart.tables import CartItem, OpenCartItem
from chalicelib.catalog import service as catalog
from chalicelib.inventory import service as inventory
from chalicelib.inventory.rules import HoldStatus, total_by_variant
from chalicelib.kernel import telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import token


@dataclass(frozen=True)
class Merged:
    """The user's cart afterwards; how many lines came over, and how many had no room in it."""

    view: CartView
    moved: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class _Own:
    """What a user has: which cart was theirs last, and that cart while it is open."""

    user_id: str
    last: str | None
    item: CartItem | None


def open_cart(user_id: str, currency: str | None, *, now: int) -> CartView:
    """The user's open cart, made when there is none. Raises CurrencyNotSold."""

    def attempt() -> Cart:
        own = _own(user_id, now)
        if own.item is not None:
            return own.item.as_cart()
        item = service.blank(token("crt"), currency, user_id=user_id, now=now)
        with Transaction() as tx:
            tx.put(
                item, condition=CartItem.cart_id.does_not_exist(), on_condition_failed=StaleState()
            )
            _point(tx, own, item.cart_id)
        return item.as_cart()

    return service.view(retry_on_conflict(attempt), now=now)


def merge(cart_id: str, user_id: str, *, now: int) -> Merged:
    """Bring a guest's cart into the user's open one; done again, nothing more happens.

    Quantities add up to what one order may have and the stock has, never below what was in either
    cart; a cart has 50 lines, the user's own first. A user without anything in theirs gets the
    guest's cart as it is, with its reservation; otherwise its reservation ends, since the lines
    are reserved as one. What is no open guest cart is left alone.
    """

    def attempt() -> tuple[int, int]:
        own, guest = _own(user_id, now), _guest(cart_id, now)
        if guest is None:
            return 0, 0
        if own.item is None or not own.item.quantities:
            return _hand_over(guest, own, now)
        return _merge_lines(guest, own.item, now)

    moved, dropped = retry_on_conflict(attempt)
    return Merged(open_cart(user_id, None, now=now), moved, dropped)


def merge_at_sign_in(cart_id: str, user_id: str, *, now: int) -> str | None:
    """Bring a guest's cart along; the id of the user's cart, None when it did not work.

    Whoever knows the password is signed in, whatever may be the matter with a cart.
    """
    try:
        return merge(cart_id, user_id, now=now).view.cart.cart_id
    except Exception as error:
        telemetry.logger().warning("cart not merged", exc_info=error)
        return None


def forget(user_id: str, *, now: int) -> None:
    """Remove the user's open cart, give back what it holds, and forget that there was one."""

    def attempt() -> None:
        own = _own(user_id, now)
        if own.last is None:
            return
        with Transaction() as tx:
            if own.item is not None:
                _release(tx, own.item, now)
                tx.delete(own.item, condition=_unmoved(own.item), on_condition_failed=StaleState())
            tx.delete(
                OpenCartItem(user_id),
                condition=OpenCartItem.cart_id == own.last,
                on_condition_failed=StaleState(),
            )

    retry_on_conflict(attempt)


def find(user_id: str, *, now: int) -> Cart | None:
    """The user's open cart if there is one."""
    item = _own(user_id, now).item
    return item.as_cart() if item else None


def _own(user_id: str, now: int) -> _Own:
    pointer = dynamo.get(OpenCartItem, user_id)
    item = dynamo.get(CartItem, pointer.cart_id) if pointer else None
    usable = item is not None and _is_open(item, now) and item.user_id == user_id
    return _Own(user_id, pointer.cart_id if pointer else None, item if usable else None)


def _guest(cart_id: str, now: int) -> CartItem | None:
    """The cart, if it is a guest's that can still be moved."""
    item = dynamo.get(CartItem, cart_id)
    movable = item is not None and _is_open(item, now) and item.user_id is None
    return item if movable else None


def _is_open(item: CartItem, now: int) -> bool:
    return item.status == CartStatus.OPEN and item.expires_at > now


def _hand_over(guest: CartItem, own: _Own, now: int) -> tuple[int, int]:
    """Make the guest's cart the user's, in place of an empty one."""
    with Transaction() as tx:
        tx.update(
            guest,
            [CartItem.user_id.set(own.user_id), *service.touched(now, own.user_id)],
            condition=_unmoved(guest),
            on_condition_failed=StaleState(),
        )
        if own.item is not None:
            _close(tx, own.item, into=guest.cart_id, now=now)
        _point(tx, own, guest.cart_id)
    return len(guest.quantities), 0


def _merge_lines(guest: CartItem, own: CartItem, now: int) -> tuple[int, int]:
    """Add the guest's lines to the user's."""
    theirs = _lines_in(guest, own.currency)
    merged = _lines_merged(own, theirs)
    marks = {**own.marks, **dict.fromkeys(merged.changed, guest.cart_id)}
    seen = {**guest.seen, **own.seen}
    with Transaction() as tx:
        tx.update(
            own,
            [
                CartItem.quantities.set({line.variant_id: line.quantity for line in merged.lines}),
                CartItem.added.set({line.variant_id: line.added_at for line in merged.lines}),
                CartItem.seen.set(
                    {line.variant_id: seen[line.variant_id] for line in merged.lines}
                ),
                CartItem.marks.set(
                    {line.variant_id: marks[line.variant_id] for line in merged.lines}
                ),
                *service.touched(now, own.user_id),
            ],
            condition=_unmoved(own),
            on_condition_failed=StaleState(),
        )
        _close(tx, guest, into=own.cart_id, now=now)
    return len(merged.changed), merged.dropped + len(guest.quantities) - len(theirs)


def _lines_merged(own: CartItem, more: Sequence[Line]) -> MergedLines:
    """Both carts' lines as one, told with the shop's limits and stock as they are now."""
    cart = own.as_cart()
    wanted = total_by_variant((line.variant_id, line.quantity) for line in [*cart.lines, *more])
    return merged_lines(
        cart, more, catalog.variants_now(wanted), inventory.availability(wanted, wanted)
    )


def _lines_in(guest: CartItem, currency: str) -> list[Line]:
    """The guest's lines that have a price in the user's currency, with it."""
    seen: Mapping[str, Mapping[str, int]] = guest.seen
    return [
        replace(line, price_seen=seen[line.variant_id][currency])
        for line in guest.as_cart().lines
        if currency in seen[line.variant_id]
    ]


def _close(tx: Transaction, item: CartItem, *, into: str, now: int) -> None:
    """Mark a cart with where its lines went, and give back what it holds."""
    _release(tx, item, now)
    tx.update(
        item,
        [
            CartItem.status.set(CartStatus.MERGED),
            CartItem.merged_into.set(into),
            CartItem.hold.remove(),
            CartItem.version.set(CartItem.version + 1),
        ],
        condition=_unmoved(item),
        on_condition_failed=StaleState(),
    )


def _release(tx: Transaction, item: CartItem, now: int) -> None:
    held = inventory.read_hold(item.as_cart().hold_id)
    if held is not None and held.status == HoldStatus.HELD:
        inventory.release(tx, held, now=now)


def _unmoved(item: CartItem) -> Any:
    """The cart is as it was read."""
    return CartItem.version == item.version


def _point(tx: Transaction, own: _Own, cart_id: str) -> None:
    """Make a cart the user's open one, if the last one still is what it was."""
    unmoved = (
        OpenCartItem.cart_id == own.last if own.last else OpenCartItem.user_id.does_not_exist()
    )
    tx.put(
        OpenCartItem(own.user_id, cart_id=cart_id),
        condition=unmoved,
        on_condition_failed=StaleState(),
    )
