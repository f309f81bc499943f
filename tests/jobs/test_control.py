"""Cancelling, going on, taking back: also in the middle of the work."""

import pytest

from chalicelib.catalog.tables import ProductItem
from chalicelib.jobs import control, tables, work
from chalicelib.jobs.rules import (
    BUSY_SECONDS,
    JobEnded,
    JobNotStopped,
    JobNotUndoable,
    JobState,
    JobUndone,
)
from chalicelib.kernel import audit, clock
from tests.faults.shim import Crash, Point, Shim
from tests.jobs import running
from tests.jobs.counting import SELECTED, WALKED, begin, counted
from tests.jobs.running import due, outcomes, results, work_off
from tests.kernel.lost import reply_lost

NAMES = ["a", "b", "c", "d", "e"]


@pytest.fixture(autouse=True)
def small_chunks(counting, monkeypatch):
    counting.names = NAMES
    for module in ("chalicelib.jobs.lists", "chalicelib.jobs.selecting"):
        monkeypatch.setattr(f"{module}.CHUNK_ROWS", 2)


def cancelled_at(counting, name: str) -> tuple[tables.JobItem, list[str]]:
    """A job that somebody cancels while a row is under way, and the state that they are shown."""
    job, seen = begin(NAMES), []

    def before(at: str) -> None:
        if at == name:
            seen.append(control.cancel(job.job_id, now=clock.now()).state)

    counting.before = before
    work.work(job.job_id, clock.now())
    counting.before = lambda name: None
    return tables.read(job.job_id), seen


def undo(job) -> tables.JobItem:
    return control.undo(job.job_id, actor="user:usr_2", now=clock.now())


def test_a_cancelled_job_ends_after_the_row_that_is_under_way(counting):
    job, seen = cancelled_at(counting, "c")
    # Not before the worker has let go of it.
    assert seen == [JobState.CANCELLING]
    assert job.state == JobState.CANCELLED
    assert counted() == {"a": 1, "b": 1, "c": 1}


def test_what_a_cancelled_job_has_done_is_in_its_counts(counting):
    job, _ = cancelled_at(counting, "c")
    assert (int(job.rows), int(job.done), int(job.failed)) == (5, 3, 0)
    assert len(results(job)) == 3


def test_a_job_is_ended_when_its_last_row_is_and_not_when_its_worker_began(counting):
    job, began = begin(NAMES), clock.now()
    counting.before = lambda name: clock.shift(90) if name == "c" else None
    work.work(job.job_id, began)
    assert int(tables.read(job.job_id).finished_at) >= began + 90


def test_a_job_that_nobody_works_on_is_cancelled_at_once():
    job = control.cancel(begin(NAMES).job_id, now=clock.now())
    assert job.state == JobState.CANCELLED
    work.work(job.job_id, clock.now())
    due()
    assert counted() == {}


def test_a_job_whose_worker_died_is_cancelled_when_it_would_have_ended(counting):
    job = begin(NAMES)
    with Shim(crash=Point(1, after=True)), pytest.raises(Crash):
        work.work(job.job_id, clock.now())
    assert control.cancel(job.job_id, now=clock.now()).state == JobState.CANCELLING
    clock.shift(2 * BUSY_SECONDS)
    due()
    assert tables.read(job.job_id).state == JobState.CANCELLED


def test_a_cancelled_job_goes_on_with_what_is_left(counting):
    job, _ = cancelled_at(counting, "c")
    assert control.resume(job.job_id).state == JobState.RUNNING
    job = work_off(job)
    assert (job.state, int(job.done)) == (JobState.DONE, 5)
    assert counted() == dict.fromkeys(NAMES, 1)


def test_what_has_ended_is_neither_cancelled_nor_gone_on_with():
    job = work_off(begin(NAMES))
    with pytest.raises(JobEnded):
        control.cancel(job.job_id, now=clock.now())
    with pytest.raises(JobNotStopped):
        control.resume(job.job_id)


