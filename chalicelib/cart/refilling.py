"""The things of an order that was given up, in a cart again."""

from collections.abc import Iterable
from contextlib import suppress

from chalicelib.cart import merging, service
from chalicelib.cart.rules import Line
from chalicelib.cart.tables import CartItem
from chalicelib.catalog import service as catalog
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import derived


def refill(
    secret: str, currency: str, lines: Iterable[Line], *, now: int, user_id: str | None = None
) -> str:
    """A guest's new cart with these lines, or the user's own cart with them in it; its id.

    `secret` is what the order's holder alone knows: the cart's id, which opens it, follows from it,
    so that asking again fills the same cart, once. `price_seen` of the lines is what they cost in
    the order, so that the cart tells what has changed.
    """
    cart_id = derived("crt", "again", secret)
    # Prices of a currency that is given up tell nothing any more.
    known = currency if currency in catalog.shop().currencies else None
    item = service.blank(cart_id, known, user_id=None, now=now)
    wanted = list(lines)
    variants = catalog.variants_now([line.variant_id for line in wanted])
    for line in wanted:
        key, variant = line.variant_id, variants.get(line.variant_id)
        prices = dict(variant.prices) if variant else {}
        item.quantities[key], item.added[key] = line.quantity, line.added_at
        item.seen[key], item.marks[key] = {**prices, currency: line.price_seen}, cart_id
    # Filled by an earlier run, and maybe shopped with since.
    with suppress(StaleState):
        dynamo.put(
            item, condition=CartItem.cart_id.does_not_exist(), on_condition_failed=StaleState()
        )
    if user_id is None:
        return cart_id
    return merging.merge(cart_id, user_id, now=now).view.cart.cart_id
