"""Checkout over HTTP: the provider's address at once, everything else by webhook."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.accounts import addresses
from chalicelib.checkout import schemas, service
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.security import signals

routes = Routes(__name__)

NOBODY = "nobody"  # has no address book


@routes.post(
    "/api/cart/{cart_id}/checkout",
    access=Access.HOLDER,
    gives="PlacedAnswer",
    also=(404, 409, 429, 502),
    limits=limits.CHECKOUT,
)
def checkout_cart(request: Request, body: schemas.Checkout, cart_id: str) -> Answer:
    """Turn the cart into an order; answers where to pay it."""
    wish = body.wish(request.locale, _from_book(request, body.address_id))
    placed = service.checkout(
        cart_id,
        wish,
        now=clock.now(),
        source_ip=request.source_ip,
        user_id=request.caller.user_id,
    )
    signals.notice_buyer(request.source_ip, wish.email, now=clock.now())
    return Answer(schemas.PlacedAnswer.of(placed))


@routes.post(
    "/api/checkout",
    access=Access.PUBLIC,
    gives="PlacedAnswer",
    form=True,
    also=(404, 409, 429, 502),
    limits=limits.CHECKOUT,
)
def buy_now(request: Request, body: schemas.BuyNow) -> Answer:
    """Buy one variant at once; a form is led on to the payment page."""
    placed = service.buy_now(
        body.variant_id,
        body.quantity,
        body.currency,
        body.wish(request.locale, _from_book(request, body.address_id)),
        buyer=_buyer(request),
        now=clock.now(),
        source_ip=request.source_ip,
        user_id=request.caller.user_id,
        waiting=body.order_id,
        token=request.order_token,
    )
    signals.notice_buyer(request.source_ip, body.email, now=clock.now())
    if request.is_form:
        # A plain form follows this by itself; 303 makes the browser GET it.
        return Answer("", status=303, headers={"Location": placed.url}, bare=True)
    return Answer(schemas.PlacedAnswer.of(placed))


def _from_book(request: Request, address_id: str | None) -> Mapping[str, str] | None:
    """The address of the caller's own book. Raises AddressNotFound, for guests as well."""
    if address_id is None:
        return None
    book = addresses.read(request.caller.user_id or NOBODY)
    return book.find(address_id).fields


def _buyer(request: Request) -> str:
    """What tells callers apart who buy without a cart."""
    if request.caller.user_id:
        return request.caller.name
    return f"{request.source_ip} {request.header('user-agent')}"
