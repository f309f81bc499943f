"""Answers about stock."""

from chalicelib.inventory.rules import Availability
from chalicelib.kernel.schema import Wire


class AvailabilityAnswer(Wire):
    variant_id: str
    available: int
    low: bool
    sold_out: bool

    @classmethod
    def of(cls, found: Availability) -> "AvailabilityAnswer":
        return cls(
            variant_id=found.variant_id,
            available=found.available,
            low=found.low,
            sold_out=found.sold_out,
        )
