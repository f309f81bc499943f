"""Events once more, from the orders' history: for a listener that is new, or that got them wrong.

They have the ids they had, so that whoever keeps effects by id does nothing twice, and they go onto
one listener's queue with its name, never onto the topic. What is not in a history (payments' own
steps, carts, stock, accounts) can't be published again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.kernel.messaging import listeners, queues
from chalicelib.kernel.messaging.events import Event
from chalicelib.kernel.messaging.listeners import TO, Listener
from chalicelib.orders import events as orders


@dataclass(frozen=True)
class Range:
    """Which events: of these types (all that a listener takes, where none is named), of these
    seconds since the epoch, the last one not included."""

    types: frozenset[str] = frozenset()
    since: int = 0
    until: int = 2**40

    def has(self, event: Event) -> bool:
        named = not self.types or event.type in self.types
        return named and self.since <= event.at < self.until


def listener(name: str) -> Listener:
    """The listener of this name. Raises LookupError, which names those there are."""
    known = listeners.found()
    if name not in known:
        raise LookupError(f"no listener {name}; there are {', '.join(sorted(known))}")
    return known[name]


def events_of(images: Iterable[Mapping[str, Any]], wanted: Range, to: Listener) -> Iterator[Event]:
    """The events of these orders (plain values, as they are stored) that the listener takes."""
    for image in images:
        for event in orders.of_history(image):
            if wanted.has(event) and to.takes(event):
                yield event


def send(events: Iterable[Event], to: Listener, queue_url: str) -> int:
    """Put events on a listener's queue, for it alone; answers how many."""
    return queues.send_all(queue_url, ({**event.body(), TO: to.name} for event in events))
