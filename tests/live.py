"""This process as a part of a running cloud: its services on the emulator's tables, not on moto's.

Where several threads write at once only the emulator tells the truth: moto is not atomic.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from localcloud import Cloud
from localcloud.settings import tool_environment
from tests import stage

T = TypeVar("T")

# Longer than anything here takes, so that what fails is the shop and never the clock.
DEADLINE_SECONDS = 60.0
_PAUSE_SECONDS = 0.05


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """These variables for the block, with nothing kept from before or after it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    stage.forget()
    try:
        yield
    finally:
        stage.forget()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


@contextmanager
def on_local_stage(cloud: Cloud) -> Iterator[None]:
    """The deployed shop's own tables, as a tool of this project reaches them."""
    with environment({**tool_environment(cloud.aws), "LOG_LEVEL": "CRITICAL"}):
        yield


@contextmanager
def on_test_stage(cloud: Cloud, secrets: dict[str, str]) -> Iterator[None]:
    """A stage of its own beside the deployed one: tables without a single function on them."""
    aws = cloud.aws
    made = dict.fromkeys(stage.MADE, "")
    with environment({**stage.ENVIRONMENT, **aws.environment(), **made}):
        stage.build(secrets, endpoint_url=aws.endpoint)
        try:
            yield
        finally:
            for definition in stage.table_definitions():
                aws.client("dynamodb").delete_table(TableName=definition["TableName"])
            aws.client("sqs").delete_queue(QueueUrl=os.environ["PAYMENT_EVENTS_QUEUE_URL"])
            aws.client("sns").delete_topic(TopicArn=os.environ["SHOP_EVENTS_TOPIC_ARN"])


def until(look: Callable[[], T], what: str, seconds: float = DEADLINE_SECONDS) -> T:
    """What `look` answers as soon as that is true; AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}; last: {found}"
        time.sleep(_PAUSE_SECONDS)
    return found


def at_once(jobs: list[Callable[[], T]]) -> list[T]:
    """Run every job in a thread of its own, all let go at the same moment; their answers in order.

    A job that raises raises here, once all have ended.
    """
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        gate.wait(DEADLINE_SECONDS)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def attempt(job: Callable[[], Any]) -> Any:
    """What the job answers, or the error it raised."""
    try:
        return job()
    except Exception as error:
        return error


class Meeting:
    """A place in the code where each thread waits, the first time it comes by, for all others."""

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties)
        self._local = threading.local()

    def wait(self) -> None:
        if not getattr(self._local, "met", False):
            self._local.met = True
            self._barrier.wait(DEADLINE_SECONDS)

    def after(self, function: Callable[..., T]) -> Callable[..., T]:
        """`function`, with the meeting after its first run in each thread."""

        def met(*args: Any, **named: Any) -> T:
            answer = function(*args, **named)
            self.wait()
            return answer

        return met

    def before(self, function: Callable[..., T]) -> Callable[..., T]:
        """`function`, with the meeting before its first run in each thread."""

        def met(*args: Any, **named: Any) -> T:
            self.wait()
            return function(*args, **named)

        return met
