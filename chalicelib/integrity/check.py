"""The check over everything that must add up: stock, holds, its ledger, the orders behind holds,
and the store balances.

A run goes through five tables, slice by slice, and remembers after each slice how far it came: the
worker stops in time and the next one goes on, so a run may take as many of them as the shop is
large. One row (`checks`) is the run, its progress and its findings; writes to it are conditional on
its version, so two workers at once lose nothing but time. A crash repeats one slice.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.integrity.compare import METRICS, PARTS, Slice
from chalicelib.kernel import deadline, ids, telemetry
from chalicelib.kernel.db import dynamo, scanning
from chalicelib.kernel.errors import Conflict, NotFound, StaleState
from chalicelib.kernel.messaging import rows
from chalicelib.kernel.messaging.rows import Done
from chalicelib.orders.tables import CheckItem

NIGHTLY = "check"
DAY_SECONDS = 86_400
SLICE = 500  # rows between two notes of how far a run came
SHORTEST_SLICE_SECONDS = 30.0  # less time than this left: the next worker does it
BUSY_SECONDS = 900  # a worker's longest time; one that died is waited for no longer
MOST_KEPT = 100  # findings that the run keeps of each kind; all are counted


class CheckUnderway(Conflict):
    """A run that does not repair is under way: one that does waits for its end."""

    code = "CHECK_UNDERWAY"


class NoCheckYet(NotFound):
    code = "NO_CHECK_YET"


def start(*, repair: bool, operator: str, run_id: str, now: int) -> CheckItem:
    """Ask for a run; the worker begins within minutes. One that is under way is answered instead.

    `run_id` is the asking call's own name: asked again under it, the same run. Raises
    CheckUnderway when a repair is asked for and the run under way makes none.
    """
    found = progress()
    if found is not None and found.run_id == run_id:
        return found
    if found is not None and found.finished_at is None:
        if repair and not found.repair:
            raise CheckUnderway()
        return found
    run = CheckItem(
        CheckItem.LATEST,
        run_id=run_id,
        operator=operator,
        repair=repair,
        started_at=now,
        version=int(found.version) + 1 if found else 1,
        part=next(iter(PARTS)),
    )
    unmoved = CheckItem.version == found.version if found else CheckItem.name.does_not_exist()
    try:
        dynamo.put(run, condition=unmoved, on_condition_failed=StaleState())
    except StaleState:
        # Somebody else asked in this very moment.
        return start(repair=repair, operator=operator, run_id=run_id, now=now)
    return run


def progress() -> CheckItem | None:
    """The newest run, as far as it has come."""
    return dynamo.get(CheckItem, CheckItem.LATEST)


def parts(run: CheckItem) -> list[tuple[str, int, bool]]:
    """Each part with how many rows were compared, and whether that were all."""
    reached = list(PARTS).index(run.part)
    over = run.finished_at is not None
    return [
        (part, int(run.rows.get(part, 0)), over or at < reached) for at, part in enumerate(PARTS)
    ]


def work(now: int, *, most_slices: int | None = None) -> dict[str, Any]:
    """The worker: go on with the run that is under way, or begin the day's. How far it came."""
    run = progress()
    if run is None or (run.finished_at is not None and run.started_at <= now - DAY_SECONDS):
        run = start(repair=False, operator=NIGHTLY, run_id=f"{NIGHTLY}#{now}", now=now)
    if run.finished_at is not None or run.busy_until > now:
        return wire(run)
    done = Done(NIGHTLY)
    try:
        run = _go_on(_save(run, _taken(now)), done, now, most_slices)
    except StaleState:
        # Another worker has the run: what it finds is the same.
        run = progress() or run
    # That a large shop takes several workers is as it should be; that it takes more than a day not.
    done.left = int(run.finished_at is None and run.started_at <= now - DAY_SECONDS)
    rows.report(done)
    return wire(run)


def _taken(now: int) -> dict[str, Any]:
    return {"busy_until": now + BUSY_SECONDS, "worker": ids.token()}


def _go_on(run: CheckItem, done: Done, now: int, most_slices: int | None) -> CheckItem:
    """Slice after slice until the run is done or time is over, then leave it to the next worker."""
    slices = 0
    try:
        while run.finished_at is None and slices != most_slices:
            if deadline.left() < SHORTEST_SLICE_SECONDS:
                break
            run = _slice(run, done, now)
            slices += 1
    except StaleState:
        raise
    except Exception as error:
        # The table is out of reach, not one row of it: the slice is repeated.
        done.fail(run.part, error)
    if run.finished_at is None:
        run = _save(run, {"busy_until": 0})
    return run


def wire(run: CheckItem) -> dict[str, Any]:
    """For the log: how far a run came and what it found."""
    return {
        "run": run.run_id,
        "complete": run.finished_at is not None,
        "part": run.part,
        "rows": dict(run.rows),
        "failed": int(run.failed),
        **{kind: int(run.found.get(kind, 0)) for kind in METRICS},
    }


def _slice(run: CheckItem, done: Done, now: int) -> CheckItem:
    """Compare the next rows of the table that is under way, and note how far the run is."""
    model, compare = PARTS[run.part]
    failed = done.failed
    items, after = scanning.page(model, done.fail, after=run.after, limit=SLICE)
    made = Slice(run, done, {kind: [] for kind in METRICS}, run.carried, now)
    compare(made, items, last=after is None)
    for kind, metric in METRICS.items():
        telemetry.metric({metric: len(made.findings[kind])})
    counted = {kind: int(run.found.get(kind, 0)) + len(made.findings[kind]) for kind in METRICS}
    kept = {
        kind: [*run.findings.get(kind, []), *made.findings[kind]][:MOST_KEPT] for kind in METRICS
    }
    part = run.part if after is not None else _after(run.part)
    return _save(
        run,
        {
            "part": part or run.part,
            "after": after,
            "carried": made.carried,
            "rows": {**run.rows, run.part: int(run.rows.get(run.part, 0)) + len(items)},
            "failed": int(run.failed) + done.failed - failed,
            "repaired": int(run.repaired) + made.repaired,
            "found": counted,
            "findings": kept,
            "finished_at": None if part else now,
        },
    )


def _after(part: str) -> str | None:
    names = list(PARTS)
    at = names.index(part) + 1
    return names[at] if at < len(names) else None


def _save(run: CheckItem, changes: Mapping[str, Any]) -> CheckItem:
    """Write a run's changes, if it is as it was read. StaleState otherwise."""
    saved = CheckItem(**{**run.attribute_values, **changes, "version": int(run.version) + 1})
    # The SDK repeats a write whose reply was lost: that is this worker's own, over itself.
    own = (CheckItem.version == saved.version) & (CheckItem.worker == saved.worker)
    dynamo.put(
        saved,
        condition=((CheckItem.version == run.version) | own) & (CheckItem.run_id == run.run_id),
        on_condition_failed=StaleState(),
    )
    return saved
