"""Cancelling a job, going on with one that stopped, taking one back."""

from chalicelib.jobs import closing, registry, start, tables
from chalicelib.jobs.kinds import RowKind
from chalicelib.jobs.rules import (
    MOST_CHUNKS,
    OPEN,
    STOPPED,
    WORKERS,
    JobEnded,
    JobNotStopped,
    JobNotUndoable,
    JobState,
    JobUndone,
)
from chalicelib.jobs.tables import ChunkItem, JobItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import retry_on_conflict
from chalicelib.kernel.errors import StaleState


def cancel(job_id: str, *, now: int) -> JobItem:
    """Let nothing more of a job begin; it is CANCELLED once what is under way is done. What was
    done stays done. Raises JobNotFound, JobEnded."""

    def once() -> None:
        job = tables.read(job_id)
        if job.state in (JobState.CANCELLING, JobState.CANCELLED):
            return
        if job.state not in OPEN:
            raise JobEnded()
        dynamo.update(
            JobItem(job_id),
            [JobItem.state.set(JobState.CANCELLING)],
            condition=JobItem.state == job.state,
            on_condition_failed=StaleState(),
        )

    retry_on_conflict(once)
    closing.close(job_id, now)
    return tables.read(job_id)


def resume(job_id: str) -> JobItem:
    """Go on with a job that was cancelled or could not go on: with the rows that have no result.
    Raises JobNotFound, JobNotStopped, JobUndone."""

    def once() -> None:
        job = tables.read(job_id)
        if job.state == JobState.RUNNING:
            return
        if job.undone_by is not None:
            raise JobUndone()
        if job.state not in STOPPED or not job.loaded:
            raise JobNotStopped()
        _try_at_once(job_id)
        dynamo.update(
            JobItem(job_id),
            [
                JobItem.state.set(JobState.RUNNING),
                JobItem.open_shard.set(tables.open_shard(job_id)),
                JobItem.finished_at.remove(),
                JobItem.error.remove(),
            ],
            condition=(JobItem.state == job.state) & JobItem.undone_by.does_not_exist(),
            on_condition_failed=StaleState(),
        )

    retry_on_conflict(once)
    start.call_workers(job_id, WORKERS)
    return tables.read(job_id)


def _try_at_once(job_id: str) -> None:
    """What has failed often has all its tries again."""
    walk = dynamo.get(ChunkItem, job_id, tables.WALK)
    for chunk in [*tables.chunks(job_id, most=MOST_CHUNKS), *([walk] if walk else [])]:
        dynamo.update(
            ChunkItem(job_id, chunk.part),
            [ChunkItem.tries.set(0), ChunkItem.not_before.set(0)],
            condition=ChunkItem.part.exists(),
            on_condition_failed=StaleState(),
        )


def undo(job_id: str, *, actor: str, now: int) -> JobItem:
    """Begin the job that takes back each row that this one did; the same one when it was begun
    before. Raises JobNotFound, JobNotUndoable."""

    def once() -> JobItem:
        job = tables.read(job_id)
        if job.undone_by is not None:
            return tables.read(job.undone_by)
        if not _is_undoable(job) or closing.is_busy(job_id, now):
            raise JobNotUndoable()
        return start.start_undo(job, actor=actor, now=now)

    return retry_on_conflict(once)


def _is_undoable(job: JobItem) -> bool:
    kind = registry.kind(job.kind)
    has_inverse = isinstance(kind, RowKind) and kind.undo is not None
    return has_inverse and job.state not in OPEN and not job.dry_run and job.undo_of is None
