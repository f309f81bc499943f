"""Unusual behaviour: facts about an identity are counted, and told of once when they are many.

A fact has an id, so that what comes twice (a webhook, a write whose reply was lost) counts once.
Telling is an event `security.unusual`, whose id follows from the window: listeners take what comes
twice as one. Noticing never stands in the way of what it notices.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.kernel import audit, cache, limits, rates, telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Image, size_of
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import derived, token
from chalicelib.kernel.limits import Signal
from chalicelib.kernel.messaging import events
from chalicelib.security import blocks
from chalicelib.security.events import UnusualBehaviour
from chalicelib.security.tables import SignalItem

KEPT_SECONDS = 3_600
# Whoever tells has so long; then the next fact may tell in its place.
TELLING_SECONDS = 60
# Kinds of identity that can be blocked.
PAUSED_KINDS = (rates.ADDRESS, "user")
# What a refused call says of its caller, by the error's code.
OF_CODES: Mapping[str, Signal] = {
    "WRONG_CREDENTIALS": limits.FAILED_SIGN_INS,
    "TOO_MANY_HOLDS": limits.REFUSED_HOLDS,
    "TOO_MANY_UNITS_HELD": limits.REFUSED_HOLDS,
    "ORDER_NOT_FOUND": limits.GUESSED_TOKENS,
    "PAYMENT_NOT_FOUND": limits.GUESSED_TOKENS,
    "CART_NOT_FOUND": limits.GUESSED_TOKENS,
}


@dataclass(frozen=True)
class RefusedCall:
    """What is known of a call that ended in an error."""

    source_ip: str
    user_id: str | None
    path: str
    request_id: str


@dataclass(frozen=True)
class _Shop:
    """Who acts when the shop does by itself."""

    name: str = "shop"


class _Full(Exception):
    """The facts of this window are many already."""

    def __init__(self, before: Image) -> None:
        super().__init__()
        self.reported = before.get("told_at") is not None


# Windows that were told of: until they end nothing more is counted.
_told: cache.Memory[bool] = cache.Memory(seconds=24 * 3_600, size=20_000)


def notice(signal: Signal, who: str, fact: str, *, now: int) -> bool:
    """Count one fact about an identity (`ids.identity`); answers whether it was told of now.

    Never raises: what is noticed goes on, whatever becomes of noticing.
    """
    try:
        return _notice(signal, who, fact, now)
    except Exception as error:
        telemetry.logger().warning("could not notice", exc_info=error)
        return False


def notice_refusal(code: str, call: RefusedCall, *, now: int) -> None:
    """Count what an error's code says of who got it, by address and by account."""
    signal = OF_CODES.get(code)
    if signal is None:
        return
    # A tab that asks for its old cart again and again is no guessing: ids count, not calls.
    fact = call.path if signal is limits.GUESSED_TOKENS else call.request_id
    notice(signal, rates.address(call.source_ip), fact, now=now)
    if call.user_id:
        notice(signal, blocks.account(call.user_id), fact, now=now)


def notice_buyer(source_ip: str, email: str, *, now: int) -> None:
    """Watch how many different people buy from one address."""
    notice(limits.MANY_EMAILS, rates.address(source_ip), email.lower(), now=now)


def notice_declined(holders: Iterable[str], event_id: str, *, now: int) -> None:
    """Watch whose payments the banks refuse; `holders` are identities."""
    for who in holders:
        notice(limits.DECLINED_PAYMENTS, who, event_id, now=now)


def _notice(signal: Signal, who: str, fact: str, now: int) -> bool:
    window = now // signal.seconds
    ends = (window + 1) * signal.seconds
    bucket = f"{signal.name}#{who}#{window}"
    if _told.get(bucket):
        return False
    most = rates.of_stage(signal.most, who)
    if _enter(bucket, fact, most, ends):
        return _report(signal, who, bucket, most, now)
    return False


def _enter(bucket: str, fact: str, most: int, ends: int) -> bool:
    """Put the fact in; answers whether it is to be told of."""
    digest = hashlib.sha256(fact.encode()).hexdigest()[:16]
    try:
        item = dynamo.update(
            SignalItem(bucket),
            [SignalItem.seen.add({digest}), SignalItem.expires_at.set(ends + KEPT_SECONDS)],
            # A set: the same fact entered twice is in it once.
            condition=SignalItem.seen.does_not_exist() | (size_of(SignalItem.seen) < most),
            on_condition_failed=_Full,
        )
    except _Full as full:
        if full.reported:
            _told.set(bucket, True)
        return not full.reported
    return len(item.seen or ()) >= most


def _report(signal: Signal, who: str, bucket: str, most: int, now: int) -> bool:
    """Tell of it and keep it in mind: claimed first, noted last.

    A crash in between is made good by the next fact, with the same event.
    """
    if not _claim(bucket, now):
        return False
    paused = _pause(signal, who, now)
    event = UnusualBehaviour(
        signal=signal.name,
        identity=who,
        count=most,
        window_seconds=signal.seconds,
        paused_seconds=signal.pause_seconds if paused else 0,
    )
    events.publish(events.made(event, id=derived("evt", event.type, bucket), at=now))
    audit.record(
        _Shop(),
        "security.unusual",
        who,
        after={"signal": signal.name, "paused": paused},
        address="-",
        request_id=bucket,
        now=now,
    )
    telemetry.metric({"UnusualBehaviour": 1})
    # Told twice is the same event; so there is nothing to compare with.
    dynamo.update(
        SignalItem(bucket),
        [SignalItem.told_at.set(now)],
        condition=None,
        on_condition_failed=StaleState(),
    )
    _told.set(bucket, True)
    return True


def _claim(bucket: str, now: int) -> bool:
    teller = token()
    free = SignalItem.telling_until.does_not_exist() | (SignalItem.telling_until <= now)
    try:
        dynamo.update(
            SignalItem(bucket),
            [SignalItem.teller.set(teller), SignalItem.telling_until.set(now + TELLING_SECONDS)],
            condition=SignalItem.told_at.does_not_exist() & (free | (SignalItem.teller == teller)),
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return False
    return True


def _pause(signal: Signal, who: str, now: int) -> bool:
    if not signal.pause_seconds or who.partition(":")[0] not in PAUSED_KINDS:
        return False
    return blocks.pause(who, signal.name, until=now + signal.pause_seconds, now=now)
