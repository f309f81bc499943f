"""Every few minutes: begin what is due, and look after jobs whose messages or workers are gone."""

from typing import Any

from chalicelib.jobs import closing, registry, start, tables
from chalicelib.jobs.kinds import Kind
from chalicelib.jobs.rules import (
    DAY_SECONDS,
    LOADING_SECONDS,
    MOST_CHUNKS,
    WORKERS,
    JobNotFound,
    JobNotLoaded,
    JobState,
)
from chalicelib.jobs.start import Wish
from chalicelib.kernel import telemetry
from chalicelib.kernel.messaging import rows

SCHEDULE = "schedule"


def sweep(now: int) -> dict[str, Any]:
    """The schedule's run: how many jobs it looked after, and what came of that."""
    begun = rows.work_off(
        "jobs-due",
        registry.kinds().values(),
        handle=lambda kind: begin(kind, now),
        key=lambda kind: kind.name,
    )
    done = rows.work_off("jobs", tables.not_ended(), handle=lambda job_id: look_after(job_id, now))
    return {"due": begun.counts(), "jobs": done.counts()}


def begin(kind: Kind, now: int) -> None:
    """Begin a job of the kind, if one is due."""
    due = kind.due(now)
    if due is not None:
        start.start(Wish(kind.name, due.params), operation=due.operation, actor=SCHEDULE, now=now)


def look_after(job_id: str, now: int) -> None:
    """Call a worker for a job that nobody works on: its message was lost, or its worker died."""
    try:
        job = tables.read(job_id)
    except JobNotFound:
        return
    if job.state == JobState.PENDING and job.created_at <= now - LOADING_SECONDS:
        closing.fail(job_id, JobNotLoaded.code, now)
        return
    if job.created_at <= now - DAY_SECONDS:
        # That a large job takes hours is as it should be; that it takes more than a day is not.
        telemetry.metric({"JobsIncomplete": 1}, job=job.kind)
    closing.close(job_id, now)
    left = tables.chunks(job_id, most=MOST_CHUNKS)
    free = [one for one in left if one.busy_until <= now and one.not_before <= now]
    if job.state == JobState.RUNNING and free and not closing.is_busy(job_id, now):
        start.call_workers(job_id, min(len(free), WORKERS))
