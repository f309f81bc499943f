"""Jobs in a test's process: begun, and worked off as the queue would have it."""

from typing import Any

from chalicelib.jobs import start, sweep, tables
from chalicelib.jobs.tables import JobItem, RowItem
from chalicelib.jobs.work import work
from chalicelib.kernel import clock

STATUS = "products.status"


def begin(
    products: list[str], status: str = "INACTIVE", *, name: str = "op_one", dry_run: bool = False
) -> JobItem:
    """A job that gives products a status."""
    rows = [{"productId": product, "status": status} for product in products]
    wish = start.Wish(STATUS, rows=rows, dry_run=dry_run)
    return start.start(wish, operation=name, actor="user:usr_1", now=clock.now())


def work_off(job: JobItem) -> JobItem:
    """What one message after the other does, until the job is ended."""
    for _ in range(50):
        if tables.read(job.job_id).open_shard is None:
            return tables.read(job.job_id)
        work(job.job_id, clock.now())
        clock.shift(clock_shift() + 20)
    raise AssertionError("the job does not end")


def clock_shift() -> float:
    return clock._shift_seconds


def results(job: JobItem) -> dict[str, RowItem]:
    """The results of all rows, by key."""
    found = tables.results(job.job_id, after=None, limit=10_000, consistent=True)
    return {item.key: item for item in found}


def outcomes(job: JobItem) -> dict[str, Any]:
    """Each row's outcome, or its code."""
    return {key: item.code or item.outcome for key, item in results(job).items()}


def due() -> None:
    """The schedule's run."""
    sweep.sweep(clock.now())
