"""What the providers have captured, and for which of the shop's payments."""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.kernel import clock
from chalicelib.payments import claims, listing, service
from chalicelib.payments.ports import Seen, State
from chalicelib.payments.registry import ready

# Between who saw money come in and who asked for it.
CLOCKS_DIFFER_SECONDS = 180


def captured(name: str, *, since: int) -> Iterator[Seen]:
    """All that a provider has captured since then: what it lists, or else what it says of each
    payment that the shop has begun there."""
    listed = ready(name).captured(since)
    if listed is None:
        listed = _of_our_own(name, since)
    for seen in listed:
        yield _whose(name, seen) if seen.payment_id is None else seen


def _of_our_own(name: str, since: int) -> Iterator[Seen]:
    for payment_id in listing.not_open(name, since=since, now=clock.now()):
        payment = service.read(payment_id)
        outcome = service.status(payment, take=False) if payment else None
        if outcome is not None and outcome.state == State.PAID:
            yield Seen(payment_id, outcome)


def _whose(name: str, seen: Seen) -> Seen:
    """What came in with the payment that it was counted for, or that asked for it by its tail; as
    it is where none did, or where that one was begun later, or is paid by other money: what is sent
    twice is nobody's."""
    outcome = seen.outcome
    if (held := claims.holder(outcome)) is not None:
        return replace(seen, payment_id=held)
    found = claims.owner(name, outcome.amount.wire(), seen.tail or 0) if outcome.amount else None
    payment = service.read(found) if found else None
    if payment is None or (seen.at or 0) < payment.created_at - CLOCKS_DIFFER_SECONDS:
        return seen
    if payment.capture_id not in (None, outcome.capture_id):
        return seen
    outcome = replace(outcome, session_id=payment.session_id)
    return replace(seen, payment_id=payment.payment_id, outcome=outcome)
