"""Jobs over HTTP: beginning, watching, cancelling, going on, taking back. Each kind of job takes
its own permission besides the one for jobs."""

from __future__ import annotations

from chalicelib.jobs import control, listing, result_file, schemas, start, tables
from chalicelib.kernel import clock
from chalicelib.kernel.web.http import Answer, Change, Permission, Routes
from chalicelib.kernel.web.request import Request

routes = Routes(__name__)

# A list of ten thousand rows; API Gateway takes 10 MB.
MOST_BYTES = 2 * 1024 * 1024


@routes.get("/api/admin/jobs", access=Permission.MANAGE_JOBS, gives="JobPage", also=(400,))
def list_jobs(request: Request, query: schemas.JobQuery) -> Answer:
    """Jobs, the newest first."""
    items, following = listing.page(
        listing.JobFilter(query.kind, query.state),
        listing.may_see(request.caller),
        size=query.page_size,
        cursor=query.cursor,
        now=clock.now(),
    )
    answers = [schemas.JobAnswer.of(item) for item in items]
    return Answer(schemas.JobPage(items=answers, next_cursor=following))


@routes.post(
    "/api/admin/jobs",
    access=Permission.MANAGE_JOBS,
    gives="JobAnswer",
    status=202,
    also=(409,),
    most_bytes=MOST_BYTES,
)
def start_job(request: Request, body: schemas.NewJob) -> Answer:
    """Begin a job; it is worked off after this answer."""
    listing.check_kind(request.caller, body.kind)
    job = start.start(
        start.Wish(body.kind, body.params, body.rows, body.dry_run),
        operation=request.operation,
        actor=request.caller.name,
        now=clock.now(),
    )
    return _answer(job)


@routes.get("/api/admin/jobs/{job_id}", access=Permission.MANAGE_JOBS, gives="JobWhole")
def read_job(request: Request, job_id: str) -> Answer:
    """How far a job is, and the first rows of it that failed."""
    job = listing.read(request.caller, job_id)
    return Answer(schemas.JobWhole.with_errors(job, listing.first_errors(job), request.locale))


@routes.get(
    "/api/admin/jobs/{job_id}/results",
    access=Permission.MANAGE_JOBS,
    gives="ResultPage",
    also=(400,),
)
def job_results(request: Request, query: schemas.ResultQuery, job_id: str) -> Answer:
    """What came of each row, page by page or as a file."""
    job = listing.read(request.caller, job_id)
    failed = query.outcome is not None
    if query.format == "csv":
        return _file(job, failed=failed, cursor=query.cursor)
    items, following = listing.results(
        job_id, failed=failed, size=query.page_size, cursor=query.cursor
    )
    answers = [schemas.ResultAnswer.of(item, request.locale) for item in items]
    return Answer(schemas.ResultPage(items=answers, next_cursor=following))


@routes.post(
    "/api/admin/jobs/{job_id}/cancel",
    access=Permission.MANAGE_JOBS,
    gives="JobAnswer",
    also=(409,),
)
def cancel_job(request: Request, body: schemas.JobCommand, job_id: str) -> Answer:
    """Let nothing more of a job begin. What it has done stays done."""
    listing.read(request.caller, job_id)
    return _answer(control.cancel(job_id, now=clock.now()))


@routes.post(
    "/api/admin/jobs/{job_id}/resume",
    access=Permission.MANAGE_JOBS,
    gives="JobAnswer",
    status=202,
    also=(409,),
)
def resume_job(request: Request, body: schemas.JobCommand, job_id: str) -> Answer:
    """Go on with a job that was cancelled or could not go on."""
    listing.read(request.caller, job_id)
    return _answer(control.resume(job_id))


@routes.post(
    "/api/admin/jobs/{job_id}/undo",
    access=Permission.MANAGE_JOBS,
    gives="JobAnswer",
    status=202,
    also=(409,),
)
def undo_job(request: Request, body: schemas.JobCommand, job_id: str) -> Answer:
    """Begin the job that takes back what this one has done."""
    listing.read(request.caller, job_id)
    return _answer(control.undo(job_id, actor=request.caller.name, now=clock.now()))


def _answer(job: tables.JobItem) -> Answer:
    after = {"kind": job.kind, "state": job.state, "rows": job.rows, "dry_run": job.dry_run}
    return Answer(schemas.JobAnswer.of(job), change=Change(f"job:{job.job_id}", after=after))


def _file(job: tables.JobItem, *, failed: bool, cursor: str | None) -> Answer:
    text, following = result_file.made_of(job, failed=failed, cursor=cursor)
    headers = {
        "Content-Type": result_file.MEDIA_TYPE,
        "Content-Disposition": f'attachment; filename="{job.job_id}.csv"',
    }
    if following:
        only = "&outcome=FAILED" if failed else ""
        headers["Link"] = f'<results?format=csv{only}&cursor={following}>; rel="next"'
    return Answer(text, headers=headers, bare=True)
