"""Each row of a job has its effect once: after crashes, lost replies, messages that come twice."""

from contextvars import Context

import pytest

from chalicelib.jobs import row, tables, walk, work
from chalicelib.jobs.rules import BUSY_SECONDS, JobState
from chalicelib.kernel import clock
from chalicelib.kernel.errors import AlreadyWritten
from tests.faults.shim import Crash, Point, Shim
from tests.jobs import counting as kinds
from tests.jobs.counting import COUNT, SELECTED, WALKED, begin, counted
from tests.jobs.running import due, outcomes, work_off
from tests.kernel.lost import reply_lost

NAMES = ["a", "b", "c", "d", "e"]
ONCE = dict.fromkeys(NAMES, 1)
# Writes of a job of each kind, from its beginning to its end, with chunks of two rows.
WRITES = {COUNT: 20, SELECTED: 21, WALKED: 8}
POINTS = [
    pytest.param(kind, Point(number, after=after), id=f"{kind}-{number}-{after}")
    for kind, most in WRITES.items()
    for number in range(most)
    for after in (False, True)
]


@pytest.fixture(autouse=True)
def small_chunks(counting, monkeypatch):
    counting.names = NAMES
    for module in ("chalicelib.jobs.lists", "chalicelib.jobs.selecting"):
        monkeypatch.setattr(f"{module}.CHUNK_ROWS", 2)


def whole(kind: str) -> tables.JobItem:
    """A job from its beginning to its end."""
    return work_off(begin(NAMES if kind == COUNT else None, kind))


@pytest.mark.parametrize("kind", WRITES)
def test_each_row_has_its_effect_and_is_counted(kind):
    job = whole(kind)
    assert (job.state, int(job.rows), int(job.done), int(job.failed)) == (JobState.DONE, 5, 5, 0)
    assert counted() == ONCE


@pytest.mark.parametrize("kind", WRITES)
def test_the_points_of_a_crash_reach_to_the_end(kind):
    with Shim() as shim:
        whole(kind)
    assert len(shim.writes) <= WRITES[kind]


@pytest.mark.parametrize(("kind", "point"), POINTS)
def test_a_crash_before_or_after_any_write_neither_loses_a_row_nor_does_it_twice(kind, point):
    try:
        with Shim(crash=point):
            whole(kind)
    except Crash:
        # The call is repeated, or the schedule finds what is there; its worker is waited for.
        clock.shift(2 * BUSY_SECONDS)
        due()
        job = begin(NAMES if kind == COUNT else None, kind)
        assert work_off(job).state == JobState.DONE
    assert counted() == ONCE
    job = begin(NAMES if kind == COUNT else None, kind)
    assert (int(job.rows), int(job.done), int(job.failed)) == (5, 5, 0)


@pytest.mark.parametrize("operation", ["TransactWriteItems", "UpdateItem", "PutItem"])
@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("kind", WRITES)
def test_a_lost_reply_costs_nothing(kind, operation, number):
    with reply_lost(operation, after=number):
        job = whole(kind)
    assert counted() == ONCE
    assert (int(job.rows), int(job.done), int(job.failed)) == (5, 5, 0)


def meanwhile(counting, job, *, at: str, times: int = 1) -> list[str]:
    """Another worker takes the same job's message in the middle of a row."""
    seen: list[str] = []

    def before(name: str) -> None:
        if name == at and len(seen) < times:
            seen.append(name)
            # Of another process: the time that this row has is not that one's.
            Context().run(work.work, job.job_id, clock.now())

    counting.before = before
    return seen


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("at", NAMES)
def test_two_workers_at_once_do_each_row_once(counting, kind, at):
    job = begin(NAMES if kind == COUNT else None, kind)
    seen = meanwhile(counting, job, at=at)
    assert work_off(job).state == JobState.DONE
    assert seen and counted() == ONCE


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("at", NAMES)
def test_a_worker_that_is_thought_dead_and_is_not_does_no_row_twice(
    counting, kind, at, monkeypatch
):
    monkeypatch.setattr(work, "BUSY_SECONDS", 0)
    job = begin(NAMES if kind == COUNT else None, kind)
    seen = meanwhile(counting, job, at=at)
    job = work_off(job)
    assert seen and counted() == ONCE
    assert (int(job.rows), int(job.done), int(job.failed)) == (5, 5, 0)


def test_control_without_the_rows_own_condition_a_row_is_done_twice(counting, monkeypatch):
    monkeypatch.setattr(work, "BUSY_SECONDS", 0)
    monkeypatch.setattr(row.Step, "done", unconditional)
    job = begin(NAMES)
    meanwhile(counting, job, at="c")
    work_off(job)
    assert counted()["c"] == 2


def unconditional(step, tx, result) -> None:
    step.added = True
    tx.put(step._item(row.Outcome.OK, None, {}))


def test_control_without_its_condition_a_slice_is_done_twice(counting, monkeypatch):
    monkeypatch.setattr(work, "BUSY_SECONDS", 0)
    monkeypatch.setattr(walk.Slice, "done", as_it_is_now(walk.Slice.done))
    job = begin(None, WALKED)
    meanwhile(counting, job, at="c")
    work_off(job)
    assert counted()["c"] == 2


def as_it_is_now(real):
    """The end of a slice, by whoever has the walk by now."""

    def done(step, tx, walked) -> None:
        found = tables.chunks(step.job_id, most=1)
        if found:
            step._turn.chunk.worker, step._turn.chunk.slices = found[0].worker, found[0].slices
            real(step, tx, walked)

    return done


def test_a_message_that_comes_late_finds_nothing_to_do():
    job = whole(COUNT)
    work.work(job.job_id, clock.now())
    work.work("job_unknown", clock.now())
    assert counted() == ONCE


def test_a_row_that_kills_its_worker_fails_and_stops_nothing(counting):
    def dies(name: str) -> None:
        if name == "c":
            raise Crash

    counting.before = dies
    job = begin(NAMES)
    for number in range(6):
        clock.shift(number * 2 * BUSY_SECONDS)
        try:
            work.work(job.job_id, clock.now())
        except Crash:
            continue
    job = tables.read(job.job_id)
    assert (job.state, int(job.done), int(job.failed)) == (JobState.DONE, 4, 1)
    assert outcomes(job)["c"] == "ROW_CRASHED"
    assert counted() == {name: 1 for name in NAMES if name != "c"}


@pytest.mark.parametrize("kind", [SELECTED, WALKED])
def test_a_walk_that_kills_each_worker_ends(counting, kind):
    def dies(cursor):
        raise Crash

    counting._page = dies
    job = begin(None, kind)
    for number in range(10):
        clock.shift(number * 2 * BUSY_SECONDS)
        try:
            work.work(job.job_id, clock.now())
        except Crash:
            continue
    job = tables.read(job.job_id)
    assert (job.state, job.error) == (JobState.FAILED, "ROW_CRASHED")


def test_what_the_kind_itself_calls_written_already_has_a_result_all_the_same(counting):
    def before(name: str) -> None:
        if name == "c":
            raise AlreadyWritten

    counting.before = before
    job = work_off(begin(NAMES))
    assert (job.state, int(job.done), int(job.failed)) == (JobState.DONE, 4, 1)
    assert kinds.counted() == {name: 1 for name in NAMES if name != "c"}
