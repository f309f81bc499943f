"""The check as a job."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.integrity import check as integrity_check
from chalicelib.kernel.messaging.worker import scheduled

workers = Blueprint(__name__)


@workers.lambda_function(name="check")
@scheduled
def check(now: int) -> dict[str, Any]:
    """Begins a run each day, and goes on with one that is under way."""
    return integrity_check.work(now)
