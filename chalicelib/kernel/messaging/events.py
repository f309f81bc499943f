"""The shop's events: what happened, on one topic, from which each listener's queue gets its share.

At least once and in no order: `id` is the same whenever the same thing is published again, and
`seq` counts what happened to one order. What can be published stands in each context's `events.py`,
one model a type; docs/events.md is made of them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, TypeVar

from botocore.config import Config
from botocore.session import get_session
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from chalicelib.config import settings
from chalicelib.kernel import clock, dry_run, telemetry
from chalicelib.kernel.errors import Unavailable

# SNS takes so many in one call, of so many bytes together (docs.aws.amazon.com/sns/latest/api,
# PublishBatch); attributes count as well.
MOST_IN_CALL = 10
MOST_BYTES = 240_000


class EventData(BaseModel):
    """What an event of one type says: ids, amounts in minor units, codes. No name, address, e-mail
    or token, unless the type is `personal`, which only the mail's queue may take.

    Fields are only ever added: a listener ignores what it does not know. Whatever would break one
    is a model of its own with the next `v`, published beside this one for one release.
    """

    # A call pays for the schemas that it uses.
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, defer_build=True
    )

    type: ClassVar[str]
    v: ClassVar[int] = 1
    personal: ClassVar[bool] = False


D = TypeVar("D", bound=EventData)


@dataclass(frozen=True)
class Event:
    """One thing that happened. `at` is epoch seconds. `seq` is its place among the events of its
    order, 0 where nothing counts. `quiet`: nobody is to be mailed about it, e.g. of an order that
    was moved in from another shop."""

    id: str
    type: str
    at: int
    data: Mapping[str, Any]
    v: int = 1
    seq: int = 0
    correlation_id: str = ""
    quiet: bool = field(default=False)

    def body(self) -> dict[str, Any]:
        """The message, as listeners get it."""
        return {
            "id": self.id,
            "type": self.type,
            "v": self.v,
            "at": clock.iso(self.at),
            "seq": self.seq,
            "correlationId": self.correlation_id,
            "quiet": self.quiet,
            "data": dict(self.data),
        }


class NotPublished(Unavailable):
    """The topic did not take these; the others are on it."""

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__()
        self.events = events


def made(
    data: EventData,
    *,
    id: str,  # noqa: A002
    at: int,
    seq: int = 0,
    correlation_id: str | None = None,
    quiet: bool = False,
) -> Event:
    """An event of what a model says. Without a `correlation_id` it has that of the call at hand."""
    return Event(
        id,
        data.type,
        at,
        data.model_dump(mode="json", by_alias=True, exclude_none=True),
        data.v,
        seq,
        telemetry.correlation_id() if correlation_id is None else correlation_id,
        quiet,
    )


def read(event: Event, model: type[D]) -> D:
    """What an event says, as the model of its type. Raises ValueError for what is none."""
    return model.model_validate(event.data)


def parsed(message: Mapping[str, Any]) -> Event:
    """A message as its event. Raises KeyError, TypeError or ValueError for what is none."""
    return Event(
        message["id"],
        message["type"],
        clock.epoch(message["at"]),
        dict(message["data"]),
        int(message["v"]),
        int(message["seq"]),
        message.get("correlationId") or "",
        bool(message.get("quiet")),
    )


@cache
def _client() -> Any:
    return get_session().create_client(
        "sns",
        region_name=settings().region,
        config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3}),
    )


def publish(event: Event) -> None:
    """Put the event on the topic; it is durable when this returns. Raises NotPublished, and what
    botocore raises while SNS is out of reach."""
    if left := _publish([event]):
        raise NotPublished(left)


def publish_all(events: Iterable[Event]) -> None:
    """Put events on the topic, ten in one call; they are durable when this returns. Raises
    NotPublished with those that are not."""
    left: list[Event] = []
    cause: Exception | None = None
    for some in _calls(events):
        try:
            left += _publish(some)
        except Exception as error:
            left += some
            cause = error
    if left:
        raise NotPublished(left) from cause


def _publish(events: Sequence[Event]) -> list[Event]:
    """One call; answers those that failed, which SNS tells with a 200."""
    dry_run.check("PublishBatch")
    answer = _client().publish_batch(
        TopicArn=settings().shop_events_topic_arn,
        # By place: a stream that repeats a record has one event twice.
        PublishBatchRequestEntries=[
            {
                "Id": str(place),
                "Message": json.dumps(event.body()),
                "MessageAttributes": _attributes(event),
            }
            for place, event in enumerate(events)
        ],
    )
    for failed in answer.get("Failed", []):
        telemetry.logger().error("event refused", extra={"code": failed.get("Code")})
    return [events[int(failed["Id"])] for failed in answer.get("Failed", [])]


def _attributes(event: Event) -> dict[str, Any]:
    """What a subscription's filter sees."""
    values = {"type": event.type, "v": str(event.v), "quiet": str(event.quiet).lower()}
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def _calls(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events, as many together as one call takes."""
    some: list[Event] = []
    size = 0
    for event in events:
        length = len(json.dumps(event.body())) + 200
        if some and (len(some) == MOST_IN_CALL or size + length > MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(event)
        size += length
    if some:
        yield some
