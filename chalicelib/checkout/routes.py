"""Checkout over HTTP: the provider's address at once, everything else by webhook."""

from typing import TYPE_CHECKING

from chalicelib.kernel import clock
from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.lazy import Lazy
from chalicelib.kernel.request import Request

if TYPE_CHECKING:
    from chalicelib.checkout import schemas, service
else:
    schemas = Lazy("chalicelib.checkout.schemas")
    service = Lazy("chalicelib.checkout.service")

routes = Routes(__name__)


@routes.post("/api/cart/{cart_id}/checkout", access=Access.HOLDER)
def checkout_cart(request: Request, cart_id: str) -> Answer:
    wish = request.json(schemas.Checkout).wish(request.locale)
    placed = service.checkout(cart_id, wish, now=clock.now(), source_ip=request.source_ip)
    return Answer(schemas.PlacedAnswer.of(placed))


@routes.post("/api/checkout", access=Access.PUBLIC)
def buy_now(request: Request) -> Answer:
    body = request.json_or_form(schemas.BuyNow)
    placed = service.buy_now(
        body.variant_id,
        body.quantity,
        body.currency,
        body.wish(request.locale),
        buyer=f"{request.source_ip} {request.header('user-agent')}",
        now=clock.now(),
        source_ip=request.source_ip,
    )
    if request.is_form:
        # A plain form follows this by itself; 303 makes the browser GET it.
        return Answer("", status=303, headers={"Location": placed.url}, bare=True)
    return Answer(schemas.PlacedAnswer.of(placed))
