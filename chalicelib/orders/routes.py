"""Orders over HTTP: so far, how one stands."""

from chalicelib.inventory.schemas import report_of
from chalicelib.kernel import clock
from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.request import Request
from chalicelib.orders import audit, service
from chalicelib.orders.schemas import CheckRequest, OrderAnswer

routes = Routes(__name__)


@routes.post("/api/admin/inventory/check", access=Access.ADMIN)
def check_stock(request: Request) -> Answer:
    body = request.json(CheckRequest)
    found = audit.audit(repair=body.repair, operator="admin", now=clock.now())
    return Answer({**report_of(found.stock), "orders": found.orders})


@routes.get("/api/order-status/{order_id}", access=Access.HOLDER)
def order_status(request: Request, order_id: str) -> Answer:
    token = request.header("x-order-token") or request.parameters.get("token")
    order, payment = service.read_for(order_id, token)
    return Answer(OrderAnswer.of(order, payment, request.locale))
