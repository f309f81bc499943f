"""Orders over HTTP: how one stands, one's own, and getting hold of those bought as a guest."""

from chalicelib import wiring
from chalicelib.kernel import clock, limits
from chalicelib.kernel.http import Access, Answer, Permission, Routes
from chalicelib.kernel.request import Request
from chalicelib.orders import audit, owners, schemas, service
from chalicelib.orders import check_schemas as checks
from chalicelib.orders import owner_schemas as own
from chalicelib.settlement import reconcile as reconciliation

routes = Routes(__name__)


@routes.post(
    "/api/admin/inventory/check",
    access=Permission.MANAGE_STOCK,
    takes="check_schemas.CheckRequest",
    gives="check_schemas.CheckAnswer",
    status=202,
    also=(409,),
)
def check_stock(request: Request) -> Answer:
    """Have counters, holds, orders and balances compared, and set right when told to."""
    body = request.json(checks.CheckRequest)
    run = audit.start(
        repair=body.repair,
        operator=request.caller.name,
        run_id=request.operation,
        now=clock.now(),
    )
    return Answer(checks.CheckAnswer.of(run))


@routes.get(
    "/api/admin/inventory/check",
    access=Permission.MANAGE_STOCK,
    gives="check_schemas.CheckAnswer",
    also=(404,),
)
def check_progress(request: Request) -> Answer:
    """How far the newest check has come, and what it found."""
    run = audit.progress()
    if run is None:
        raise audit.NoCheckYet()
    return Answer(checks.CheckAnswer.of(run))


@routes.post(
    "/api/admin/reconcile",
    access=Permission.MANAGE_SYSTEM,
    takes="ReconcileRequest",
    gives="ReconcileAnswer",
)
def reconcile(request: Request) -> Answer:
    """Ask the providers about open payments, and hold what they captured against the books."""
    body, now = request.json(schemas.ReconcileRequest), clock.now()
    most = reconciliation.CALL_SECONDS
    done = reconciliation.poll_open_payments(now, seconds=most)
    done = reconciliation.compare(now, days=body.days, done=done, seconds=most)
    return Answer(schemas.ReconcileAnswer.of(done))


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
    query="owner_schemas.OrderQuery",
    gives="owner_schemas.OrderPage",
    also=(400,),
)
def list_orders(request: Request) -> Answer:
    """The caller's orders, the newest first."""
    query = request.query(own.OrderQuery)
    found = owners.page(
        str(request.caller.user_id), query.wanted(), size=query.page_size, cursor=query.cursor
    )
    return Answer(own.OrderPage.of(*found))


@routes.get(
    "/api/orders/lookup",
    access=Access.PUBLIC,
    query="owner_schemas.LookUp",
    gives="owner_schemas.LookedUp",
    status=202,
    limits=limits.ORDER_LOOKUP,
    effects=True,
    also=(403,),
)
def look_order_up(request: Request) -> Answer:
    """Mail the link to an order, as the POST of this name does; for links that can't send one."""
    now, wish = clock.now(), request.query(own.LookUp)
    # Public reads are open to who is kept out; this one sends mail.
    wiring.check_blocked(request.caller, request.source_ip, now=now)
    owners.ask_link(wish.number, wish.email, operation=request.request_id, now=now)
    return Answer(own.LookedUp())


@routes.post(
    "/api/orders/lookup",
    access=Access.PUBLIC,
    takes="owner_schemas.LookUpBody",
    gives="owner_schemas.LookedUp",
    status=202,
    limits=limits.ORDER_LOOKUP,
)
def ask_for_link(request: Request) -> Answer:
    """Mail the link to an order to the address it was placed with, if there is such an order."""
    wish = request.json(own.LookUpBody)
    owners.ask_link(wish.number, wish.email, operation=request.operation, now=clock.now())
    return Answer(own.LookedUp())


@routes.post(
    "/api/user/orders/claim",
    access=Access.USER,
    takes="owner_schemas.ClaimOrders",
    gives="owner_schemas.Claimed",
    limits=limits.ORDER_CLAIM,
    also=(403,),
)
def claim_orders(request: Request) -> Answer:
    """Take the orders that were placed with the caller's verified e-mail and are nobody's."""
    request.json(own.ClaimOrders)
    user_id = str(request.caller.user_id)
    given = owners.claim(user_id, *wiring.proven_email(user_id))
    return Answer(own.Claimed(claimed=len(given)))


def _order(request: Request, order_id: str) -> Answer:
    order, payment = service.read_for(order_id, request.order_token, request.caller.user_id)
    return Answer(schemas.OrderAnswer.of(order, payment, request.locale))
