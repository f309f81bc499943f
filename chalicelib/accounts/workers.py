"""What accounts finish after the answer: erasing goes on until nothing is left."""

from typing import TYPE_CHECKING

from chalice.app import Blueprint, Rate

from chalicelib import wiring
from chalicelib.kernel.lazy import Lazy
from chalicelib.kernel.worker import scheduled

if TYPE_CHECKING:
    from chalicelib.accounts import erasure
else:
    erasure = Lazy("chalicelib.accounts.erasure")

workers = Blueprint(__name__)


@workers.schedule(Rate(5, unit=Rate.MINUTES), name="erase")
@scheduled
def erase(now: int) -> dict[str, int]:
    return erasure.go_on(wiring.keepers(), now=now).counts()
