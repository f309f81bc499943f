"""The cart over HTTP. Whoever holds a cart's id holds the cart, until it belongs to a user."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.cart import merging, reservations, rules, schemas, service
from chalicelib.kernel import clock, limits
from chalicelib.kernel.ids import identity
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.settlement import expire

routes = Routes(__name__)


@routes.post(
    "/api/cart/create",
    access=Access.PUBLIC,
    gives="CartAnswer",
    status=201,
    limits=limits.CART_CREATE,
)
def create_cart(request: Request, body: schemas.CreateCart) -> Answer:
    """Make an empty cart, whose id is its key; who is signed in gets their one open cart."""
    user_id = request.caller.user_id
    if user_id is not None:
        return _answer(request, merging.open_cart(user_id, body.currency, now=clock.now()))
    return _answer(request, service.create(body.currency, now=clock.now()))


@routes.get("/api/cart", access=Access.USER, gives="CartAnswer", limits=limits.CART_READ)
def read_own_cart(request: Request) -> Answer:
    """The caller's one open cart; an empty one when there was none."""
    user_id = str(request.caller.user_id)
    if request.is_head:
        # Whoever only looks has no cart made for them.
        return Answer(None)
    return _answer(request, merging.open_cart(user_id, None, now=clock.now()))


@routes.post("/api/cart/merge", access=Access.USER, gives="MergedAnswer")
def merge_cart(request: Request, body: schemas.MergeCart) -> Answer:
    """Bring a guest's cart into the caller's; done again, nothing more happens."""
    now = clock.now()
    merged = merging.merge(body.cart_id, str(request.caller.user_id), now=now)
    return Answer(schemas.MergedAnswer.made(merged, request.locale, now))


@routes.get(
    "/api/cart/{cart_id}", access=Access.HOLDER, gives="CartAnswer", limits=limits.CART_READ
)
def read_cart(request: Request, cart_id: str) -> Answer:
    """The cart with today's prices and stock."""
    now = clock.now()
    cart = service.read(cart_id, now=now, user_id=request.caller.user_id)
    return _answer(request, service.view(cart, now=now))


@routes.post(
    "/api/cart/{cart_id}/add",
    access=Access.HOLDER,
    gives="CartAnswer",
    also=(409,),
)
def add_line(request: Request, body: schemas.AddLine, cart_id: str) -> Answer:
    """Put more of a variant in."""
    return _changed(request, service.add, cart_id, body)


@routes.post(
    "/api/cart/{cart_id}/update",
    access=Access.HOLDER,
    gives="CartAnswer",
    also=(409,),
)
def update_line(request: Request, body: schemas.UpdateLine, cart_id: str) -> Answer:
    """Set how many of a variant are in; 0 takes it out."""
    return _changed(request, service.set_quantity, cart_id, body)


@routes.post(
    "/api/cart/{cart_id}/remove",
    access=Access.HOLDER,
    gives="CartAnswer",
    also=(409,),
)
def remove_line(request: Request, body: schemas.RemoveLine, cart_id: str) -> Answer:
    """Take a variant out."""
    view = service.remove(cart_id, body.variant_id, now=clock.now(), user_id=request.caller.user_id)
    return _answer(request, view)


@routes.post(
    "/api/cart/{cart_id}/reserve",
    access=Access.HOLDER,
    gives="CartAnswer",
    also=(409, 429),
    limits=limits.RESERVE,
)
def reserve_cart(request: Request, body: schemas.ReserveCart, cart_id: str) -> Answer:
    """Set the cart's units aside for some minutes."""
    named = {"ip": request.source_ip, "user": request.caller.user_id}
    view = reservations.reserve(
        cart_id,
        holders=[identity(kind, value) for kind, value in named.items() if value],
        end=expire.end,
        now=clock.now(),
        user_id=request.caller.user_id,
    )
    return _answer(request, view)


@routes.post(
    "/api/cart/{cart_id}/extend",
    access=Access.HOLDER,
    gives="CartAnswer",
    also=(409,),
)
def extend_reservation(request: Request, body: schemas.ReserveCart, cart_id: str) -> Answer:
    """Keep them for longer, once more."""
    user_id = request.caller.user_id
    return _answer(request, reservations.extend(cart_id, now=clock.now(), user_id=user_id))


@routes.post(
    "/api/cart/{cart_id}/release",
    access=Access.HOLDER,
    gives="CartAnswer",
    also=(409,),
)
def release_reservation(request: Request, body: schemas.ReserveCart, cart_id: str) -> Answer:
    """Give what is set aside back."""
    user_id = request.caller.user_id
    return _answer(request, reservations.release(cart_id, now=clock.now(), user_id=user_id))


def _changed(
    request: Request,
    change: Callable[..., rules.CartView],
    cart_id: str,
    body: schemas.AddLine | schemas.UpdateLine,
) -> Answer:
    view = change(
        cart_id,
        body.variant_id,
        body.quantity,
        call_id=request.operation,
        now=clock.now(),
        user_id=request.caller.user_id,
    )
    return _answer(request, view)


def _answer(request: Request, view: rules.CartView) -> Answer:
    return Answer(schemas.CartAnswer.of(view, request.locale, clock.now()))
