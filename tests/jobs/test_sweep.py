"""The schedule goes on with jobs whose messages are lost, and ends those that never will."""

import json

import pytest

from chalicelib.config import settings
from chalicelib.integrity import check
from chalicelib.jobs import control, registry, start, tables, work
from chalicelib.jobs.rules import LOADING_SECONDS, MOST_TRIES, WORKERS, JobNotStopped, JobState
from chalicelib.kernel import clock, deadline
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.messaging import queues
from tests.faults.shim import Crash, Point, Shim
from tests.jobs.counting import COUNT, SELECTED, WALKED, begin, counted
from tests.jobs.running import due, work_off
from tests.permissions import recorder

NAMES = ["a", "b", "c", "d", "e"]
DAY = 86_400


@pytest.fixture(autouse=True)
def small_chunks(counting, monkeypatch):
    counting.names = NAMES
    monkeypatch.setattr("chalicelib.jobs.lists.CHUNK_ROWS", 2)
    # Without the check, which is due in each new shop.
    mine = {kind.name: kind for kind in counting.kinds()}
    monkeypatch.setattr(registry, "kinds", lambda: mine)


def messages() -> list[str]:
    """The jobs whose messages wait on the queue, which is empty afterwards."""
    url = settings().jobs_queue_url
    found = list(queues.take(url, most=100, hide_seconds=1000))
    return [json.loads(one["Body"])["job"] for one in found]


def test_as_many_workers_are_called_as_a_job_has_use_for():
    assert len(messages()) == 0
    job = begin(NAMES)
    assert messages() == [job.job_id] * 3
    wish = start.Wish(COUNT, rows=[{"name": str(number)} for number in range(50)])
    start.start(wish, operation="op_large", actor="me", now=clock.now())
    assert len(messages()) == WORKERS


def test_a_job_whose_messages_are_lost_is_gone_on_with(shelf):
    job = begin(NAMES)
    messages()
    due()
    assert messages() == [job.job_id] * 3


def test_a_job_on_which_somebody_works_is_left_to_them(counting):
    job = begin(NAMES)
    messages()

    def before(name: str) -> None:
        with recorder.elsewhere():
            due()
            seen.append(messages())

    seen: list[list[str]] = []
    counting.before = before
    work.work(job.job_id, clock.now())
    assert seen == [[]] * len(NAMES)
    assert counted() == dict.fromkeys(NAMES, 1)


def test_a_worker_whose_time_is_over_calls_the_next_one():
    job = begin(NAMES)
    messages()
    with deadline.within(5):
        work.work(job.job_id, clock.now())
    assert counted() == {}
    assert messages() == [job.job_id]


def test_a_list_that_was_never_whole_is_not_begun():
    with Shim(crash=Point(2, after=True)), pytest.raises(Crash):
        begin(NAMES)
    job_id = start.id_of("op_count")
    work.work(job_id, clock.now())
    assert counted() == {}
    clock.shift(LOADING_SECONDS + 1)
    due()
    job = tables.read(job_id)
    assert (job.state, job.error) == (JobState.FAILED, "JOB_NOT_LOADED")
    with pytest.raises(JobNotStopped):
        control.resume(job_id)


@pytest.mark.parametrize("kind", [WALKED, SELECTED])
def test_a_walk_that_fails_each_time_ends_the_job_which_is_resumed_when_it_is_mended(
    counting, kind
):
    def broken(cursor):
        if cursor:
            raise ZeroDivisionError
        return honest(cursor)

    honest, counting._page = counting._page, broken
    job = begin(None, kind)
    for _ in range(MOST_TRIES + 1):
        work.work(job.job_id, clock.now())
        clock.shift(clock._shift_seconds + 1000)
    job = tables.read(job.job_id)
    assert (job.state, job.error) == (JobState.FAILED, "INTERNAL_ERROR")
    counting._page = honest
    control.resume(job.job_id)
    assert work_off(job).state == JobState.DONE
    assert counted() == dict.fromkeys(NAMES, 1)


def test_a_kind_that_selects_a_row_about_nothing_ends_its_job(counting):
    counting.names = ["a", "\x00"]
    job = begin(None, SELECTED)
    for _ in range(MOST_TRIES):
        work.work(job.job_id, clock.now())
        clock.shift(clock._shift_seconds + 1000)
    assert tables.read(job.job_id).state == JobState.FAILED


def test_a_walk_waits_for_what_is_out_of_reach_however_long_that_is(counting):
    def away(cursor):
        raise Unavailable

    honest, counting._page = counting._page, away
    job = begin(None, WALKED)
    for _ in range(3 * MOST_TRIES):
        work.work(job.job_id, clock.now())
        clock.shift(clock._shift_seconds + 1000)
    assert tables.read(job.job_id).state == JobState.RUNNING
    counting._page = honest
    assert work_off(job).state == JobState.DONE


def test_a_job_of_a_kind_that_is_no_more_ends(monkeypatch):
    job = begin(NAMES)
    monkeypatch.setattr(registry, "kinds", dict)
    work.work(job.job_id, clock.now())
    assert tables.read(job.job_id).error == "UNKNOWN_JOB_KIND"


def test_the_days_check_begins_by_schedule(shelf, monkeypatch):
    monkeypatch.undo()
    due()
    run = check.progress()
    due()
    assert check.progress().run_id == run.run_id
    work_off(tables.read(run.run_id))
    assert check.progress().finished_at
    clock.shift(DAY + 120)
    due()
    assert check.progress().run_id != run.run_id


def test_a_check_that_was_cancelled_is_no_check_under_way(shelf, monkeypatch):
    monkeypatch.undo()
    due()
    run = check.progress()
    control.cancel(run.run_id, now=clock.now())
    assert not check.is_under_way(check.progress())
    other = check.start(repair=True, operator="me", operation="op_me", now=clock.now())
    assert other.run_id != run.run_id
    # And one that is resumed after that has no row of its own to write to.
    control.resume(run.run_id)
    work.work(run.run_id, clock.now())
    assert check.progress().run_id == other.run_id
    assert not check.progress().rows
