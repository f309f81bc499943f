"""The jobs of settlement: the minute's sweep, and polling the providers."""

from chalice.app import Blueprint

from chalicelib.kernel.messaging.worker import scheduled
from chalicelib.settlement import expire
from chalicelib.settlement import reconcile as reconciliation
from chalicelib.subscriptions import reconciling as subscriptions

workers = Blueprint(__name__)


@workers.lambda_function(name="sweep")
@scheduled
def sweep(now: int) -> dict[str, int]:
    return expire.sweep(now).counts()


@workers.lambda_function(name="reconcile")
@scheduled
def reconcile(now: int) -> dict[str, int]:
    return {**reconciliation.run(now).counts(), **subscriptions.run(now).counts()}
