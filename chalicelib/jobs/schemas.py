"""Requests and answers of jobs."""

import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from chalicelib.jobs.rules import MOST_ROWS, JobState, Outcome
from chalicelib.jobs.tables import JobItem, RowItem
from chalicelib.kernel import clock, i18n
from chalicelib.kernel.limits import MAX_PAGE_SIZE
from chalicelib.kernel.web.schema import Body, Query, Wire, text_field

KindName = Annotated[str, text_field(60)]
MOST_RESULTS = 200


class NewJob(Body):
    """A job to begin: its kind, what the kind takes as parameters, and its rows, where they are
    not found by the kind itself. Each row names another thing. A dry run changes nothing and has
    the results that the job would have."""

    kind: KindName
    params: dict[str, Any] = Field(default_factory=dict)
    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ROWS)] | None = None
    dry_run: Annotated[bool, Field(strict=True)] = False


class JobCommand(Body):
    """Nothing to say: the path names the job, and what is to happen."""


class JobQuery(Query):
    """Filters of the list of jobs."""

    kind: KindName | None = None
    state: JobState | None = None
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class ResultQuery(Query):
    """Which results, and how: pages of JSON, or one file (CSV), which `Link` goes on with where it
    is not whole."""

    outcome: Literal["FAILED"] | None = None
    format: Literal["json", "csv"] = "json"
    page_size: Annotated[int, Field(ge=1, le=MOST_RESULTS)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class JobAnswer(Wire):
    """A job and how far it is: `done` and `failed` of its `rows`, as far as they are known."""

    id: str
    kind: str
    state: JobState
    dry_run: bool
    created_by: str
    created_at: str
    finished_at: str | None
    rows: int
    done: int
    failed: int
    error: str | None
    undo_of: str | None
    undone_by: str | None

    @classmethod
    def of(cls, job: JobItem) -> "JobAnswer":
        return cls(**_fields(job))


class ResultAnswer(Wire):
    """What came of a row: the values of `target` before and after, as far as they changed (or would
    have), or the code of what was wrong, and with which fields."""

    key: str
    number: int
    outcome: Outcome
    code: str | None
    message: str | None
    fields: list[str]
    target: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    row: dict[str, Any]

    @classmethod
    def of(cls, item: RowItem, locale: str) -> "ResultAnswer":
        details = item.details
        return cls(
            key=item.key,
            number=int(item.number),
            outcome=Outcome(item.outcome),
            code=item.code,
            message=i18n.text(locale, item.code) if item.code else None,
            fields=details.get("fields", []),
            target=details.get("target") or None,
            before=details.get("before"),
            after=details.get("after"),
            row=details.get("row", {}),
        )


class JobWhole(JobAnswer):
    """A job with its parameters and the first rows of it that failed."""

    params: dict[str, Any]
    first_errors: list[ResultAnswer]

    @classmethod
    def with_errors(cls, job: JobItem, failed: list[RowItem], locale: str) -> "JobWhole":
        errors = [ResultAnswer.of(item, locale) for item in failed]
        return cls(**_fields(job), params=json.loads(job.params or "{}"), first_errors=errors)


class JobPage(Wire):
    """The newest first, of the kinds that the caller may run. A page may be short, even empty, and
    still go on."""

    items: list[JobAnswer]
    next_cursor: str | None


class ResultPage(Wire):
    """Results in the order of their keys. Those of rows that are under way are not there yet."""

    csv: ClassVar[bool] = True

    items: list[ResultAnswer]
    next_cursor: str | None


def _fields(job: JobItem) -> dict[str, Any]:
    return {
        "id": job.job_id,
        "kind": job.kind,
        "state": JobState(job.state),
        "dry_run": bool(job.dry_run),
        "created_by": job.actor,
        "created_at": clock.iso(int(job.created_at)),
        "finished_at": clock.iso(int(job.finished_at)) if job.finished_at is not None else None,
        "rows": int(job.rows),
        "done": int(job.done),
        "failed": int(job.failed),
        "error": job.error,
        "undo_of": job.undo_of,
        "undone_by": job.undone_by,
    }
