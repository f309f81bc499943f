"""A worker's time on one job: chunk after chunk, until none is left or time is over.

Several work on one job at once. Each takes a chunk for itself, by a condition; what a crash leaves
is taken by the next one when the time of the first is over. Nothing here keeps a row from being
done twice: the row's result does (row.py, and for a walk its place).
"""

from contextlib import suppress

from chalicelib.jobs import closing, registry, row_chunk, start, tables, walk
from chalicelib.jobs.kinds import RowKind
from chalicelib.jobs.rules import (
    BUSY_SECONDS,
    LONGEST_PAUSE_SECONDS,
    MOST_CHUNKS,
    OPEN,
    WORKERS,
    JobNotFound,
    JobState,
    UnknownKind,
)
from chalicelib.jobs.tables import ChunkItem
from chalicelib.jobs.turn import Turn
from chalicelib.kernel import clock, deadline
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.errors import StaleState
from chalicelib.kernel.ids import token
from chalicelib.kernel.messaging.rows import ROW_SECONDS


def work(job_id: str, now: int) -> None:
    """Work on a job as long as there is time, then leave it to the next message. A message that
    comes twice, or too late, finds nothing to do."""
    try:
        job = tables.read(job_id)
        kind = registry.kind(job.kind)
    except JobNotFound:
        return
    except UnknownKind as error:
        closing.fail(job_id, error.code, now)
        return
    seconds = max(ROW_SECONDS, getattr(kind, "seconds", 0.0))
    while tables.read(job_id).state == JobState.RUNNING:
        # A worker's time is minutes: what it writes says when it was, not when the worker began.
        now = max(now, clock.now())
        if deadline.left() < seconds:
            start.call_workers(job_id, 1)
            return
        left = tables.chunks(job_id, most=MOST_CHUNKS)
        busy = [chunk for chunk in left if chunk.busy_until > now]
        chunk = None if len(busy) >= WORKERS else take(left, now)
        if chunk is not None:
            take_turn(Turn(job, kind, chunk, now, seconds))
            continue
        if left and not busy:
            _later(job_id, left, now)
        break
    if tables.read(job_id).state in OPEN:
        closing.close(job_id, max(now, clock.now()))


def take_turn(turn: Turn) -> None:
    """Do as much of a chunk as there is time for, and leave the rest to the next worker."""
    with suppress(StaleState):  # another worker has it, or has done it
        if turn.chunk.is_walk:
            walk.go_on(turn)
        elif isinstance(turn.kind, RowKind):
            row_chunk.work_off(turn, turn.kind)


def take(left: list[ChunkItem], now: int) -> ChunkItem | None:
    """The first of these chunks that this worker gets for itself, if any."""
    for chunk in left:
        if chunk.busy_until > now or chunk.not_before > now:
            continue
        worker = token("wrk")
        free = (ChunkItem.busy_until <= now) | (ChunkItem.worker == worker)
        try:
            return dynamo.update(
                ChunkItem(chunk.job_id, chunk.part),
                [
                    ChunkItem.worker.set(worker),
                    ChunkItem.busy_until.set(now + BUSY_SECONDS),
                    ChunkItem.crashes.set(int(chunk.crashes) + 1),
                ],
                condition=ChunkItem.part.exists() & free,
                on_condition_failed=StaleState(),
            )
        except StaleState:
            continue
    return None


def _later(job_id: str, left: list[ChunkItem], now: int) -> None:
    """All that is left waits for something that is out of reach."""
    pause = min(int(chunk.not_before) for chunk in left) - now
    if pause > 0:
        start.call_workers(job_id, 1, delay=min(pause, LONGEST_PAUSE_SECONDS))
