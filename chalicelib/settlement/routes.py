"""The comparison with the providers' books over HTTP, for administrators."""

from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Permission, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.settlement import reconcile as reconciliation
from chalicelib.settlement import schemas

routes = Routes(__name__)


@routes.post(
    "/api/admin/reconcile",
    access=Permission.MANAGE_PAYMENTS,
    takes="ReconcileRequest",
    gives="ReconcileAnswer",
)
def reconcile(request: Request) -> Answer:
    """Ask the providers about open payments, and hold what they captured against the books."""
    body, now = request.json(schemas.ReconcileRequest), clock.now()
    most = reconciliation.CALL_SECONDS
    done = reconciliation.poll_open_payments(now, seconds=most)
    done = reconciliation.compare(now, days=body.days, done=done, seconds=most)
    return Answer(schemas.ReconcileAnswer.of(done))
