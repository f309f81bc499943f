"""Orders over HTTP: how one stands, one's own, and getting hold of those bought as a guest."""

from __future__ import annotations

from chalicelib import composition
from chalicelib.accounts import profile
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.orders import owner_schemas as own
from chalicelib.orders import owners, schemas, service

routes = Routes(__name__)


@routes.get("/api/order-status/{order_id}", access=Access.HOLDER, gives="OrderAnswer")
def order_status(request: Request, order_id: str) -> Answer:
    """How an order stands, for whoever has its token or owns it."""
    return _order(request, order_id)


@routes.get("/api/orders/{order_id}", access=Access.HOLDER, gives="OrderAnswer")
def read_order(request: Request, order_id: str) -> Answer:
    """An order, for whoever has its token or owns it."""
    return _order(request, order_id)


@routes.get(
    "/api/orders",
    access=Access.USER,
    gives="owner_schemas.OrderPage",
    also=(400,),
)
def list_orders(request: Request, query: own.OrderQuery) -> Answer:
    """The caller's orders, the newest first."""
    found = owners.page(
        str(request.caller.user_id), query.wanted(), size=query.page_size, cursor=query.cursor
    )
    return Answer(own.OrderPage.of(*found))


@routes.get(
    "/api/orders/lookup",
    access=Access.PUBLIC,
    gives="owner_schemas.LookedUp",
    status=202,
    limits=limits.ORDER_LOOKUP,
    effects=True,
    also=(403,),
)
def look_order_up(request: Request, query: own.LookUp) -> Answer:
    """Mail the link to an order, as the POST of this name does; for links that can't send one."""
    now = clock.now()
    # Public reads are open to who is kept out; this one sends mail.
    composition.check_blocked(request.caller, request.source_ip, now=now)
    owners.ask_link(query.number, query.email, operation=request.request_id, now=now)
    return Answer(own.LookedUp())


@routes.post(
    "/api/orders/lookup",
    access=Access.PUBLIC,
    gives="owner_schemas.LookedUp",
    status=202,
    limits=limits.ORDER_LOOKUP,
)
def ask_for_link(request: Request, body: own.LookUpBody) -> Answer:
    """Mail the link to an order to the address it was placed with, if there is such an order."""
    owners.ask_link(body.number, body.email, operation=request.operation, now=clock.now())
    return Answer(own.LookedUp())


@routes.post(
    "/api/user/orders/claim",
    access=Access.USER,
    gives="owner_schemas.Claimed",
    limits=limits.ORDER_CLAIM,
    also=(403,),
)
def claim_orders(request: Request, body: own.ClaimOrders) -> Answer:
    """Take the orders that were placed with the caller's verified e-mail and are nobody's."""
    user_id = str(request.caller.user_id)
    given = owners.claim(user_id, *profile.proven_email(user_id))
    return Answer(own.Claimed(claimed=len(given)))


def _order(request: Request, order_id: str) -> Answer:
    order, payment = service.read_for(order_id, request.order_token, request.caller.user_id)
    return Answer(schemas.OrderAnswer.of(order, payment, request.locale))
