"""What accounts finish after the answer: erasing goes on until nothing is left."""

from chalice.app import Blueprint, Rate

from chalicelib import wiring
from chalicelib.accounts import erasure
from chalicelib.kernel.worker import scheduled

workers = Blueprint(__name__)


@workers.schedule(Rate(5, unit=Rate.MINUTES), name="erase")
@scheduled
def erase(now: int) -> dict[str, int]:
    return erasure.go_on(wiring.keepers(), now=now).counts()
