"""Orders over HTTP: so far, how one stands."""

from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.request import Request
from chalicelib.orders import service
from chalicelib.orders.schemas import OrderAnswer

routes = Routes(__name__)


@routes.get("/api/order-status/{order_id}", access=Access.HOLDER)
def order_status(request: Request, order_id: str) -> Answer:
    token = request.header("x-order-token") or request.parameters.get("token")
    order, payment = service.read_for(order_id, token)
    return Answer(OrderAnswer.of(order, payment, request.locale))
