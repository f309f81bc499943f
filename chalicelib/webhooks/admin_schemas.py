"""Requests and answers about payments and webhooks, for administrators."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.kernel import clock
from chalicelib.kernel.limits import MAX_PAGE_SIZE
from chalicelib.kernel.web.schema import Body, Id, Query, Wire
from chalicelib.payments.rules import WebhookStatus
from chalicelib.webhooks.dead_letters import DeadLetter
from chalicelib.webhooks.inbox import WebhookFilter
from chalicelib.webhooks.tables import WebhookItem

Day = Annotated[str, Field(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


def wanted(
    day: str | None, status: Any, provider: str | None, order_id: str | None
) -> WebhookFilter:
    """The filters as the log takes them; today without a day."""
    chosen = day.replace("-", "") if day else clock.day(clock.now())
    return WebhookFilter(chosen, status, provider, order_id)


class WebhookQuery(Query):
    """Filters of the log; `day` is a UTC day in ISO 8601, today when it is left out."""

    day: Day | None = None
    status: WebhookStatus | None = None
    provider: Id | None = None
    order_id: Id | None = None
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class ReplayMany(Body):
    """Which of a day's webhooks to work off again; those that failed, unless another is named."""

    day: Day | None = None
    status: WebhookStatus = WebhookStatus.FAILED
    provider: Id | None = None


class PutBack(Body):
    """Nothing to choose: the queue decides which come first."""


class WebhookAnswer(Wire):
    """A webhook without its body."""

    id: str
    provider: str
    event_id: str
    type: str
    status: str
    order_id: str | None
    payment_id: str | None
    received_at: str
    done_at: str | None
    attempts: int
    took_ms: int | None
    error: str | None

    @classmethod
    def fields_of(cls, item: WebhookItem) -> dict[str, Any]:
        return {
            "id": item.webhook_id,
            "provider": item.provider,
            "event_id": item.event_id,
            "type": item.type,
            "status": item.status,
            "order_id": item.reference,
            "payment_id": item.payment_id,
            "received_at": clock.iso(int(item.received_at)),
            "done_at": clock.iso(int(item.done_at)) if item.done_at else None,
            "attempts": int(item.attempts),
            "took_ms": int(item.took_ms) if item.took_ms is not None else None,
            "error": item.error,
        }

    @classmethod
    def of(cls, item: WebhookItem) -> "WebhookAnswer":
        return cls(**cls.fields_of(item))


class WebhookPage(Wire):
    """The newest first. A page may be short, even empty, and still go on."""

    items: list[WebhookAnswer]
    next_cursor: str | None


class WebhookWhole(WebhookAnswer):
    """A webhook with what the provider sent: its JSON as text, without people."""

    data: str | None

    @classmethod
    def of(cls, item: WebhookItem) -> "WebhookWhole":
        return cls(**cls.fields_of(item), data=item.sent)


class Replayed(Wire):
    """How many were put on the queue, and whether the same call may find more."""

    replayed: int
    more: bool


class DeadLetterAnswer(Wire):
    """A message that was given up; what could not be read of it is null."""

    id: str
    sent_at: str
    provider: str | None
    event_id: str | None
    type: str | None
    payment_id: str | None

    @classmethod
    def of(cls, letter: DeadLetter) -> "DeadLetterAnswer":
        return cls(
            id=letter.message_id,
            sent_at=clock.iso(letter.sent_at),
            provider=letter.provider,
            event_id=letter.event_id,
            type=letter.type,
            payment_id=letter.payment_id,
        )


class DeadLetters(Wire):
    """Some of what was given up; a look a few seconds later may show others."""

    items: list[DeadLetterAnswer]
