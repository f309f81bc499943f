"""The shop's events: put on one topic, from which each listener has its own queue.

At least once; `id` is the same whenever the same thing is told again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from chalicelib.config import settings
from chalicelib.kernel import clock


@dataclass(frozen=True)
class Event:
    """`type` is what listeners filter by: `stock.low`. `at` is epoch seconds."""

    id: str
    type: str
    at: int
    data: Mapping[str, Any]


@cache
def _client() -> Any:
    return get_session().create_client(
        "sns",
        region_name=settings().region,
        config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3}),
    )


def publish(event: Event) -> None:
    """Put the event on the topic; it is durable when this returns."""
    body = {"id": event.id, "type": event.type, "at": clock.iso(event.at), "data": event.data}
    _client().publish(
        TopicArn=settings().shop_events_topic_arn,
        Message=json.dumps(body),
        MessageAttributes={"type": {"DataType": "String", "StringValue": event.type}},
    )
