"""Tell a listener of the orders once more: `python -m tools.replay reporting.facts`, with STAGE and
TABLE_PREFIX of a stage.

    --type order.paid       only these, as often as you like; else all that it listens to
    --since, --until        days (2026-11-29) or times with their zone
    --order ord_…           of this order alone; else all orders are read
"""

import argparse
from collections.abc import Iterator
from typing import Any

from chalicelib.config import settings
from chalicelib.events import replay
from chalicelib.events.replay import Range
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.db.values import image
from chalicelib.kernel.messaging import queues
from chalicelib.orders.tables import OrderItem


def run(name: str, wanted: Range, order_id: str | None, queue_url: str | None = None) -> int:
    """Replay; answers how many messages were put on the listener's queue."""
    listener = replay.listener(name)
    url = queue_url or queues.url(f"{settings().table_prefix}{listener.queue}")
    return replay.send(replay.events_of(_images(order_id), wanted, listener), listener, url)


def _images(order_id: str | None) -> Iterator[dict[str, Any]]:
    found: Any = scanning.everything(OrderItem)
    if order_id is not None:
        found = filter(None, [dynamo.get(OrderItem, order_id)])
    return (image(item.serialize()) for item in found)


def _seconds(text: str) -> int:
    return clock.epoch(text if "T" in text else f"{text}T00:00:00Z")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listener")
    parser.add_argument("--type", action="append", default=[], dest="types")
    parser.add_argument("--since", type=_seconds, default=0)
    parser.add_argument("--until", type=_seconds, default=2**40)
    parser.add_argument("--order")
    arguments = parser.parse_args()
    wanted = Range(frozenset(arguments.types), arguments.since, arguments.until)
    try:
        listener = replay.listener(arguments.listener)
    except LookupError as error:
        parser.error(str(error))
    if strange := wanted.types - listener.types:
        parser.error(f"{listener.name} does not listen to {', '.join(sorted(strange))}")
    print(f"{run(listener.name, wanted, arguments.order)} messages for {listener.name}")


if __name__ == "__main__":
    main()
