"""Beginning a job: its rows are written down first, then it runs.

Everything here may be done again under the same id: a call that is repeated goes on where the first
one stopped, and finds the job that it made.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from chalicelib.config import settings
from chalicelib.jobs import lists, registry, tables
from chalicelib.jobs.kinds import Beginning, Json, Kind, RowKind
from chalicelib.jobs.rules import (
    DAY_SECONDS,
    KEPT_DAYS,
    OPEN,
    WORKERS,
    JobNotFound,
    JobState,
)
from chalicelib.jobs.tables import ChunkItem, JobItem
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import AlreadyWritten, FieldError, Invalid, StaleState
from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging import queues
from chalicelib.kernel.web import request as requests


@dataclass(frozen=True)
class Wish:
    """The job that somebody wants. `rows` is None where the kind finds its rows by itself."""

    kind: str
    params: Json = field(default_factory=dict)
    rows: Sequence[Json] | None = None
    dry_run: bool = False


def id_of(operation: str) -> str:
    """The id of the job that a call begins, by the call's own name."""
    return derived("job", operation)


def is_open(job_id: str) -> bool:
    """Whether a job is under way, or is to be."""
    try:
        return tables.read(job_id).state in OPEN
    except JobNotFound:
        return False


def start(wish: Wish, *, operation: str, actor: str, now: int) -> JobItem:
    """Begin a job, or find the one that this very call began before.

    Raises UnknownKind, Invalid (which names what is wrong with the parameters, or with the list as
    a whole; a single row that is wrong fails by itself later), and what the kind raises.
    """
    return retry_on_conflict(lambda: _start(wish, operation, actor, now))


def _start(wish: Wish, operation: str, actor: str, now: int) -> JobItem:
    kind, job_id = registry.kind(wish.kind), id_of(operation)
    params = requests.validated(kind.params, dict(wish.params))
    keys = _keys(kind, wish)
    with suppress(JobNotFound):
        found = tables.read(job_id)
        if found.state != JobState.PENDING:
            return found
    item = _item(job_id, wish.kind, actor, now)
    item.dry_run, item.params, item.rows = wish.dry_run, json.dumps(wish.params), len(keys)
    extra_writes = kind.begin(Beginning(job_id, actor, params, now))
    if wish.rows is None:
        item.state, item.loaded = JobState.RUNNING, True
        with suppress(AlreadyWritten), Transaction() as tx:
            tx.put(item, condition=_new(), on_condition_failed=AlreadyWritten())
            tx.put(_walk(item))
            extra_writes(tx)
    else:
        _load(item, keys, wish.rows)
        with suppress(AlreadyWritten), Transaction() as tx:
            _run(tx, job_id)
            extra_writes(tx)
    call_workers(job_id, lists.chunks_needed(len(keys)) or 1)
    return tables.read(job_id)


def start_undo(undone: JobItem, *, actor: str, now: int) -> JobItem:
    """Begin the job that takes `undone` back, or find it. Raises StaleState when `undone` is no
    longer as it was read."""
    job_id = derived("job", undone.job_id, "undo")
    item = _item(job_id, undone.kind, actor, now)
    item.state, item.loaded = JobState.RUNNING, True
    item.undo_of, item.params = undone.job_id, undone.params
    unchanged = (JobItem.state == undone.state) & JobItem.undone_by.does_not_exist()
    with suppress(AlreadyWritten), Transaction() as tx:
        tx.put(item, condition=_new(), on_condition_failed=AlreadyWritten())
        tx.put(_walk(item))
        tx.update(
            JobItem(undone.job_id),
            [JobItem.undone_by.set(job_id)],
            condition=unchanged,
            on_condition_failed=StaleState(),
        )
    call_workers(job_id, 1)
    return tables.read(job_id)


def call_workers(job_id: str, parts: int, *, delay: int = 0) -> None:
    """Put messages for as many workers as the job may have on the queue."""
    for _ in range(min(parts, WORKERS)):
        queues.send(settings().jobs_queue_url, {"job": job_id}, delay=delay)


def _item(job_id: str, kind: str, actor: str, now: int) -> JobItem:
    return JobItem(
        job_id,
        kind=kind,
        place=tables.place_of(job_id, now),
        state=JobState.PENDING,
        actor=actor,
        created_at=now,
        open_shard=tables.open_shard(job_id),
        expires_at=now + KEPT_DAYS * DAY_SECONDS,
    )


def _new() -> Any:
    return JobItem.job_id.does_not_exist()


def _walk(job: JobItem) -> ChunkItem:
    return ChunkItem(job.job_id, tables.WALK, expires_at=job.expires_at)


def _load(job: JobItem, keys: Sequence[str], rows: Sequence[Json]) -> None:
    """Write the job and its rows down. It does not run before all of them are."""
    with suppress(AlreadyWritten):
        dynamo.put(job, condition=_new(), on_condition_failed=AlreadyWritten())
    for chunk in lists.chunks_of(job, rows, first=1):
        with suppress(AlreadyWritten):
            dynamo.put(
                chunk,
                condition=ChunkItem.part.does_not_exist(),
                on_condition_failed=AlreadyWritten(),
            )


def _run(tx: Transaction, job_id: str) -> None:
    tx.update(
        JobItem(job_id),
        [JobItem.state.set(JobState.RUNNING), JobItem.loaded.set(True)],
        condition=JobItem.state == JobState.PENDING,
        on_condition_failed=AlreadyWritten(),
    )


def _keys(kind: Kind, wish: Wish) -> list[str]:
    """What each row of an uploaded list is about. Raises Invalid for what the kind can't do."""
    if wish.rows is not None:
        if not isinstance(kind, RowKind):
            raise Invalid(FieldError("rows", "field.job_without_rows"))
        return list(lists.keys(kind, wish.rows))
    if not isinstance(kind, RowKind):
        if wish.dry_run:
            raise Invalid(FieldError("dryRun", "field.job_without_rows"))
    elif kind.select is None:
        raise Invalid(FieldError("rows", "field.missing"))
    return []
