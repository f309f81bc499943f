"""A walk: one slice after the other, each written together with where the next one begins."""

import json

from chalicelib.jobs import closing, lists, start
from chalicelib.jobs.kinds import RowKind, Walked, WalkKind
from chalicelib.jobs.rules import MOST_TRIES, WORKERS, RowCrashed
from chalicelib.jobs.selecting import select
from chalicelib.jobs.tables import ChunkItem
from chalicelib.jobs.turn import Turn, count, release
from chalicelib.kernel import telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import ShopError, StaleState, Unavailable
from chalicelib.kernel.web import request as requests


class Slice:
    """A slice of a walk, as the kind sees it (kinds.WalkStep)."""

    def __init__(self, turn: Turn) -> None:
        self.job_id, self.actor, self.now = str(turn.job.job_id), str(turn.job.actor), turn.now
        self.added = False
        self._turn = turn

    def done(self, tx: Transaction, walked: Walked) -> None:
        self.added = True
        job, chunk = self._turn.job, self._turn.chunk
        mine = (ChunkItem.worker == chunk.worker) & (ChunkItem.slices == chunk.slices)
        item = ChunkItem(chunk.job_id, chunk.part)
        if walked.cursor is None:
            tx.delete(item, condition=mine, on_condition_failed=StaleState())
        else:
            actions = [
                ChunkItem.packed_cursor.set(json.dumps(walked.cursor)),
                ChunkItem.slices.set(int(chunk.slices) + 1),
                ChunkItem.first.set(int(chunk.first) + len(walked.rows)),
                ChunkItem.tries.set(0),
                ChunkItem.crashes.set(1),
            ]
            tx.update(item, actions, condition=mine, on_condition_failed=StaleState())
        for part in lists.chunks_of(job, walked.rows, first=int(chunk.first) + 1):
            tx.put(part)
        known = len(walked.rows) + walked.done + walked.failed
        count(tx, job, done=walked.done, failed=walked.failed, rows=known)


def go_on(turn: Turn) -> None:
    """Do slice after slice, as long as there is time. Raises StaleState when another worker has the
    walk."""
    chunk = turn.chunk
    if chunk.crashes > MOST_TRIES:
        release(turn)
        closing.fail(turn.job.job_id, RowCrashed.code, turn.now)
        return None
    while turn.may_go_on():
        step = Slice(turn)
        try:
            walked = _slice(turn, step)
            if not step.added:
                with Transaction() as tx:
                    step.done(tx, walked)
        except StaleState:
            raise
        except Exception as error:
            return _walk_failed(turn, error)
        if walked.rows and chunk.slices < WORKERS:
            start.call_workers(turn.job.job_id, 1)
        if walked.cursor is None:
            return None
        chunk.packed_cursor, chunk.slices = json.dumps(walked.cursor), int(chunk.slices) + 1
        chunk.first, chunk.tries = int(chunk.first) + len(walked.rows), 0
    return release(turn)


def _slice(turn: Turn, step: Slice) -> Walked:
    kind, params = turn.kind, json.loads(turn.job.params or "{}")
    wanted = requests.validated(kind.params, params)
    if isinstance(kind, WalkKind):
        return kind.walk(wanted, turn.chunk.cursor, step)
    assert isinstance(kind, RowKind)
    return select(kind, turn.job, wanted, turn.chunk.cursor)


def _walk_failed(turn: Turn, error: Exception) -> None:
    """What is out of reach is waited for; what fails again and again ends the job."""
    telemetry.logger().error(
        "slice failed", extra={"job": turn.kind.name, "id": turn.job.job_id}, exc_info=error
    )
    tries = int(turn.chunk.tries) + 1
    release(turn, tries=tries)
    if not _passes(error) and tries >= MOST_TRIES:
        code = error.code if isinstance(error, ShopError) else ShopError.code
        closing.fail(turn.job.job_id, code, turn.now)


def _passes(error: Exception) -> bool:
    return isinstance(error, Unavailable) or dynamo.outage(error) is not None
