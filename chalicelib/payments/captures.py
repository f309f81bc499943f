"""What the providers have captured, and for which of the shop's payments."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from chalicelib.kernel import clock
from chalicelib.payments import claims, listing, service
from chalicelib.payments.ports import Seen, State, Unread
from chalicelib.payments.registry import ready

# Between who saw money come in and who asked for it.
CLOCKS_DIFFER_SECONDS = 180


@dataclass(frozen=True)
class Row:
    """One row of what was captured: its id, for the log, and what looks at it; None where it shows
    no money. Looking may raise, and then fails for this row alone."""

    key: str
    fetch: Callable[[], Seen | None]


def rows(name: str, *, since: int) -> Iterator[Row]:
    """All that a provider has captured since then: what it lists, or else what it says of each
    payment that the shop has begun there."""
    listed = ready(name).captured(since)
    if listed is None:
        for payment_id in listing.not_open(name, since=since, now=clock.now()):
            yield Row(payment_id, partial(_asked, payment_id))
        return
    for seen in listed:
        key = seen.key if isinstance(seen, Unread) else seen.payment_id or seen.outcome.capture_id
        yield Row(key or "?", partial(_listed, name, seen))


def captured(name: str, *, since: int) -> Iterator[Seen]:
    """The same, each looked at; raises what the first that fails raises."""
    yield from filter(None, (row.fetch() for row in rows(name, since=since)))


def _asked(payment_id: str) -> Seen | None:
    payment = service.read(payment_id)
    outcome = service.status(payment, take=False) if payment else None
    if outcome is None or outcome.state != State.PAID:
        return None
    return Seen(payment_id, outcome)


def _listed(name: str, seen: Seen | Unread) -> Seen:
    if isinstance(seen, Unread):
        raise seen.error
    return _whose(name, seen) if seen.payment_id is None else seen


def _whose(name: str, seen: Seen) -> Seen:
    """What came in with the payment that it was counted for, or that asked for it by its
    amount_suffix; as it is where none did, or where that one was begun later, or is paid by other
    money: what is sent twice is nobody's."""
    outcome = seen.outcome
    if (held := claims.holder(outcome)) is not None:
        return replace(seen, payment_id=held)
    found = (
        claims.owner(name, outcome.amount.wire(), seen.amount_suffix or 0)
        if outcome.amount
        else None
    )
    payment = service.read(found) if found else None
    if payment is None or (seen.at or 0) < payment.created_at - CLOCKS_DIFFER_SECONDS:
        return seen
    if payment.capture_id not in (None, outcome.capture_id):
        return seen
    outcome = replace(outcome, session_id=payment.session_id)
    return replace(seen, payment_id=payment.payment_id, outcome=outcome)
