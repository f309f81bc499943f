"""The check over everything that must add up: stock, holds, its ledger, the orders behind holds,
and the store balances.

A run is a job (kind `check`) that walks through five tables, slice by slice. One row (`checks`) is
what the newest run has found; it is written together with how far the walk came, so a slice that is
cut off is repeated, and counts once.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.integrity.compare import METRICS, PARTS, Slice
from chalicelib.jobs import start as jobs
from chalicelib.jobs.kinds import Beginning, Due, Json, Walked, WalkStep
from chalicelib.kernel import telemetry
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.db.transaction import ExtraWrites, Transaction
from chalicelib.kernel.errors import Conflict, NotFound, StaleState
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.orders.tables import CheckItem

KIND = "check"
DAY_SECONDS = 86_400
SLICE = 500  # rows between two notes of how far a run came
SHORTEST_SLICE_SECONDS = 30.0  # less time than this left: the next worker does it
MOST_KEPT = 100  # findings that the run keeps of each kind; all are counted


class CheckUnderway(Conflict):
    """A run is under way, and one that repairs waits for the end of one that does not."""

    code = "CHECK_UNDERWAY"


class NoCheckYet(NotFound):
    code = "NO_CHECK_YET"


def start(*, repair: bool, operator: str, operation: str, now: int) -> CheckItem:
    """Begin a run. One that is under way is answered instead.

    `operation` is the calling call's own name: the same again begins no other run. Raises
    CheckUnderway when a repair is wanted and the run under way makes none.
    """
    found = progress()
    if found is not None and found.run_id != jobs.id_of(operation) and is_under_way(found):
        if repair and not found.repair:
            raise CheckUnderway()
        return found
    try:
        wish = jobs.Wish(KIND, {"repair": repair})
        jobs.start(wish, operation=operation, actor=operator, now=now)
    except CheckUnderway:
        # Somebody else began one in this very moment.
        return start(repair=repair, operator=operator, operation=operation, now=now)
    run = progress()
    if run is None:
        raise NoCheckYet()
    return run


def progress() -> CheckItem | None:
    """The newest run, as far as it has come."""
    return dynamo.get(CheckItem, CheckItem.LATEST)


def is_under_way(run: CheckItem) -> bool:
    """Whether the run goes on: its job has not come to its end, nor was it cancelled."""
    return run.finished_at is None and jobs.is_open(run.run_id)


def parts(run: CheckItem) -> list[tuple[str, int, bool]]:
    """Each part with how many rows were compared, and whether that were all."""
    reached = list(PARTS).index(run.part)
    over = run.finished_at is not None
    return [
        (part, int(run.rows.get(part, 0)), over or at < reached) for at, part in enumerate(PARTS)
    ]


# ---- the job -----------------------------------------------------------------------------


def due(now: int) -> Due | None:
    """The day's run, a day after the last one began."""
    run = progress()
    if run is None:
        return Due(f"{KIND}#0")
    if run.started_at > now - DAY_SECONDS or is_under_way(run):
        return None
    # Named for the run before it: two workers who begin it begin the same one.
    return Due(f"{KIND}#{int(run.version)}")


def begin(beginning: Beginning) -> ExtraWrites:
    """The run's row, in place of the last run's. Raises CheckUnderway."""
    found = progress()
    if found is not None and is_under_way(found):
        raise CheckUnderway()
    run = CheckItem(
        CheckItem.LATEST,
        run_id=beginning.job_id,
        operator=beginning.actor,
        repair=beginning.params.repair,
        started_at=beginning.now,
        version=int(found.version) + 1 if found else 1,
        part=next(iter(PARTS)),
    )
    unmoved = CheckItem.version == found.version if found else CheckItem.name.does_not_exist()
    return lambda tx: tx.put(run, condition=unmoved, on_condition_failed=StaleState())


def compare_slice(params: Any, cursor: Json | None, step: WalkStep) -> Walked:
    """Compare the next rows of the table that is under way, and note how far the run is. Raises
    CheckUnderway for a run that another one has replaced, as it was cancelled."""
    run = progress()
    if run is None or run.run_id != step.job_id:
        raise CheckUnderway()
    part, place = (cursor["part"], cursor) if cursor else (next(iter(PARTS)), {})
    model, compare = PARTS[part]
    done = Done(KIND)
    items, after = scanning.page(model, done.fail, after=place.get("after"), limit=SLICE)
    made = Slice(run, done, {kind: [] for kind in METRICS}, place.get("carried"), step.now)
    compare(made, items, last=after is None)
    following = part if after is not None else _after(part)
    walked = Walked(
        {"part": following, "after": after, "carried": made.carried} if following else None,
        done=max(0, len(items) - done.failed),
        failed=done.failed,
    )
    found = _found(run, made, part, len(items))
    with Transaction() as tx:
        ended = None if following else step.now
        _save(tx, run, {**found, "part": following or part, "finished_at": ended})
        step.done(tx, walked)
    _report(made)
    return walked


def _found(run: CheckItem, made: Slice, part: str, items: int) -> dict[str, Any]:
    """The run's counts and findings, with the slice's."""
    counted = {kind: int(run.found.get(kind, 0)) + len(made.findings[kind]) for kind in METRICS}
    kept = {
        kind: [*run.findings.get(kind, []), *made.findings[kind]][:MOST_KEPT] for kind in METRICS
    }
    return {
        "rows": {**run.rows, part: int(run.rows.get(part, 0)) + items},
        "failed": int(run.failed) + made.done.failed,
        "repaired": int(run.repaired) + made.repaired,
        "found": counted,
        "findings": kept,
    }


def _report(made: Slice) -> None:
    for kind, metric in METRICS.items():
        telemetry.metric({metric: len(made.findings[kind])})
    rows.report(made.done)


def _after(part: str) -> str | None:
    names = list(PARTS)
    at = names.index(part) + 1
    return names[at] if at < len(names) else None


def _save(tx: Transaction, run: CheckItem, changes: Mapping[str, Any]) -> None:
    """Write a run's changes, if it is as it was read. StaleState otherwise."""
    saved = CheckItem(**{**run.attribute_values, **changes, "version": int(run.version) + 1})
    unmoved = (CheckItem.version == run.version) & (CheckItem.run_id == run.run_id)
    tx.put(saved, condition=unmoved, on_condition_failed=StaleState())
