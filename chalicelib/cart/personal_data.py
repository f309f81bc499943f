"""What carts keep about a person: the open one. Those checked out say no more than their orders."""

from typing import Any

from chalicelib.cart import merging
from chalicelib.kernel import clock
from chalicelib.kernel.personal_data import Person


def export(person: Person, *, now: int) -> dict[str, Any] | None:
    """The open cart's lines; None when there is no cart."""
    cart = merging.find(person.user_id, now=now)
    if cart is None:
        return None
    return {
        "id": cart.cart_id,
        "currency": cart.currency,
        "lines": [
            {
                "variantId": line.variant_id,
                "quantity": line.quantity,
                "addedAt": clock.iso(line.added_at),
            }
            for line in cart.lines
        ],
    }


def erase(person: Person, *, now: int) -> bool:
    """Remove the open cart and give back what it holds."""
    merging.forget(person.user_id, now=now)
    return True
