"""The check over HTTP, for administrators."""

from __future__ import annotations

from chalicelib.integrity import check, schemas
from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)


@routes.post(
    "/api/admin/inventory/check",
    access=Permission.MANAGE_STOCK,
    gives="CheckAnswer",
    status=202,
    also=(409,),
)
def check_stock(request: Request, body: schemas.CheckRequest) -> Answer:
    """Have counters, holds, orders and balances compared, and set right when told to."""
    run = check.start(
        repair=body.repair,
        operator=request.caller.name,
        operation=request.operation,
        now=clock.now(),
    )
    return Answer(schemas.CheckAnswer.of(run, under_way=check.is_under_way(run)))


@routes.get(
    "/api/admin/inventory/check",
    access=Permission.MANAGE_STOCK,
    gives="CheckAnswer",
    also=(404,),
)
def check_progress(request: Request) -> Answer:
    """How far the newest check has come, and what it found."""
    run = check.progress()
    if run is None:
        raise check.NoCheckYet()
    return Answer(schemas.CheckAnswer.of(run, under_way=check.is_under_way(run)))
