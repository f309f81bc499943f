"""Orders over HTTP: so far, how one stands."""

from typing import TYPE_CHECKING

from chalicelib.kernel import clock
from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.lazy import Lazy
from chalicelib.kernel.request import Request
from chalicelib.orders import service

if TYPE_CHECKING:
    from chalicelib.inventory import schemas as stock_schemas
    from chalicelib.orders import audit, schemas
else:
    audit = Lazy("chalicelib.orders.audit")
    schemas = Lazy("chalicelib.orders.schemas")
    stock_schemas = Lazy("chalicelib.inventory.schemas")

routes = Routes(__name__)


@routes.post("/api/admin/inventory/check", access=Access.ADMIN)
def check_stock(request: Request) -> Answer:
    body = request.json(schemas.CheckRequest)
    found = audit.audit(repair=body.repair, operator="admin", now=clock.now())
    return Answer({**stock_schemas.report_of(found.stock), "orders": found.orders})


@routes.get("/api/order-status/{order_id}", access=Access.HOLDER)
def order_status(request: Request, order_id: str) -> Answer:
    token = request.header("x-order-token") or request.parameters.get("token")
    order, payment = service.read_for(order_id, token)
    return Answer(schemas.OrderAnswer.of(order, payment, request.locale))
