"""Stock over HTTP: how much there is, for anybody; moving it, for the shop's owner.

Every movement carries a key (`Idempotency-Key`, else one of the call's own), so that a call that is
repeated with its key moves nothing a second time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.inventory import service
from chalicelib.inventory.rules import StockKey
from chalicelib.inventory.stocktaking import Order
from chalicelib.kernel import clock, ids
from chalicelib.kernel.http import Access, Answer, Routes
from chalicelib.kernel.lazy import Lazy
from chalicelib.kernel.request import Request

if TYPE_CHECKING:
    from chalicelib.inventory import schemas
else:
    schemas = Lazy("chalicelib.inventory.schemas")

routes = Routes(__name__)


@routes.get("/api/inventory/availability/{variant_id}", access=Access.PUBLIC)
def availability(request: Request, variant_id: str) -> Answer:
    return Answer(schemas.AvailabilityAnswer.of(service.available(variant_id)))


@routes.get("/api/inventory/ledger", access=Access.ADMIN)
def ledger(request: Request) -> Answer:
    query = request.query(schemas.LedgerQuery)
    items = service.ledger(query.variant_id, limit=query.limit, before=query.cursor)
    return Answer(schemas.LedgerAnswer.of(items, query.limit))


@routes.post("/api/admin/inventory/{variant_id}/restock", access=Access.ADMIN)
def restock(request: Request, variant_id: str) -> Answer:
    body = request.json(schemas.Restock)
    return _moved(request, variant_id, service.restock, body, body.quantity)


@routes.post("/api/admin/inventory/{variant_id}/return", access=Access.ADMIN)
def take_back(request: Request, variant_id: str) -> Answer:
    body = request.json(schemas.TakeBack)
    return _moved(request, variant_id, service.take_back, body, body.quantity)


@routes.post("/api/admin/inventory/{variant_id}/adjust", access=Access.ADMIN)
def adjust(request: Request, variant_id: str) -> Answer:
    body = request.json(schemas.Adjust)
    return _moved(request, variant_id, service.adjust, body, body.quantity)


@routes.post("/api/admin/inventory/{variant_id}/transfer", access=Access.ADMIN)
def transfer(request: Request, variant_id: str) -> Answer:
    body = request.json(schemas.Transfer)
    target = StockKey(variant_id, body.to_warehouse_id)
    return _moved(request, variant_id, service.transfer, body, target, body.quantity)


@routes.post("/api/admin/inventory/{variant_id}/threshold", access=Access.ADMIN)
def threshold(request: Request, variant_id: str) -> Answer:
    service.set_threshold(variant_id, request.json(schemas.Threshold).quantity)
    return _stock(variant_id)


@routes.post("/api/admin/inventory/{variant_id}/hot", access=Access.ADMIN)
def hot(request: Request, variant_id: str) -> Answer:
    service.set_shards(variant_id, request.json(schemas.Hot).shards, now=clock.now())
    return _stock(variant_id)


def _moved(
    request: Request, variant_id: str, move: Callable[..., None], body: Any, *what: Any
) -> Answer:
    key = request.header("idempotency-key") or ids.token()
    order = Order(
        key=ids.derived("op", request.path, key),
        operator="admin",
        reason=body.reason,
        now=clock.now(),
    )
    move(StockKey(variant_id, body.warehouse_id), *what, order)
    return _stock(variant_id)


def _stock(variant_id: str) -> Answer:
    return Answer(schemas.StockAnswer(variant_id=variant_id, **service.totals(variant_id)))
