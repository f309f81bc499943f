"""Requests and answers of the comparison with the providers' books."""

from typing import Annotated

from pydantic import Field

from chalicelib.kernel.web.schema import Body, MoneyAnswer, Wire
from chalicelib.settlement.reconcile import LOOK_BACK_DAYS, Found, Reconciled

# Of the differences, what one answer carries; the log and the metric have their number.
MOST_TOLD = 500


class ReconcileRequest(Body):
    """How far back to look."""

    days: Annotated[int, Field(strict=True, ge=1, le=30)] = LOOK_BACK_DAYS


class DifferenceAnswer(Wire):
    """One payment on which the provider's books and the shop's differ."""

    provider: str
    kind: Found
    payment_id: str | None
    order_id: str | None
    captured: MoneyAnswer | None
    expected: MoneyAnswer | None


class ReconcileAnswer(Wire):
    """What was asked about, what moved, and where the books differ."""

    asked: int
    moved: int
    failed: int
    seen: int
    # Providers that could not be asked.
    silent: list[str]
    # Whether there was time for all: the schedule's own looks have more of it than a call.
    complete: bool
    differences: list[DifferenceAnswer]

    @classmethod
    def of(cls, done: Reconciled) -> "ReconcileAnswer":
        return cls(
            asked=done.asked,
            moved=done.moved,
            failed=done.failed,
            seen=done.seen,
            silent=done.silent,
            complete=done.complete,
            differences=[
                DifferenceAnswer(
                    provider=one.provider,
                    kind=one.kind,
                    payment_id=one.payment_id,
                    order_id=one.reference,
                    captured=MoneyAnswer.of(one.captured) if one.captured else None,
                    expected=MoneyAnswer.of(one.expected) if one.expected else None,
                )
                for one in done.differences[:MOST_TOLD]
            ],
        )
