"""Payments over HTTP, for administrators: the list of all."""

from __future__ import annotations

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.payments import admin_schemas, listing

routes = Routes(__name__)


@routes.get(
    "/api/admin/payments",
    access=Permission.MANAGE_PAYMENTS,
    gives="admin_schemas.PaymentPage",
    also=(400,),
)
def list_all_payments(request: Request, query: admin_schemas.PaymentQuery) -> Answer:
    """All payments of the shop, the newest first."""
    day = query.day.replace("-", "") if query.day else None
    wanted = listing.PaymentFilter(day, query.status, query.method)
    items, following = listing.page(
        wanted, size=query.page_size, cursor=query.cursor, now=clock.now()
    )
    answers = [admin_schemas.PaymentRow.of(item) for item in items]
    return Answer(admin_schemas.PaymentPage(items=answers, next_cursor=following))
