"""Facts: written once for each event, read by days. Nobody imports this: reports are a listener."""

from chalicelib.kernel import clock
from chalicelib.kernel.messaging.events import Event
from chalicelib.reporting import tables
from chalicelib.reporting.rules import Fact, fact_of

DAY_SECONDS = 86_400


def record(event: Event) -> None:
    """Write an event's fact. Whatever came before it, and however often it comes, the same."""
    # Unconditional: the same event writes the same item again.
    tables.item_of(fact_of(event)).save()


def between(since: int, until: int) -> list[Fact]:
    """The facts of these seconds since the epoch, the last one not included, the oldest first."""
    first = since - since % DAY_SECONDS
    days = [clock.day(begin) for begin in range(first, until, DAY_SECONDS)]
    found = [item.as_fact() for day in days for item in tables.of_day(day, since, until)]
    return sorted(found, key=lambda fact: (fact.at, fact.event_id))
