"""A chunk of rows: each is tried, and the chunk is done when each has a result."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.jobs import lists, tables
from chalicelib.jobs import row as row_work
from chalicelib.jobs.kinds import Json, RowKind
from chalicelib.jobs.rules import CRASHES, MOST_TRIES, Outcome, RowCrashed
from chalicelib.jobs.tables import ChunkItem, RowItem
from chalicelib.jobs.turn import Turn, count, freed, release, update
from chalicelib.kernel.db.transaction import Transaction
from chalicelib.kernel.errors import ShopError, StaleState


def work_off(turn: Turn, kind: RowKind) -> None:
    """Do the rows that have no result yet, and end the chunk when all have one. Raises StaleState
    when another worker has it."""
    keyed = _keyed(turn, kind)
    found = tables.results_of(turn.job.job_id, keyed)
    _end_what_crashed(turn, keyed, found)
    waiting: dict[str, str] = {}
    for key, row in keyed.items():
        if key in found:
            continue
        if not turn.may_go_on():
            return _leave(turn, keyed)
        _note(turn, key)
        if error := row_work.try_row(kind, row.step, row.sent, row.result):
            waiting[key] = error.code
    return _end_rows(turn, keyed, waiting)


@dataclass(frozen=True)
class _Row:
    step: row_work.Step
    sent: Json
    # Of a row that is to be taken back.
    result: Json | None


def _keyed(turn: Turn, kind: RowKind) -> dict[str, _Row]:
    """The chunk's rows by what they are about."""
    made: dict[str, _Row] = {}
    for number, sent in enumerate(turn.chunk.rows, start=int(turn.chunk.first)):
        undone = sent if turn.job.undo_of else None
        row = undone["row"] if undone else sent
        key = undone["key"] if undone else lists.key_of(kind, row)
        # It was checked when the row was taken in.
        assert key is not None
        step = row_work.Step(turn.job, key, number, row, turn.now)
        made[key] = _Row(step, row, undone["result"] if undone else None)
    return made


def _leave(turn: Turn, keyed: Mapping[str, _Row]) -> None:
    """Leave the rest to the next worker, or to nobody when the job is cancelled: what is done is
    counted now."""
    counts = _counts(turn, keyed)
    with Transaction() as tx:
        tx.update(
            ChunkItem(turn.job.job_id, turn.chunk.part),
            [
                *freed(),
                ChunkItem.counted_done.set(counts[Outcome.OK]),
                ChunkItem.counted_failed.set(counts[Outcome.FAILED]),
            ],
            condition=ChunkItem.worker == turn.chunk.worker,
            on_condition_failed=StaleState(),
        )
        _add(tx, turn, counts)


def _counts(turn: Turn, keyed: Mapping[str, _Row]) -> Counter[str]:
    results = tables.results_of(turn.job.job_id, keyed).values()
    return Counter(str(item.outcome) for item in results)


def _add(tx: Transaction, turn: Turn, counts: Counter[str]) -> None:
    """Add the chunk's results to the job's counts, but for those that stand there already."""
    count(
        tx,
        turn.job,
        done=counts[Outcome.OK] - int(turn.chunk.counted_done),
        failed=counts[Outcome.FAILED] - int(turn.chunk.counted_failed),
    )


def _end_rows(turn: Turn, keyed: Mapping[str, _Row], waiting: Mapping[str, str]) -> None:
    """The chunk is done when each of its rows has a result; their number follows from them."""
    job_id = turn.job.job_id
    found = tables.results_of(job_id, keyed)
    left = [key for key in keyed if key not in found]
    if left and turn.chunk.tries < MOST_TRIES:
        return release(turn, tries=int(turn.chunk.tries) + 1)
    for key in left:
        keyed[key].step.fail(waiting.get(key, ShopError.code), [])
    counts = _counts(turn, keyed)
    with Transaction() as tx:
        tx.delete(
            ChunkItem(job_id, turn.chunk.part),
            condition=ChunkItem.worker == turn.chunk.worker,
            on_condition_failed=StaleState(),
        )
        _add(tx, turn, counts)
    return None


def _end_what_crashed(turn: Turn, keyed: Mapping[str, _Row], found: dict[str, RowItem]) -> None:
    """The row on which the last worker died has no other try."""
    key = turn.chunk.trying
    if key in keyed and key not in found:
        keyed[key].step.fail(RowCrashed.code, [])
        found |= tables.results_of(turn.job.job_id, [key])


def _note(turn: Turn, key: str) -> None:
    """Note the row that begins, if workers have died on this chunk: a write that others spare."""
    # This turn counts among them as long as it lasts.
    if turn.chunk.crashes > CRASHES:
        update(turn, [ChunkItem.trying.set(key)])
