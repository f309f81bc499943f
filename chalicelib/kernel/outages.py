"""Providers that are down: known after two failures, then spared until a job has found them well.

What a call costs while a provider hangs, eight seconds and more, is paid twice, not by every buyer.
A request then answers `PROVIDER_BUSY` at once. Jobs (`probing`) ask a provider that is down once in
each run; when it answers, the note goes, and requests ask it again some seconds later. In a queue's
batch (`sparing`) one failure is enough: the messages behind it wait for the next batch.

Only what says that the provider is down counts (`ProviderDown`: no connection, no answer in time, a
5xx). One that refuses, or limits us, has answered: else whoever clicks twice in one moment could
switch off a way to pay for everybody.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from chalicelib.kernel import clock, deadline, telemetry
from chalicelib.kernel.cache import Memory
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.errors import NotAsked, ProviderDown, ShopError
from chalicelib.kernel.tables import OutageItem

FAILURES = 2
# Failures one after the other count together for so long.
COUNTED_SECONDS = 60
# How long a function goes by what it has read of the note: requests ask again so long after a job
# has found the provider well.
READ_SECONDS = 5
# No answer within less time than this says nothing, if it was our own time that was over.
PATIENCE_SECONDS = 2.0


@dataclass
class _Run:
    """One run of a job or a batch: whether it may ask who is down, how often each failed in a row,
    and who is not asked again in it."""

    probes: bool
    failures: Counter[str] = field(default_factory=Counter)
    spared: set[str] = field(default_factory=set)

    def note_failure(self, provider: str) -> None:
        self.failures[provider] += 1
        # One row may have a trouble of its own at a provider that is well: a job gives it another
        # chance. A batch's messages have theirs in the next one.
        once = not self.probes or is_down(provider)
        if self.failures[provider] >= (1 if once else FAILURES):
            self.spared.add(provider)


_failures: Memory[int] = Memory(seconds=COUNTED_SECONDS, stale_seconds=0)
_down: Memory[bool] = Memory(seconds=READ_SECONDS)
_run: ContextVar[_Run | None] = ContextVar("run", default=None)


@contextmanager
def probing() -> Iterator[None]:
    """A job's run: who is down is asked all the same, until it fails once more in this run; who is
    not, until it fails twice."""
    with _running(_Run(probes=True)):
        yield


@contextmanager
def sparing() -> Iterator[None]:
    """A batch: who fails once in it is not asked again in it."""
    with _running(_Run(probes=False)):
        yield


@contextmanager
def watched(provider: str) -> Iterator[None]:
    """Around one call to a provider, its own repeats included. Raises NotAsked, and makes no call,
    while the provider is known to be down; what the call raises is seen and passed on."""
    check(provider)
    begun = clock.monotonic()
    try:
        yield
    except NotAsked:
        raise
    except ProviderDown:
        ours = deadline.left() < deadline.SHORTEST_CALL_SECONDS
        if not ours or clock.monotonic() - begun >= PATIENCE_SECONDS:
            _note_failure(provider)
        raise
    except deadline.OutOfTime:
        raise
    except ShopError:
        _note_answer(provider)
        raise
    _note_answer(provider)


def check(provider: str) -> None:
    """Raises NotAsked while the provider is known to be down."""
    run = _run.get()
    if run is not None and provider in run.spared:
        raise NotAsked()
    if (run is None or not run.probes) and is_down(provider):
        raise NotAsked()


def is_down(provider: str) -> bool:
    """Whether it is known to be down, as of some seconds ago."""
    try:
        return _down.get_or_fetch(provider, lambda: dynamo.get(OutageItem, provider) is not None)
    except Exception as error:
        # Not known: the worst is a call that fails.
        telemetry.logger().warning("outages not read", exc_info=error)
        return False


def current() -> Iterator[str]:
    """Who is down now: a handful of rows at most, for jobs."""
    # The key alone: a row that can't be read must not end the list.
    for key in scanning.everything(OutageItem, ["provider"]):
        yield key.provider


def end(provider: str) -> None:
    """It is well again: requests ask it once more."""
    _failures.delete(provider)
    # Not "well" but unknown: another process may have noted it anew.
    _down.delete(provider)
    try:
        OutageItem(provider).delete()
    except Exception as error:
        telemetry.logger().warning("end of an outage not noted", exc_info=error)


def _note_failure(provider: str) -> None:
    run = _run.get()
    if run is not None:
        run.note_failure(provider)
    count = (_failures.get(provider) or 0) + 1
    _failures.set(provider, count)
    telemetry.metric({"ProviderFailures": 1}, provider=provider)
    if count >= FAILURES:
        _note_outage(provider)


def _note_outage(provider: str) -> None:
    _down.set(provider, True)
    telemetry.logger().error("provider is down", extra={"provider": provider})
    telemetry.metric({"ProviderDown": 1}, provider=provider)
    try:
        OutageItem(provider, since=clock.now()).save()
    except Exception as error:
        # This process knows it for some seconds; the next two failures note it again.
        telemetry.logger().warning("outage not noted", exc_info=error)


def _note_answer(provider: str) -> None:
    _failures.delete(provider)
    run = _run.get()
    if run is not None:
        del run.failures[provider]
    if run is not None and run.probes and is_down(provider):
        end(provider)


@contextmanager
def _running(run: _Run) -> Iterator[None]:
    token = _run.set(run)
    try:
        yield
    finally:
        _run.reset(token)
