"""What was written becomes events: new lines of an order's history, a payment's new status, a new
cart, a changed product. Nothing else publishes these, so no second write can be lost.

A stream repeats records, and a record's events have the same ids each time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import batched
from typing import Any

from chalicelib.cart import events as carts
from chalicelib.catalog import events as catalog
from chalicelib.config import settings
from chalicelib.kernel.db.values import image
from chalicelib.kernel.messaging import events, queues
from chalicelib.kernel.messaging.events import Event, NotPublished
from chalicelib.kernel.messaging.worker import SomeFailed, Step
from chalicelib.orders import events as orders
from chalicelib.payments import events as payments

Record = Mapping[str, Any]
# As many events in one step as go out in one call or two; then what fails is not the whole batch.
TOGETHER = 10


def steps(records: Iterable[dict[str, Any]]) -> Iterator[Step]:
    """Read each record's events, each by itself; then publish all of them, ten in one call."""
    found: list[tuple[dict[str, Any], Event]] = []
    for record in records:
        yield record, partial(_collect, record, found)
    for some in batched(found, TOGETHER, strict=False):
        yield some[0][0], partial(_publish, some)


def _collect(record: dict[str, Any], found: list[tuple[dict[str, Any], Event]]) -> None:
    found.extend([(record, event) for event in list(events_of(record))])


def _publish(some: Sequence[tuple[dict[str, Any], Event]]) -> None:
    try:
        events.publish_all([event for _, event in some])
    except NotPublished as error:
        missing = {event.id for event in error.events}
        raise SomeFailed([record for record, event in some if event.id in missing]) from error


def events_of(record: Record) -> Iterator[Event]:
    """The events of one record of a stream. Raises KeyError, TypeError or ValueError for one that
    can't be read."""
    change = record["dynamodb"]
    ((key, _),) = change["Keys"].items()
    before, after = image(change.get("OldImage")), image(change.get("NewImage"))
    yield from _OF_TABLES[key](record, before, after)


def _of_order(record: Record, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Event]:
    # An erasure keeps the lines, so it tells nothing.
    yield from orders.of_history(after, since=len(before.get("history") or []))


def _of_payment(record: Record, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Event]:
    if after:
        yield from _one(payments.of_change(before, after, **_when(record)))


def _of_product(record: Record, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Event]:
    yield from _one(catalog.of_change(before, after, **_when(record)))


def _of_cart(record: Record, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Event]:
    if after and not before:
        yield carts.of_insert(after, at=_when(record)["at"])


# A table by the name of its key.
_OF_TABLES: Mapping[str, Callable[..., Iterator[Event]]] = {
    "order_id": _of_order,
    "payment_id": _of_payment,
    "product_id": _of_product,
    "cart_id": _of_cart,
}


def _one(event: Event | None) -> Iterator[Event]:
    if event is not None:
        yield event


def _when(record: Record) -> dict[str, Any]:
    """When a record was written, and what names it: the same each time that it comes."""
    change = record["dynamodb"]
    return {"at": int(change["ApproximateCreationDateTime"]), "change": change["SequenceNumber"]}


# What events are made of: nothing of a person is parked with a record, and a message has few bytes
# (256 KiB). Of a product that had another image before, that there is a new one says it changed.
_READ = {
    "NewImage": frozenset(
        """order_id number cart_id kind currency locale total shipping_price balance_part lines
        history payment_id reference provider amount status declined_at correlation_id
        product_id""".split()
    ),
    "OldImage": frozenset("history status declined_at".split()),
}


def park(record: dict[str, Any]) -> None:
    """Put a record whose events are not on the topic on the relay's queue, to be tried again;
    durable when this returns."""
    queues.send(settings().relay_again_queue_url, lean(record))


def lean(record: dict[str, Any]) -> dict[str, Any]:
    """A record without all that no event is made of: names, addresses, notes, links."""
    change = record.get("dynamodb")
    if not isinstance(change, Mapping):
        return {"eventID": record.get("eventID")}
    gone = "NewImage" not in change
    kept = {
        name: _lean_image(value, _READ["NewImage" if gone else name]) if name in _READ else value
        for name, value in change.items()
    }
    kept["ApproximateCreationDateTime"] = int(change.get("ApproximateCreationDateTime") or 0)
    return {**record, "dynamodb": kept}


def _lean_image(value: Any, read: frozenset[str]) -> Any:
    if not isinstance(value, Mapping):
        return {}
    return {key: attribute for key, attribute in value.items() if key in read}
