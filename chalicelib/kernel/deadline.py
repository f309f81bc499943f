"""How long the work at hand may still go on: set where it begins, asked where it may take long.

A request ends with API Gateway's patience or its function's time, whichever comes first; a worker
with its function's time. The edge and the workers set the end; what calls a provider, goes through
many rows or waits asks how much is left. Why it is not an argument:
docs/decisions/0002-deadlines-and-outages.md.

The last seconds belong to what is under way: the writes after a provider's late answer, and the
answer itself. So `left` is over while the function still runs.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.kernel import clock
from chalicelib.kernel.errors import Unavailable

# API Gateway gives up on a REST call after 29 seconds, and its own 504 has no envelope of ours
# (docs.aws.amazon.com/apigateway/latest/developerguide/limits.html, "Integration timeout").
GATEWAY_SECONDS = 29.0
# For the transaction after a provider's last answer with its tries, and for the answer.
CLOSING_SECONDS = 4.0
# A cold start is the most that passes between the gateway and us; more is a clock that is wrong.
LONGEST_START_SECONDS = 10.0
# A call for which there is less time than this is not begun: it would only be cut off.
SHORTEST_CALL_SECONDS = 1.0


class OutOfTime(Unavailable):
    """The time for this work is over; what is not begun is left for the next try."""


_end: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done inside has `seconds`, and never more than what is outside has left."""
    outer, mine = _end.get(), clock.monotonic() + seconds
    token = _end.set(mine if outer is None else min(mine, outer))
    try:
        yield
    finally:
        _end.reset(token)


def began(gateway_context: Mapping[str, Any]) -> float | None:
    """When API Gateway took a call, in epoch seconds, by its `requestContext`."""
    epoch = gateway_context.get("requestTimeEpoch")
    return int(epoch) / 1000 if epoch else None


@contextmanager
def of_request(chalice_request: Any) -> Iterator[None]:
    """The time of a request: what the gateway still waits, or the function has left."""
    since = began(chalice_request.context)
    passed = clock.millis() / 1000 - since if since else 0.0
    gateway = GATEWAY_SECONDS - min(max(passed, 0.0), LONGEST_START_SECONDS)
    function = _remaining(getattr(chalice_request, "lambda_context", None))
    with within(min(gateway, function) - CLOSING_SECONDS):
        yield


@contextmanager
def of_worker(context: Any) -> Iterator[None]:
    """The time of a queue's, a stream's or a schedule's worker; without end where no function runs
    it (`context` is None)."""
    with within(_remaining(context) - CLOSING_SECONDS):
        yield


def left() -> float:
    """Seconds until the end, negative after it; infinity where none is set."""
    end = _end.get()
    return math.inf if end is None else end - clock.monotonic()


def is_over() -> bool:
    """Whether nothing more should be begun."""
    return left() <= 0


def timeouts(connect: float, read: float) -> tuple[float, float]:
    """The (connect, read) timeouts of a call that begins now, together no longer than what is left.
    Raises OutOfTime when that is too little for any call."""
    most = left()
    if most < SHORTEST_CALL_SECONDS:
        raise OutOfTime()
    connect = min(connect, most / 2)
    return connect, min(read, most - connect)


def _remaining(context: Any) -> float:
    asked = getattr(context, "get_remaining_time_in_millis", None)
    return asked() / 1000 if asked else math.inf
