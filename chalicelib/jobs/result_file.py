"""A job's results as a file for a sheet: each row as it was sent, and what came of it.

The columns of the row stand under their own names, so that rows that failed can be mended in the
sheet and sent again.
"""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.jobs import listing, registry
from chalicelib.jobs.kinds import RowKind
from chalicelib.jobs.tables import JobItem, RowItem

MEDIA_TYPE = "text/csv; charset=utf-8"
RESULT = ("number", "outcome", "code", "fields", "before", "after")
# An answer of Lambda has 6 MB.
MOST_BYTES = 4_000_000
PAGE = 500
# A sheet takes what begins so for a formula (owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def made_of(job: JobItem, *, failed: bool, cursor: str | None) -> tuple[str, str | None]:
    """The file, and where it goes on when it is not whole. Raises CursorInvalid."""
    kind = registry.kind(job.kind)
    names = _columns(kind) if isinstance(kind, RowKind) else []
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*RESULT, *names])
    while True:
        found, cursor = listing.results(job.job_id, failed=failed, size=PAGE, cursor=cursor)
        for item in found:
            writer.writerow([_cell(value) for value in _line(item, names)])
        if cursor is None or text.tell() > MOST_BYTES:
            return text.getvalue(), cursor


def _columns(kind: RowKind) -> list[str]:
    return [str(field.alias) for field in kind.row.model_fields.values()]


def _line(item: RowItem, names: list[str]) -> list[Any]:
    details = item.details
    row: Mapping[str, Any] = details.get("row", {})
    wrong = " ".join(details.get("fields", []))
    result = [
        item.number,
        item.outcome,
        item.code,
        wrong,
        details.get("before"),
        details.get("after"),
    ]
    return [*result, *(row.get(name) for name in names)]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return value if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
