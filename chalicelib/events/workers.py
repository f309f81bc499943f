"""The streams' relay to the topic, and the shared queue of those who listen to it."""

from collections.abc import Iterator
from typing import Any

from chalice.app import Blueprint

from chalicelib.config import settings
from chalicelib.events import relay as relaying
from chalicelib.kernel.messaging import listeners
from chalicelib.kernel.messaging.worker import Step, each_message, stream_records

workers = Blueprint(__name__)


@workers.lambda_function(name="relay")
@stream_records(park=relaying.park)
def relay(records: list[dict[str, Any]]) -> Iterator[Step]:
    yield from relaying.steps(records)


@workers.lambda_function(name="listen")
@each_message
def listen(message: dict[str, Any]) -> None:
    listeners.dispatch(message, send=listeners.send_to(settings().listeners_queue_url))
