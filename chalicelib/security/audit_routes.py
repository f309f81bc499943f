"""The audit log over HTTP, for administrators."""

from __future__ import annotations

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.security import audit_log, schemas

routes = Routes(__name__)


@routes.get(
    "/api/admin/audit",
    access=Permission.VIEW_AUDIT_LOG,
    gives="AuditPage",
    also=(400,),
)
def audit_entries(request: Request, query: schemas.AuditQuery) -> Answer:
    """Who did what to what, the newest first."""
    found = audit_log.page(
        schemas.wanted(query), size=query.page_size, cursor=query.cursor, now=clock.now()
    )
    items = [schemas.EntryAnswer.of(entry) for entry in found.entries]
    return Answer(schemas.AuditPage(items=items, next_cursor=found.next_cursor))
