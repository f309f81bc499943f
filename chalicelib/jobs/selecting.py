"""The rows of a job to which nobody sent a list: those that its kind finds, or another job's."""

from typing import Any

from chalicelib.jobs import lists, tables
from chalicelib.jobs.kinds import Json, RowKind, Walked
from chalicelib.jobs.rules import CHUNK_ROWS, Outcome
from chalicelib.jobs.tables import JobItem


def select(kind: RowKind, job: JobItem, params: Any, cursor: Json | None) -> Walked:
    """The next rows of a job. Raises LookupError for rows of which nobody can tell what they are
    about."""
    if job.undo_of:
        return _done_by(str(job.undo_of), cursor)
    assert kind.select is not None
    found = kind.select(params, cursor)
    for row in found.rows:
        if lists.key_of(kind, row) is None:
            raise LookupError(f"{kind.name} has selected a row without {kind.key}")
    return found


def _done_by(job_id: str, cursor: Json | None) -> Walked:
    """The rows that a job did, each with its key and its result, to be taken back."""
    after = cursor["after"] if cursor else None
    found = tables.results(job_id, after=after, limit=CHUNK_ROWS, consistent=True)
    rows = [
        {"key": item.key, "row": item.details.get("row", {}), "result": _result(item.details)}
        for item in found
        if item.outcome == Outcome.OK
    ]
    following = {"after": found[-1].key} if len(found) == CHUNK_ROWS else None
    return Walked(following, rows=rows)


def _result(details: Json) -> Json:
    return {name: details.get(name) for name in ("target", "before", "after")}
