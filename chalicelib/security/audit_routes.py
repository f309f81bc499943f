"""The audit log over HTTP, for administrators."""

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.security import audit_log, schemas

routes = Routes(__name__)


@routes.get(
    "/api/admin/audit",
    access=Permission.VIEW_AUDIT_LOG,
    query="AuditQuery",
    gives="AuditPage",
    also=(400,),
)
def audit_entries(request: Request) -> Answer:
    """Who did what to what, the newest first."""
    query = request.query(schemas.AuditQuery)
    found = audit_log.page(
        schemas.wanted(query), size=query.page_size, cursor=query.cursor, now=clock.now()
    )
    items = [schemas.EntryAnswer.of(entry) for entry in found.entries]
    return Answer(schemas.AuditPage(items=items, next_cursor=found.next_cursor))
