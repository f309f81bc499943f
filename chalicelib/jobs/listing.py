"""Jobs and their results as administrators read them. The list shows what its index knows, a moment
old; a job itself is read as it is."""

import heapq
from collections.abc import Collection
from dataclasses import dataclass

from chalicelib.jobs import registry, tables
from chalicelib.jobs.rules import JobNotFound, JobState
from chalicelib.jobs.tables import JobItem, RowItem
from chalicelib.kernel.caller import Caller
from chalicelib.kernel.errors import Forbidden
from chalicelib.kernel.web import cursor as cursors

# What one page looks through at most: whatever the filters are, a call stays short.
MOST_READ = 300
FIRST_ERRORS = 10


@dataclass(frozen=True)
class JobFilter:
    """Which jobs; None means any."""

    kind: str | None = None
    state: JobState | None = None


def may_see(caller: Caller) -> set[str]:
    """The kinds of jobs whose permission the caller has."""
    return {name for name, kind in registry.kinds().items() if caller.may(kind.permission)}


def check_kind(caller: Caller, kind: str) -> None:
    """Raises UnknownKind, and Forbidden for a kind that the caller may not run."""
    if not caller.may(registry.kind(kind).permission):
        raise Forbidden()


def read(caller: Caller, job_id: str) -> JobItem:
    """A job. Raises JobNotFound, and Forbidden for a kind that the caller may not run."""
    job = tables.read(job_id)
    if job.kind not in registry.kinds():
        raise JobNotFound()
    check_kind(caller, job.kind)
    return job


def page(
    wanted: JobFilter, kinds: Collection[str], *, size: int, cursor: str | None, now: int
) -> tuple[list[JobItem], str | None]:
    """Jobs of these kinds, newest first, and where the list goes on. A page may be short, even
    empty, and still go on. Raises CursorInvalid."""
    names = sorted({wanted.kind} & set(kinds) if wanted.kind else kinds)
    scope = repr(("jobs", wanted.kind, wanted.state, names))
    before = cursors.unseal(scope, cursor)[0] if cursor else None
    lists = (tables.of_kind(name, before=before, limit=MOST_READ) for name in names)
    found: list[JobItem] = []
    for looked, item in enumerate(heapq.merge(*lists, key=_place, reverse=True), start=1):
        if wanted.state in (None, item.state) and item.expires_at > now:
            found.append(item)
        if len(found) == size or looked == MOST_READ:
            return found, cursors.seal(scope, [item.place])
    return found, None


def _place(item: JobItem) -> str:
    return str(item.place)


def first_errors(job: JobItem) -> list[RowItem]:
    """The first rows that failed, by their keys."""
    return tables.results(job.job_id, after=None, limit=FIRST_ERRORS, failed=True)


def results(
    job_id: str, *, failed: bool, size: int, cursor: str | None
) -> tuple[list[RowItem], str | None]:
    """A page of a job's results, by the rows' keys, and where they go on. Raises CursorInvalid."""
    scope = repr(("job-results", job_id, failed))
    after = cursors.unseal(scope, cursor)[0] if cursor else None
    found = tables.results(job_id, after=after, limit=size, failed=failed)
    following = cursors.seal(scope, [found[-1].key]) if len(found) == size else None
    return found, following
