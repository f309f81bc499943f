"""A worker's turn with one chunk of a job, which it has taken for itself."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib.jobs import tables
from chalicelib.jobs.kinds import Kind
from chalicelib.jobs.rules import JobState, pause
from chalicelib.jobs.tables import ChunkItem, JobItem
from chalicelib.kernel import clock, deadline
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import StaleState


@dataclass(frozen=True)
class Turn:
    """A worker's turn with one chunk."""

    job: JobItem
    kind: Kind
    chunk: ChunkItem
    now: int
    seconds: float

    def may_go_on(self) -> bool:
        """Whether something more may begin: there is time, and nobody has cancelled the job."""
        if deadline.left() < self.seconds:
            return False
        return bool(tables.read(self.job.job_id).state == JobState.RUNNING)


def freed() -> list[Any]:
    """What makes a chunk nobody's again."""
    return [
        ChunkItem.worker.remove(),
        ChunkItem.busy_until.set(0),
        ChunkItem.crashes.set(0),
        ChunkItem.trying.remove(),
    ]


def release(turn: Turn, *, tries: int | None = None) -> None:
    """Leave the chunk to the next worker, after a pause if something was out of reach."""
    update(
        turn,
        [
            *freed(),
            *(
                [ChunkItem.tries.set(tries), ChunkItem.not_before.set(clock.now() + pause(tries))]
                if tries is not None
                else []
            ),
        ],
    )


def update(turn: Turn, actions: list[Any]) -> None:
    with suppress(StaleState):
        dynamo.update(
            ChunkItem(turn.job.job_id, turn.chunk.part),
            actions,
            condition=ChunkItem.worker == turn.chunk.worker,
            on_condition_failed=StaleState(),
        )


def count(tx: Transaction, job: JobItem, *, done: int, failed: int, rows: int = 0) -> None:
    """Add to the job's counts, in the transaction that ends what was done."""
    tx.update(
        JobItem(job.job_id),
        [JobItem.done.add(done), JobItem.failed.add(failed), JobItem.rows.add(rows)],
        condition=JobItem.kind.exists(),
        on_condition_failed=StaleState(),
    )
