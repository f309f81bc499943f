"""The comparison with the providers' books over HTTP, for administrators."""

from __future__ import annotations

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.settlement import reconcile as reconciliation
from chalicelib.settlement import schemas

routes = Routes(__name__)


@routes.post(
    "/api/admin/reconcile",
    access=Permission.MANAGE_PAYMENTS,
    gives="ReconcileAnswer",
)
def reconcile(request: Request, body: schemas.ReconcileRequest) -> Answer:
    """Ask the providers about open payments, and hold what they captured against the books."""
    now = clock.now()
    most = reconciliation.CALL_SECONDS
    done = reconciliation.poll_open_payments(now, seconds=most)
    done = reconciliation.compare(now, days=body.days, done=done, seconds=most)
    return Answer(schemas.ReconcileAnswer.of(done))
