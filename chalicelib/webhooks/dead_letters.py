"""Messages that the queue gave up: looked at, and put back to be tried again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.config import settings
from chalicelib.kernel.errors import ShopError
from chalicelib.kernel.messaging import queues
from chalicelib.webhooks import accept

# Of one call: a look hides what it saw from the next look for these seconds.
MOST = 50
LOOK_SECONDS = 2
MOVE_SECONDS = 60


@dataclass(frozen=True)
class DeadLetter:
    """A message that failed too often, as far as it can be read."""

    message_id: str
    sent_at: int
    provider: str | None = None
    event_id: str | None = None
    type: str | None = None
    payment_id: str | None = None


def listed() -> list[DeadLetter]:
    """Some of what was given up; which ones, the queue decides."""
    return [_read(message) for message in _take(LOOK_SECONDS)]


def put_back() -> int:
    """Put them on the queue once more, MOST at most; how many. Cut short it may leave one on both
    queues, which does no harm: what was done is not done twice."""
    count = 0
    for message in _take(MOVE_SECONDS):
        queues.forward(message, settings().payment_events_queue_url, gone_from=_queue())
        count += 1
    return count


def _queue() -> str:
    return f"{settings().payment_events_queue_url}-dead"


def _take(seconds: int) -> Iterator[dict[str, Any]]:
    return queues.take(_queue(), most=MOST, hide_seconds=seconds)


def _read(message: dict[str, Any]) -> DeadLetter:
    sent_at = int(message["Attributes"]["SentTimestamp"]) // 1000
    try:
        body = json.loads(message["Body"])
        event = accept.event_of(body)
    except (ShopError, ValueError, KeyError, TypeError, AttributeError):
        return DeadLetter(message["MessageId"], sent_at)
    return DeadLetter(
        message["MessageId"],
        sent_at,
        provider=body["provider"],
        event_id=event.event_id,
        type=event.type,
        payment_id=event.payment_id,
    )
