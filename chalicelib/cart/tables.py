"""Carts, a document each.

Access patterns
    read   a cart                   Get     carts (cart_id), consistent
    write  add, set, remove a line  Update  one write, conditional on OPEN, answers the new cart
    write  close at checkout        in the checkout's transaction, conditional on the version
    read   a user's one open cart   Get     open-carts (user_id), consistent; then the cart
    write  start, merge, hand over  Transaction over the carts and open-carts: a user has one

What a line holds lies in maps keyed by variant (`quantities`, `added`, `seen`), so that one write
adds to a quantity or makes the line, without reading first.
"""

from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.cart.rules import Cart, CartStatus, Line
from chalicelib.inventory.rules import Hold, StockKey
from chalicelib.kernel.db import mapping
from chalicelib.kernel.db.dynamo import Document
from chalicelib.kernel.db.values import PlainMap

DAY_SECONDS = 86_400


class CartItem(Document):
    class Meta:
        table = "carts"

    cart_id = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    version = NumberAttribute()
    currency = UnicodeAttribute()
    attempt = NumberAttribute()
    quantities = PlainMap()
    added = PlainMap()
    seen = PlainMap()
    # Which call last added to a line: the SDK repeats a write whose reply was lost, and the repeat
    # must not add twice.
    marks = PlainMap()
    order_id = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    merged_into = UnicodeAttribute(null=True)
    hold = PlainMap(null=True)
    # Also the table's TTL, which only sweeps up: every read and write checks it.
    expires_at = NumberAttribute()

    def as_cart(self) -> Cart:
        return cart_of(
            {name: getattr(self, name) for name in CartItem.get_attributes() if name != "marks"}
        )


class OpenCartItem(Document):
    """Which cart is a user's open one: two at once can't each make one."""

    class Meta:
        table = "open-carts"

    user_id = UnicodeAttribute(hash_key=True)
    cart_id = UnicodeAttribute()


def cart_of(value: Mapping[str, Any]) -> Cart:
    """A stored cart (plain values) as a `Cart`; lines in the order they were added."""
    lines = [
        Line(
            variant_id,
            quantity=int(quantity),
            added_at=int(value["added"][variant_id]),
            price_seen=int(value["seen"][variant_id].get(value["currency"], 0)),
        )
        for variant_id, quantity in value["quantities"].items()
    ]
    lines.sort(key=lambda line: (line.added_at, line.variant_id))
    return mapping.loaded(Cart, value, lines=lines, hold=_hold_of(value.get("hold")))


def hold_value(hold: Hold) -> dict[str, Any]:
    """A hold as the cart remembers it."""
    return {
        "hold_id": hold.hold_id,
        "status": hold.status,
        "version": hold.version,
        "since": hold.since,
        "expires_at": hold.expires_at,
        "units": [
            {"variant_id": key.variant_id, "place": key.place, "quantity": quantity}
            for key, quantity in hold.units.items()
        ],
    }


def _hold_of(value: Mapping[str, Any] | None) -> Hold | None:
    if not value:
        return None
    units = {
        StockKey(unit["variant_id"], unit["place"]): unit["quantity"] for unit in value["units"]
    }
    return mapping.loaded(Hold, value, units=units)


def editable(now: int, user_id: str | None = None) -> Condition:
    """The cart is there, open, not past its end, and nobody else's."""
    theirs = CartItem.user_id.does_not_exist()
    if user_id is not None:
        theirs = theirs | (CartItem.user_id == user_id)
    condition: Condition = (
        (CartItem.status == CartStatus.OPEN) & (CartItem.expires_at > now) & theirs
    )
    return condition
