"""A cart's begin, as an event of the carts' stream: one a cart, none for what is put into it."""

from collections.abc import Mapping
from typing import Any

from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging.events import Event, EventData, made


class CartCreated(EventData):
    """Somebody has begun a cart."""

    type = "cart.created"
    cart_id: str
    currency: str


def of_insert(after: Mapping[str, Any], *, at: int) -> Event:
    """The event of a new cart."""
    data = CartCreated(cart_id=after["cart_id"], currency=after["currency"])
    return made(data, id=derived("evt", "cart", after["cart_id"]), at=at)
