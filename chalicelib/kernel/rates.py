"""Limits on how often somebody may do something: counted atomically, refused before the work.

A window is fixed: `sign_in#<who>#<number of the window>`. Around its border somebody may spend
twice the figure in a short time; what an allowance protects must bear that.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from chalicelib.config import settings
from chalicelib.kernel import cache
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Image
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState, TooMany
from chalicelib.kernel.ids import identity, token
from chalicelib.kernel.limits import By, Limit, Rate
from chalicelib.kernel.tables import RateItem

__all__ = [
    "By",
    "Limit",
    "Rate",
    "Spent",
    "address",
    "enforce",
    "give_back",
    "of_stage",
    "once",
    "spend",
]

ADDRESS = "ip"  # the kind of identity that an address of the net is
KEPT_SECONDS = 3_600  # after its window a bucket is of no use; TTL sweeps it up


class _Caller(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def user_id(self) -> str | None: ...

    @property
    def key_id(self) -> str | None: ...


class Call(Protocol):
    """What of a request decides whose allowance is spent."""

    @property
    def source_ip(self) -> str: ...

    @property
    def caller(self) -> _Caller: ...


# Buckets known to be empty, until long after their window: a flood costs one refused write per
# function, not one per call. An entry is never wrong later, the next window has another name.
_empty: cache.Memory[bool] = cache.Memory(seconds=24 * 3_600, size=20_000)


class _OverLimit(Exception):
    """The condition did not hold; `own` when it was this very spending that used it up."""

    def __init__(self, before: Image, spending: str) -> None:
        super().__init__()
        self.used = int(before.get("used", 0))
        self.own = before.get("last") == spending


@dataclass(frozen=True)
class Spent:
    """Units of one allowance that were taken, and may be given back."""

    bucket: str
    units: int


def spend(rate: Rate, who: str, *, now: int, units: int = 1, returns: bool = False) -> Spent:
    """Take `units` from the allowance of `who` (`ids.identity`), or raise TooMany. `returns`: what
    is taken may be given back, so that a bucket found empty is not taken for empty next time.

    One conditional write: a thousand at once never get more than there is. When a reply is lost
    and others spend meanwhile it may count twice, so that it errs on the strict side.
    """
    window, ends = now // rate.seconds, (now // rate.seconds + 1) * rate.seconds
    bucket = f"{rate.name}#{who}#{window}"
    most = of_stage(rate.most, who)
    if units > most or _empty.get(bucket):
        raise _too_many(ends, now)
    spending = token()
    try:
        dynamo.update(
            RateItem(bucket),
            [
                RateItem.used.add(units),
                RateItem.last.set(spending),
                RateItem.expires_at.set(ends + KEPT_SECONDS),
            ],
            condition=RateItem.bucket.does_not_exist()
            | ((RateItem.used <= most - units) & (RateItem.last != spending)),
            on_condition_failed=lambda before: _OverLimit(before, spending),
        )
    except _OverLimit as refused:
        if refused.own:
            return Spent(bucket, units)
        if refused.used >= most and not returns:
            _empty.set(bucket, True)
        raise _too_many(ends, now) from refused
    return Spent(bucket, units)


def give_back(spent: Iterable[Spent]) -> None:
    """Undo some spending, all of it or nothing; exactly once, since a transaction whose reply was
    lost is known by its token. A bucket that is gone by now has nothing to give back to."""
    with suppress(StaleState), Transaction() as tx:
        for each in spent:
            tx.update(
                RateItem(each.bucket),
                [RateItem.used.add(-each.units)],
                condition=RateItem.used >= each.units,
                on_condition_failed=StaleState(),
            )


def once(name: str, what: str, *, until: int) -> bool:
    """Use `what` up, which is good until then: True for whoever is first, and for no other."""
    using = token()
    try:
        dynamo.update(
            RateItem(f"{name}#{what}"),
            [
                RateItem.used.set(1),
                RateItem.last.set(using),
                RateItem.expires_at.set(until + KEPT_SECONDS),
            ],
            condition=RateItem.bucket.does_not_exist(),
            on_condition_failed=lambda before: _OverLimit(before, using),
        )
    except _OverLimit as refused:
        return refused.own
    return True


def enforce(limits: Iterable[Limit], call: Call, *, now: int) -> None:
    """Spend one unit of each limit for the call; raises TooMany at the first that is used up."""
    for limit in limits:
        who = _whose(limit.by, call)
        if who is not None:
            spend(limit.rate, who, now=now)


def address(source_ip: str) -> str:
    """The identity of an address of the net."""
    return identity(ADDRESS, source_ip)


def _whose(by: By, call: Call) -> str | None:
    if by is By.ADDRESS:
        return address(call.source_ip)
    known = call.caller.user_id or call.caller.key_id
    return identity("caller", call.caller.name) if known else None


def of_stage(figure: int, who: str) -> int:
    """A figure as this stage means it: on a laptop all shoppers share one address."""
    shared = who.startswith(f"{ADDRESS}:")
    return figure * settings().address_factor if shared else figure


def _too_many(ends: int, now: int) -> TooMany:
    error = TooMany()
    error.retry_after = max(1, ends - now)
    return error
