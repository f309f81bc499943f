"""One row of a job: tried, and its result written once, whatever happens in between."""

import json
from contextlib import nullcontext, suppress
from typing import Any

from chalicelib.jobs.kinds import Json, Result, RowKind
from chalicelib.jobs.rules import Outcome
from chalicelib.jobs.tables import ROW, JobItem, RowItem
from chalicelib.kernel import audit, deadline, dry_run, telemetry
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.transaction import Transaction, retry_on_conflict
from chalicelib.kernel.errors import AlreadyWritten, Invalid, ShopError, Unavailable
from chalicelib.kernel.ids import derived
from chalicelib.kernel.messaging.rows import ROW_SECONDS
from chalicelib.kernel.web import request as requests


class Step:
    """A row's work, as the kind sees it (kinds.RowStep)."""

    def __init__(self, job: JobItem, key: str, number: int, row: Json, now: int) -> None:
        self.operation = derived("op", job.job_id, key)
        self.dry_run, self.actor, self.now = bool(job.dry_run), str(job.actor), now
        self.added = False
        self._job, self._key, self._number, self._row = job, key, number, row

    def done(self, tx: Transaction, result: Result) -> None:
        self.added = True
        tx.put(
            self._item(Outcome.OK, None, _body(result)),
            condition=RowItem.part.does_not_exist(),
            on_condition_failed=AlreadyWritten(),
        )
        if self.dry_run or not result.target:
            return
        verb = "undo" if self._job.undo_of else "job"
        audit.add(
            tx,
            self.actor,
            f"{verb}.{self._job.kind}",
            result.target,
            before=result.before,
            after=result.after,
            request_id=f"{self._job.job_id}/{self._key}",
            now=self.now,
        )

    def record(self, result: Result) -> None:
        """Write the result of a row whose effect was not in one transaction with it."""
        with suppress(AlreadyWritten), Transaction() as tx:
            self.done(tx, result)

    def fail(self, code: str, fields: list[str]) -> None:
        """Write that the row failed, unless it is done."""
        with suppress(AlreadyWritten):
            dynamo.put(
                self._item(Outcome.FAILED, code, {"fields": fields}),
                condition=RowItem.part.does_not_exist(),
                on_condition_failed=AlreadyWritten(),
            )

    def _item(self, outcome: Outcome, code: str | None, details: dict[str, Any]) -> RowItem:
        return RowItem(
            self._job.job_id,
            f"{ROW}{self._key}",
            number=self._number,
            outcome=outcome,
            code=code,
            body=json.dumps({"row": dict(self._row), **details}),
            failed_job=self._job.job_id if outcome == Outcome.FAILED else None,
            at=self.now,
            expires_at=self._job.expires_at,
        )


def try_row(kind: RowKind, step: Step, row: Json, taken_back: Json | None) -> ShopError | None:
    """Do a row, or take one back that had this result; what keeps it waiting, if anything does.

    An error of the shop's and an error of the code both end the row, as a failure with a code: it
    would fail again. What is busy or out of reach may go better later.
    """
    try:
        with (
            deadline.within(ROW_SECONDS),
            dry_run.enforced() if step.dry_run else nullcontext(),
        ):
            result = retry_on_conflict(lambda: _apply(kind, step, row, taken_back))
    except AlreadyWritten:
        return None
    except Unavailable as error:
        return error
    except ShopError as error:
        step.fail(error.code, [entry.field for entry in error.fields])
        return None
    except Exception as error:
        if (busy := dynamo.outage(error)) is not None:
            return busy
        telemetry.logger().error(
            "row failed", extra={"job": kind.name, "row": step.operation}, exc_info=error
        )
        step.fail(ShopError.code, [])
        return None
    if not step.added:
        step.record(result)
    return None


def _apply(kind: RowKind, step: Step, row: Json, taken_back: Json | None) -> Result:
    step.added = False
    wanted = requests.validated(kind.row, dict(row))
    if taken_back is None:
        return kind.apply(wanted, step)
    if kind.undo is None:
        raise Invalid()
    before, after = taken_back.get("before", {}), taken_back.get("after", {})
    return kind.undo(wanted, Result(taken_back.get("target", ""), before, after), step)


def _body(result: Result) -> dict[str, Any]:
    return {"target": result.target, "before": dict(result.before), "after": dict(result.after)}
