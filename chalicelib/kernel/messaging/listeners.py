"""Listeners: functions that an event calls, each by itself.

    @listens("order.paid", "order.refunded")
    def note(event: Event) -> None: ...

stands in a context's `workers.py`, and is found there. A listener's name is its context's and its
own: `reporting.note`. Events come at least once and in no order, and a listener is called again
after it failed: **its effect must be keyed by the event's id**, and it decides by what it reads now
or by `seq`, never by what came last. It fails alone: while others take the same event, it is
called again with a message of its own, which ends among the dead letters with its name on it.

All listeners share one queue, whose subscription asks for just the types that they listen to. One
whose partner is slow names a queue of its own, so that it keeps nobody waiting: a row with
`events = true` in infra/functions.toml, and a worker that dispatches that queue's messages, as
`events/workers.py` does for the shared one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from chalicelib.kernel import telemetry
from chalicelib.kernel.messaging import queues
from chalicelib.kernel.messaging.events import Event, parsed

PACKAGE = Path(__file__).parents[2]
SHARED = "listeners"
# In a message for one listener alone: after the others took it, or in a replay.
TO = "to"

Handle = Callable[[Event], object]


@dataclass(frozen=True)
class Listener:
    """`v` is the version that it takes of its types; `quiet`, whether it takes quiet events too."""

    name: str
    types: frozenset[str]
    handle: Handle
    queue: str = SHARED
    v: int = 1
    quiet: bool = False

    def takes(self, event: Event) -> bool:
        return event.type in self.types and event.v == self.v and (self.quiet or not event.quiet)


class UnknownListener(RuntimeError):
    """A message for a listener that this release does not have."""


_registered: dict[str, Listener] = {}


def listens(
    *types: str, queue: str = SHARED, v: int = 1, quiet: bool = False
) -> Callable[[Handle], Handle]:
    """Call the function for each event of these types; see `Listener` for the rest."""

    def register(handle: Handle) -> Handle:
        context = handle.__module__.rpartition(".")[0].rpartition(".")[2]
        name = f"{context}.{handle.__name__}"
        _registered[name] = Listener(name, frozenset(types), handle, queue, v, quiet)
        return handle

    return register


def found() -> Mapping[str, Listener]:
    """All listeners by name: those of every `workers.py` in a context's folder."""
    _load()
    return _registered


@cache
def _load() -> None:
    for path in sorted(PACKAGE.glob("*/workers.py")):
        module = import_module(f"{PACKAGE.name}.{path.parent.name}.workers")
        # Modules run when something of them is used: each has its `workers`.
        _ = module.workers


def policy(queue: str, listeners: Iterable[Listener]) -> dict[str, list[str]]:
    """The filter of a queue's subscription: just what its listeners take."""
    mine = [one for one in listeners if one.queue == queue]
    asked = {
        "type": sorted({each for one in mine for each in one.types}),
        "v": sorted({str(one.v) for one in mine}),
    }
    return asked if any(one.quiet for one in mine) else {**asked, "quiet": ["false"]}


def dispatch(
    message: Mapping[str, Any],
    *,
    send: Callable[[dict[str, Any]], None],
    queue: str = SHARED,
    listeners: Mapping[str, Listener] | None = None,
) -> None:
    """Call those who take a message of their queue; raises what the only one raises.

    Of several, those that fail get the message again for themselves alone, by `send`, which puts it
    on the queue: nobody's work is done again because of somebody else's fault. A crash before the
    message is gone repeats all of it, which keys by the event's id make harmless.
    """
    event = parsed(message)
    wanted = _wanted(message, event, queue, found() if listeners is None else listeners)
    if len(wanted) == 1:
        wanted[0].handle(event)
        return
    for listener in wanted:
        try:
            listener.handle(event)
        except Exception as error:
            facts = {"listener": listener.name, "event": event.id}
            telemetry.logger().warning("listener failed", extra=facts, exc_info=error)
            send({**message, TO: listener.name})


def _wanted(
    message: Mapping[str, Any], event: Event, queue: str, listeners: Mapping[str, Listener]
) -> list[Listener]:
    """Who takes it: nobody, where a type is not listened to any more; filters follow minutes
    later."""
    name = message.get(TO)
    if name is None:
        return [one for one in listeners.values() if one.queue == queue and one.takes(event)]
    if name not in listeners:
        # Of a release before or after this one: tried again, and then kept among the dead letters.
        raise UnknownListener(str(name))
    return [listeners[name]] if listeners[name].takes(event) else []


def send_to(queue_url: str) -> Callable[[dict[str, Any]], None]:
    """What puts a message on this queue."""
    return lambda message: queues.send(queue_url, message)
