"""The catalogue's kinds of jobs."""

from chalicelib.catalog import job_schemas as schemas
from chalicelib.catalog import status
from chalicelib.catalog.rules import Status
from chalicelib.jobs.kinds import Result, RowKind, RowStep
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.db.transaction import Transaction


def _set_status(row: schemas.StatusRow, step: RowStep) -> Result:
    return _change(row.product_id, status.status_of(row.product_id), Status(row.status), step)


def _set_back(row: schemas.StatusRow, result: Result, step: RowStep) -> Result:
    """Raises ProductChanged when somebody has given the product another status since."""
    before, after = Status(result.before["status"]), Status(result.after["status"])
    status.check_status(row.product_id, after)
    return _change(row.product_id, after, before, step)


def _change(product_id: str, before: Status, after: Status, step: RowStep) -> Result:
    result = Result(f"product:{product_id}", {"status": before}, {"status": after})
    if before != after and not step.dry_run:
        with Transaction() as tx:
            status.change_status(tx, product_id, before, after)
            step.done(tx, result)
    return result


KINDS = (
    RowKind(
        name="products.status",
        permission=Permission.EDIT_PRODUCT,
        row=schemas.StatusRow,
        key="productId",
        apply=_set_status,
        undo=_set_back,
    ),
)
