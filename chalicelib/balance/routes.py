"""Balances over HTTP: one's own, and an administrator's hand."""

from __future__ import annotations

from chalicelib.accounts import profile
from chalicelib.balance import schemas, service
from chalicelib.catalog import service as catalog
from chalicelib.kernel import clock, limits
from chalicelib.kernel.web.http import Access, Answer, Permission, Routes
from chalicelib.kernel.web.http import Change as Audited
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)


@routes.get(
    "/api/balance",
    access=Access.USER,
    gives="BalanceAnswer",
    also=(400,),
)
def read_balance(request: Request, query: schemas.BalanceQuery) -> Answer:
    """What the caller has, and how it came to be."""
    return _balance_of(request, query, str(request.caller.user_id))


@routes.get(
    "/api/admin/users/{user_id}/balance",
    access=Permission.VIEW_USERS,
    gives="BalanceAnswer",
    also=(400,),
)
def read_balance_of(request: Request, query: schemas.BalanceQuery, user_id: str) -> Answer:
    """What a user has, and how it came to be."""
    profile.check_known(user_id)
    return _balance_of(request, query, user_id)


@routes.post(
    "/api/admin/balance/adjust",
    access=Permission.MANAGE_USERS,
    gives="Adjusted",
    limits=limits.CHANGES,
    also=(404, 409),
)
def adjust_balance(request: Request, body: schemas.AdjustBalance) -> Answer:
    """Put money into a user's balance, or take some out of it; never below zero."""
    profile.check_known(body.user_id)
    catalog.check_currency("amount.currency", body.amount.currency)
    entry = service.adjust(
        body.user_id,
        body.amount.money,
        note=body.reason,
        by=request.caller.name,
        operation=request.operation,
        now=clock.now(),
    )
    return Answer(
        schemas.Adjusted(
            user_id=body.user_id, entry=schemas.MovementAnswer.of(entry, request.locale)
        ),
        change=Audited(
            f"user:{body.user_id}",
            before={"balance": entry.before.decimal()},
            after={"balance": entry.after.decimal()},
        ),
    )


def _balance_of(request: Request, query: schemas.BalanceQuery, user_id: str) -> Answer:
    page = service.page(user_id, size=query.page_size, cursor=query.cursor)
    return Answer(schemas.BalanceAnswer.of(service.read_all(user_id), page, request.locale))
