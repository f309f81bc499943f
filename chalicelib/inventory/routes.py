"""Stock over HTTP: how much there is, for anybody; moving it, for the shop's owner.

Every movement is written under the call's own name (`request.operation`), so that a call that is
repeated with its `Idempotency-Key` moves nothing a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.inventory import rules, schemas, service
from chalicelib.inventory.operations import movements
from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Access, Answer, Permission, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)


@routes.get(
    "/api/inventory/availability/{variant_id}",
    access=Access.PUBLIC,
    gives="AvailabilityAnswer",
)
def availability(request: Request, variant_id: str) -> Answer:
    """How many units can be had."""
    return Answer(schemas.AvailabilityAnswer.of(service.available(variant_id)))


@routes.get(
    "/api/inventory/ledger",
    access=Permission.MANAGE_STOCK,
    gives="LedgerAnswer",
)
def ledger(request: Request, query: schemas.LedgerQuery) -> Answer:
    """A variant's movements, newest first."""
    items = service.ledger(query.variant_id, limit=query.limit, before=query.cursor)
    return Answer(schemas.LedgerAnswer.of(items, query.limit))


@routes.post(
    "/api/admin/inventory/{variant_id}/restock",
    access=Permission.MANAGE_STOCK,
    gives="StockAnswer",
    also=(409,),
)
def restock(request: Request, body: schemas.Restock, variant_id: str) -> Answer:
    """Add units that came in."""
    return _moved(request, variant_id, service.restock, body, body.quantity)


@routes.post(
    "/api/admin/inventory/{variant_id}/return",
    access=Permission.MANAGE_STOCK,
    gives="StockAnswer",
    also=(409,),
)
def take_back(request: Request, body: schemas.TakeBack, variant_id: str) -> Answer:
    """Put units that a buyer sent back on the shelf."""
    return _moved(request, variant_id, service.take_back, body, body.quantity)


@routes.post(
    "/api/admin/inventory/{variant_id}/adjust",
    access=Permission.MANAGE_STOCK,
    gives="StockAnswer",
    also=(409,),
)
def adjust(request: Request, body: schemas.Adjust, variant_id: str) -> Answer:
    """Set right what was counted."""
    return _moved(request, variant_id, service.adjust, body, body.quantity)


@routes.post(
    "/api/admin/inventory/{variant_id}/transfer",
    access=Permission.MANAGE_STOCK,
    gives="StockAnswer",
    also=(409,),
)
def transfer(request: Request, body: schemas.Transfer, variant_id: str) -> Answer:
    """Move units to another warehouse."""
    target = rules.StockKey(variant_id, body.to_warehouse_id)
    return _moved(request, variant_id, service.transfer, body, target, body.quantity)


@routes.post(
    "/api/admin/inventory/{variant_id}/threshold",
    access=Permission.MANAGE_STOCK,
    gives="StockAnswer",
    also=(409,),
)
def threshold(request: Request, body: schemas.Threshold, variant_id: str) -> Answer:
    """Say below how many units stock is low."""
    service.set_threshold(variant_id, body.quantity)
    return _stock(variant_id)


@routes.post(
    "/api/admin/inventory/{variant_id}/hot",
    access=Permission.MANAGE_STOCK,
    gives="StockAnswer",
    also=(409,),
)
def hot(request: Request, body: schemas.Hot, variant_id: str) -> Answer:
    """Split a variant's stock for a rush, or make it whole again."""
    service.set_shards(variant_id, body.shards, now=clock.now())
    return _stock(variant_id)


def _moved(
    request: Request, variant_id: str, move: Callable[..., None], body: Any, *what: Any
) -> Answer:
    order = movements.StockMovement(
        key=request.operation,
        operator=request.caller.name,
        reason=body.reason,
        now=clock.now(),
    )
    move(rules.StockKey(variant_id, body.warehouse_id), *what, order)
    return _stock(variant_id)


def _stock(variant_id: str) -> Answer:
    return Answer(schemas.StockAnswer(variant_id=variant_id, **service.totals(variant_id)))
