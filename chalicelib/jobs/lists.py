"""Lists of rows: what each row is about, and the chunks in which they are worked on."""

import json
from collections.abc import Iterator, Sequence

from chalicelib.jobs import tables
from chalicelib.jobs.kinds import Json, RowKind
from chalicelib.jobs.rules import CHUNK_ROWS, MOST_KEY, MOST_ROW_BYTES, MOST_ROWS
from chalicelib.jobs.tables import ChunkItem, JobItem
from chalicelib.kernel.errors import FieldError, Invalid


def keys(kind: RowKind, rows: Sequence[Json]) -> Iterator[str]:
    """What each row is about. Raises Invalid when two are about the same, or one about nothing:
    such a list can't have one result for each row."""
    if not 1 <= len(rows) <= MOST_ROWS:
        raise Invalid(FieldError("rows", "field.job_rows", {"most": MOST_ROWS}))
    seen: set[str] = set()
    for number, row in enumerate(rows):
        key, field = key_of(kind, row), f"rows.{number}.{kind.key}"
        if key is None or len(json.dumps(row)) > MOST_ROW_BYTES:
            raise Invalid(FieldError(field, "field.value_error"))
        if key in seen:
            raise Invalid(FieldError(field, "field.twice", {"id": key}))
        seen.add(key)
        yield key


def key_of(kind: RowKind, row: Json) -> str | None:
    """What a row is about, as it was sent; None when it says nothing of it."""
    key = row.get(kind.key)
    if isinstance(key, str) and key.isprintable() and 1 <= len(key) <= MOST_KEY:
        return key
    return None


def chunks_needed(rows: int) -> int:
    """In how many chunks so many rows are worked on."""
    return -(-rows // CHUNK_ROWS)


def chunks_of(job: JobItem, rows: Sequence[Json], *, first: int) -> Iterator[ChunkItem]:
    """The rows in chunks; `first` is the number of the first row in the job."""
    for at in range(0, len(rows), CHUNK_ROWS):
        yield ChunkItem(
            job.job_id,
            tables.chunk_part(first + at),
            first=first + at,
            packed_rows=json.dumps([dict(row) for row in rows[at : at + CHUNK_ROWS]]),
            expires_at=job.expires_at,
        )
