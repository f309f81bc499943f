"""The cart over HTTP. Whoever holds a cart's id holds the cart."""

from typing import TYPE_CHECKING

from chalicelib import wiring
from chalicelib.kernel import clock
from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.ids import identity, token
from chalicelib.kernel.lazy import Lazy
from chalicelib.kernel.request import Request

if TYPE_CHECKING:
    from chalicelib.cart import reservations, schemas, service
    from chalicelib.cart.rules import CartView
else:
    reservations = Lazy("chalicelib.cart.reservations")
    schemas = Lazy("chalicelib.cart.schemas")
    service = Lazy("chalicelib.cart.service")

routes = Routes(__name__)


@routes.post("/api/cart/create", access=Access.PUBLIC)
def create_cart(request: Request) -> Answer:
    wish = request.json(schemas.CreateCart)
    return _answer(request, service.create(wish.currency, now=clock.now()), status=201)


@routes.get("/api/cart/{cart_id}", access=Access.HOLDER)
def read_cart(request: Request, cart_id: str) -> Answer:
    now = clock.now()
    return _answer(request, service.view(service.read(cart_id, now=now), now=now))


@routes.post("/api/cart/{cart_id}/add", access=Access.HOLDER)
def add_line(request: Request, cart_id: str) -> Answer:
    wish = request.json(schemas.AddLine)
    view = service.add(cart_id, wish.variant_id, wish.quantity, call_id=token(), now=clock.now())
    return _answer(request, view)


@routes.post("/api/cart/{cart_id}/update", access=Access.HOLDER)
def update_line(request: Request, cart_id: str) -> Answer:
    wish = request.json(schemas.UpdateLine)
    view = service.set_quantity(
        cart_id, wish.variant_id, wish.quantity, call_id=token(), now=clock.now()
    )
    return _answer(request, view)


@routes.post("/api/cart/{cart_id}/remove", access=Access.HOLDER)
def remove_line(request: Request, cart_id: str) -> Answer:
    wish = request.json(schemas.RemoveLine)
    return _answer(request, service.remove(cart_id, wish.variant_id, now=clock.now()))


@routes.post("/api/cart/{cart_id}/reserve", access=Access.HOLDER)
def reserve_cart(request: Request, cart_id: str) -> Answer:
    request.json(schemas.ReserveCart)
    view = reservations.reserve(
        cart_id,
        holders=[identity("ip", request.source_ip)],
        end=wiring.end_hold,
        now=clock.now(),
    )
    return _answer(request, view)


@routes.post("/api/cart/{cart_id}/extend", access=Access.HOLDER)
def extend_reservation(request: Request, cart_id: str) -> Answer:
    request.json(schemas.ReserveCart)
    return _answer(request, reservations.extend(cart_id, now=clock.now()))


@routes.post("/api/cart/{cart_id}/release", access=Access.HOLDER)
def release_reservation(request: Request, cart_id: str) -> Answer:
    request.json(schemas.ReserveCart)
    return _answer(request, reservations.release(cart_id, now=clock.now()))


def _answer(request: Request, view: "CartView", status: int = 200) -> Answer:
    return Answer(schemas.CartAnswer.of(view, request.locale, clock.now()), status=status)
