"""Erasing goes on until nothing is left."""

from chalice.app import Blueprint

from chalicelib.kernel.messaging.worker import scheduled
from chalicelib.privacy import contexts, erasure

workers = Blueprint(__name__)


@workers.lambda_function(name="erase")
@scheduled
def erase(now: int) -> dict[str, int]:
    return erasure.go_on(contexts.PERSONAL_DATA, now=now).counts()
