"""The check as its schedule and its queue run it, in a test's process."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from chalicelib.integrity import check
from chalicelib.integrity.compare import METRICS
from chalicelib.jobs import registry, sweep
from chalicelib.jobs.turn import Turn
from chalicelib.jobs.work import work as work_on_job
from chalicelib.kernel import deadline


def work(now: int, *, most_slices: int | None = None) -> dict[str, Any]:
    """Begin the day's run if it is due, and go on with the one that is under way: how far it is.
    After `most_slices` the worker's time is over."""
    with sweep_runs():
        sweep.begin(registry.kind(check.KIND), now)
    run = check.progress()
    assert run is not None
    time = _Time(most_slices)
    with (
        patch.object(Turn, "may_go_on", time.may_go_on(Turn.may_go_on)),
        patch("chalicelib.jobs.work.deadline", time),
    ):
        work_on_job(run.run_id, now)
    return wire()


def sweep_runs() -> Any:
    """What is done inside is done by the function that the schedule runs."""
    from tests.permissions import recorder

    return recorder.running("sweep_jobs")


def wire() -> dict[str, Any]:
    """How far the newest run came and what it found."""
    run = check.progress()
    assert run is not None
    return {
        "run": run.run_id,
        "complete": run.finished_at is not None,
        "part": run.part,
        "rows": dict(run.rows),
        "failed": int(run.failed),
        **{kind: int(run.found.get(kind, 0)) for kind in METRICS},
    }


class _Time:
    """A worker's time, which is over after so many slices."""

    def __init__(self, slices: int | None) -> None:
        self._slices = slices

    def left(self) -> float:
        return deadline.left() if self._slices != 0 else 0.0

    def may_go_on(self, real: Callable[[Turn], bool]) -> Callable[[Turn], bool]:
        def within_time(turn: Turn) -> bool:
            if self._slices == 0:
                return False
            if self._slices:
                self._slices -= 1
            return real(turn)

        return within_time
