"""The rows of a job: each fails alone, and the job goes on and says so.

    done = rows.work_off("sweep", tables.expired(now), handle=end, key=lambda hold: hold.hold_id)

Whatever is wrong with one row, it is logged with its id and counted, and the next one has its turn.
A job also stops in time, so that its function is not killed in the middle of a row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from chalicelib.kernel import clock, deadline, telemetry
from chalicelib.kernel.deadline import OutOfTime
from chalicelib.kernel.errors import NotAsked

T = TypeVar("T")
S = TypeVar("S")

# One row waits for a provider no longer than this: two that hang still leave a minute's job time.
ROW_SECONDS = 12.0
# Jobs that go through an index take as many rows of it in each turn as they have time for.
TURN_SECONDS = 300
MOST_LISTED = 2_000


@dataclass
class Done:
    """What came of a job's rows. `left` were not reached (at least so many, where nobody knows how
    many there are): time was over, or their provider is known to be down."""

    job: str
    done: int = 0
    failed: int = 0
    left: int = 0
    # Lists of rows that broke off.
    broken: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing remains for another run."""
        return not self.failed and not self.left

    def counts(self) -> dict[str, int]:
        """For the log and the job's answer."""
        return {
            "done": self.done,
            "failed": self.failed,
            "left": self.left,
            "complete": int(self.complete),
        }

    def fail(self, row: str, error: Exception) -> None:
        """Count one row as failed, and log it with its id."""
        self.failed += 1
        telemetry.logger().error("row failed", extra={"job": self.job, "row": row}, exc_info=error)


def work_off(
    job: str, *sources: Iterable[T], handle: Callable[[T], object], key: Callable[[T], str] = str
) -> Done:
    """Run `handle` for each row of each source until time is over. Never raises what a row raises.

    `key` is a row's id, for the log. Rows should be what is cheap to list (ids of an index), read
    anew by `handle`: a row that can't be read then fails alone too. A source that breaks off, e.g.
    a throttled Query, keeps no other source back; its rows are left.
    """
    done = Done(job)
    for source in sources:
        _work_off(done, source, handle, key)
    report(done)
    return done


def in_turns(listed: Iterable[T], *, most: int) -> Iterator[T]:
    """`most` of the rows that are listed, each turn beginning somewhere else among them, however
    few of them it has time for: rows that fail or are slow never keep those behind them waiting."""
    yield from _from_elsewhere(list(islice(listed, MOST_LISTED)), _ROWS)[:most]


def sources_in_turns(sources: Sequence[S]) -> list[S]:
    """All of them, each turn another one first: what fills a whole run keeps no other waiting."""
    return _from_elsewhere(sources, _SOURCES)


# Multiples of an irrational number, without their wholes, come near every place soon, and of two
# such numbers near every pair of places: each row of each source has its turn as the first.
_ROWS, _SOURCES = (5**0.5 - 1) / 2, 2**0.5 - 1


def _from_elsewhere(found: Sequence[S], step: float) -> list[S]:
    start = int(clock.now() // TURN_SECONDS * step % 1 * len(found))
    return [*found[start:], *found[:start]]


def report(done: Done) -> None:
    """Write the job's metrics; the alarms look at them."""
    telemetry.metric(
        {"RowsFailed": done.failed, "JobsIncomplete": int(not done.complete)}, job=done.job
    )


def _work_off(
    done: Done, source: Iterable[T], handle: Callable[[T], object], key: Callable[[T], str]
) -> None:
    reached = 0
    try:
        for row in source:
            if deadline.is_over():
                done.left += len(source) - reached if isinstance(source, Sized) else 1
                return
            reached += 1
            _work_on(done, row, handle, key)
    except (NotAsked, OutOfTime):
        done.left += 1
        done.broken += 1
    except Exception as error:
        # The list of rows itself, not one of them: how many are left, nobody knows.
        telemetry.logger().error("rows broke off", extra={"job": done.job}, exc_info=error)
        done.left += 1
        done.broken += 1


def _work_on(done: Done, row: T, handle: Callable[[T], object], key: Callable[[T], str]) -> None:
    try:
        with deadline.within(ROW_SECONDS):
            handle(row)
        done.done += 1
    except NotAsked:
        # Nothing is wrong with the row; its turn comes with the next run.
        done.left += 1
    except Exception as error:
        if isinstance(error, OutOfTime) and deadline.is_over():
            done.left += 1
        else:
            done.fail(key(row), error)
