"""The jobs of settlement: the minute's sweep, and polling the providers."""

from chalice.app import Blueprint, Rate

from chalicelib.kernel.messaging.worker import scheduled
from chalicelib.settlement import expire
from chalicelib.settlement import reconcile as reconciliation
from chalicelib.subscriptions import reconciling as subscriptions

workers = Blueprint(__name__)


@workers.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
@scheduled
def sweep(now: int) -> dict[str, int]:
    return expire.sweep(now).counts()


@workers.schedule(Rate(5, unit=Rate.MINUTES), name="reconcile")
@scheduled
def reconcile(now: int) -> dict[str, int]:
    return {**reconciliation.run(now).counts(), **subscriptions.run(now).counts()}
