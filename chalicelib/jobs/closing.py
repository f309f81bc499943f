"""How a job ends: by itself, cancelled, or because it can't go on."""

from chalicelib.jobs import tables
from chalicelib.jobs.rules import MOST_CHUNKS, OPEN, JobState
from chalicelib.jobs.tables import JobItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState


def close(job_id: str, now: int) -> None:
    """End a job of which nothing is left to do, and one that is to be cancelled once no worker has
    anything of it. Whoever finishes something calls this, and the schedule for those who died."""
    job = tables.read(job_id)
    if job.state == JobState.RUNNING and not tables.chunks(job_id, most=1):
        _end(job, JobState.DONE, now)
    elif job.state == JobState.CANCELLING and not is_busy(job_id, now):
        _end(job, JobState.CANCELLED, now)


def fail(job_id: str, code: str, now: int) -> None:
    """End a job that can't go on. What is left of it stays, to be resumed."""
    job = tables.read(job_id)
    if job.state in OPEN:
        _end(job, JobState.FAILED, now, error=code)


def is_busy(job_id: str, now: int) -> bool:
    """Whether a worker has anything of the job: chunks are taken in their order, so that all which
    are under way lie among the first, and the walk is the last one."""
    walk = dynamo.get(tables.ChunkItem, job_id, tables.WALK)
    found = [*tables.chunks(job_id, most=MOST_CHUNKS), *([walk] if walk else [])]
    return any(chunk.busy_until > now for chunk in found)


def _end(job: JobItem, state: JobState, now: int, *, error: str | None = None) -> None:
    actions = [
        JobItem.state.set(state),
        JobItem.finished_at.set(now),
        JobItem.open_shard.remove(),
        JobItem.error.set(error) if error else JobItem.error.remove(),
    ]
    try:
        dynamo.update(
            JobItem(job.job_id),
            actions,
            condition=JobItem.state == job.state,
            on_condition_failed=StaleState(),
        )
    except StaleState:
        return  # somebody else has ended it, or wants it otherwise
