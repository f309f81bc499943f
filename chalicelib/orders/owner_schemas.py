"""Requests and answers of who owns orders: their list, claiming, asking for a link."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from chalicelib.kernel import clock
from chalicelib.kernel.contact.fields import Email
from chalicelib.kernel.limits import MAX_PAGE_SIZE
from chalicelib.kernel.web.cursor import MAX_CURSOR
from chalicelib.kernel.web.schema import Body, MoneyAnswer, Query, Wire, text_field
from chalicelib.orders.owners import OrderFilter
from chalicelib.orders.rules import OrderStatus, OrderSummary, number_as_typed


class OrderQuery(Query):
    """Which of one's orders; `from` and `to` are times (or days) in ISO 8601."""

    status: OrderStatus | None = None
    since: Annotated[datetime | None, Field(alias="from")] = None
    until: Annotated[datetime | None, Field(alias="to")] = None
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 20
    cursor: Annotated[str, Field(max_length=MAX_CURSOR)] | None = None

    def wanted(self) -> OrderFilter:
        bounds = {"since": self.since, "until": self.until}
        return OrderFilter(
            self.status, **{name: _seconds(when) for name, when in bounds.items() if when}
        )


class ListedOrder(Wire):
    order_id: str
    order_number: str
    status: OrderStatus
    placed_at: str
    # Things, not lines.
    count: int
    total: MoneyAnswer

    @classmethod
    def of(cls, order: OrderSummary) -> "ListedOrder":
        return cls(
            order_id=order.order_id,
            order_number=order.number,
            status=order.status,
            placed_at=clock.iso(order.placed_at),
            count=order.units,
            total=MoneyAnswer.of(order.total),
        )


class OrderPage(Wire):
    items: list[ListedOrder]
    next_cursor: str | None

    @classmethod
    def of(cls, orders: list[OrderSummary], next_cursor: str | None) -> "OrderPage":
        return cls(items=[ListedOrder.of(order) for order in orders], next_cursor=next_cursor)


class ClaimOrders(Body):
    """Says nothing: `{}` or no body at all."""


class Claimed(Wire):
    claimed: int


class LookUp(Query):
    """The number as people type it: in small letters, with `#`, blanks or dashes in it."""

    number: Annotated[str, text_field(40), AfterValidator(number_as_typed)]
    email: Email


class LookUpBody(Body):
    """As `LookUp`, in a body: addresses of pages are kept in places where an e-mail should not
    stand."""

    number: Annotated[str, text_field(40), AfterValidator(number_as_typed)]
    email: Email


class LookedUp(Wire):
    """Whatever the shop knows of the order: look into your mail."""

    mail_sent: Literal[True] = True


def _seconds(when: datetime) -> int:
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0, int(aware.timestamp()))
