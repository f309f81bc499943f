"""Requests and answers about payments, for administrators."""

from typing import Annotated

from pydantic import Field

from chalicelib.kernel import clock
from chalicelib.kernel.limits import MAX_PAGE_SIZE
from chalicelib.kernel.web.schema import Id, MoneyAnswer, Query, Wire
from chalicelib.payments.rules import PaymentStatus
from chalicelib.payments.tables import PaymentItem

Day = Annotated[str, Field(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class PaymentQuery(Query):
    """Filters of the list; `day` is a UTC day in ISO 8601, the last ninety when it is left out."""

    day: Day | None = None
    status: PaymentStatus | None = None
    method: Id | None = None
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class PaymentRow(Wire):
    """A payment in the list of all."""

    payment_id: str
    order_id: str
    method: str
    status: str
    amount: MoneyAnswer
    captured: MoneyAnswer | None
    # Why it waits for a decision, or for the buyer.
    reason: str | None
    disputed: bool
    created_at: str
    expires_at: str

    @classmethod
    def of(cls, item: PaymentItem) -> "PaymentRow":
        captured = int(item.captured) if item.captured else None
        return cls(
            payment_id=item.payment_id,
            order_id=item.reference,
            method=item.provider,
            status=item.status,
            amount=MoneyAnswer(amount=int(item.amount), currency=item.currency),
            captured=MoneyAnswer(amount=captured, currency=item.currency) if captured else None,
            reason=item.reason,
            disputed=bool(item.disputed),
            created_at=clock.iso(int(item.created_at)),
            expires_at=clock.iso(int(item.expires_at)),
        )


class PaymentPage(Wire):
    """The newest first. A page may be short, even empty, and still go on."""

    items: list[PaymentRow]
    next_cursor: str | None