def test_cancelling_and_going_on_may_be_said_twice(counting):
    job, _ = cancelled_at(counting, "c")
    assert control.cancel(job.job_id, now=clock.now()).state == JobState.CANCELLED
    control.resume(job.job_id)
    assert control.resume(job.job_id).state == JobState.RUNNING


@pytest.mark.parametrize("kind", [None, SELECTED])
def test_undo_takes_back_each_row_that_was_done(kind):
    job = work_off(begin(None, kind) if kind else begin(NAMES))
    back = work_off(undo(job))
    assert (back.state, int(back.rows), int(back.done)) == (JobState.DONE, 5, 5)
    assert counted() == dict.fromkeys(NAMES, 0)
    assert tables.read(job.job_id).undone_by == back.job_id


def test_undo_of_a_cancelled_job_takes_back_what_was_done_and_ends_it(counting):
    job, _ = cancelled_at(counting, "c")
    work_off(undo(job))
    assert counted() == {"a": 0, "b": 0, "c": 0}
    with pytest.raises(JobUndone):
        control.resume(job.job_id)


def test_a_job_is_undone_once():
    job = work_off(begin(NAMES))
    first, second = undo(job), undo(job)
    assert first.job_id == second.job_id
    work_off(first)
    assert undo(job).job_id == first.job_id
    assert counted() == dict.fromkeys(NAMES, 0)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(18))
def test_an_undo_that_crashes_takes_each_row_back_once(write, after):
    job = work_off(begin(NAMES))
    try:
        with Shim(crash=Point(write, after=after)):
            work_off(undo(job))
    except Crash:
        clock.shift(clock._shift_seconds + 2 * BUSY_SECONDS)
        due()
        work_off(undo(job))
    assert counted() == dict.fromkeys(NAMES, 0)


@pytest.mark.parametrize("number", range(3))
def test_an_undo_whose_reply_is_lost_takes_each_row_back_once(number):
    job = work_off(begin(NAMES))
    with reply_lost("TransactWriteItems", after=number):
        work_off(undo(job))
    assert counted() == dict.fromkeys(NAMES, 0)


def test_what_is_under_way_a_dry_run_or_has_no_inverse_is_not_undone(counting):
    under_way = begin(NAMES)
    with pytest.raises(JobNotUndoable):
        undo(under_way)
    back = undo(work_off(under_way))
    with pytest.raises(JobNotUndoable):
        undo(work_off(back))


@pytest.mark.parametrize(("kind", "dry"), [(None, True), (WALKED, False)])
def test_a_dry_run_and_a_walk_have_no_inverse(kind, dry):
    job = work_off(begin(None, kind) if kind else begin(NAMES, dry_run=dry))
    with pytest.raises(JobNotUndoable):
        undo(job)


def test_a_job_that_ended_while_a_row_is_under_way_is_not_undone_yet(counting):
    job, seen = begin(NAMES), []

    def before(name: str) -> None:
        if name == "c":
            tables.JobItem(job.job_id, "job").update([tables.JobItem.state.set(JobState.FAILED)])
            with pytest.raises(JobNotUndoable):
                undo(job)
            seen.append(name)

    counting.before = before
    work.work(job.job_id, clock.now())
    assert seen
    counting.before = lambda name: None
    work_off(undo(job))
    assert counted() == {"a": 0, "b": 0, "c": 0}


def test_products_have_their_status_again_but_for_one_that_was_changed_since(shelf):
    for name in ("mug", "pen"):
        shelf.sell(name, stock=1)
    job = work_off(running.begin(["p-mug", "p-pen"]))
    ProductItem("p-pen").update([ProductItem.status.set("DRAFT")])
    back = work_off(undo(job))
    assert outcomes(back) == {"p-mug": "OK", "p-pen": "PRODUCT_CHANGED"}
    assert ProductItem.get("p-mug").status == "ACTIVE"
    assert ProductItem.get("p-pen").status == "DRAFT"
    actions = [entry.action for entry in audit.of_target("product:p-mug", limit=10)]
    assert actions == ["undo.products.status", "job.products.status"]
