"""Jobs, what is left to do of each, and the results of their rows. A job's items lie together.

Access patterns
    write  a job                       Put     jobs (job_id, "job"), once; Update, conditional on
                                               its state
    read   a job                       Get     jobs (job_id, "job"), consistent
    read   jobs, newest first          Query   jobs.by_kind (kind, place), of each kind
    read   jobs that are not ended     Query   jobs.by_open (open_shard, place)
    read   what is left of a job       Query   jobs (job_id, "chunk#…"), consistent
    write  a worker takes a chunk      Update  jobs (job_id, "chunk#…"), unless another one has it
    write  a chunk is done             Delete it and Update the job's counts, in one transaction
    write  a slice of a walk is done   Update the walk and the job's counts, Put what it found to do
    write  a row is done               Put     jobs (job_id, "row#<key>"), once, in the transaction
                                               of its effect
    read   results of rows             Query   jobs (job_id, "row#…"); Batch by key, consistent
    read   failed rows                 Query   jobs.by_failed (failed_job, part)

A row's result is the proof that the row was done. Counts are for showing: they follow from the
results when a chunk is done. A job is over when it has no chunk left.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, IncludeProjection, KeysOnlyProjection

from chalicelib.jobs.rules import JobNotFound
from chalicelib.kernel import clock
from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Document, Index
from chalicelib.kernel.db.packed import Packed
from chalicelib.kernel.ids import shard

JOB = "job"
CHUNK, ROW = "chunk#", "row#"
# After all numbers: chunks with rows go before the walk that finds more of them.
WALK = f"{CHUNK}walk"
OPEN_SHARDS = 4
# What the list of jobs shows of each.
SUMMARY = tuple(
    """state actor created_at finished_at dry_run rows done failed error undo_of undone_by
    expires_at""".split()
)


class ByKind(Index["JobItem"]):
    class Meta:
        index_name = "by_kind"
        projection = IncludeProjection(list(SUMMARY))

    kind = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class ByOpen(Index["JobItem"]):
    class Meta:
        index_name = "by_open"
        projection = KeysOnlyProjection()

    open_shard = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class ByFailed(Index["RowItem"]):
    class Meta:
        index_name = "by_failed"
        projection = AllProjection()

    failed_job = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)


# The client has one description of a table, so that each shape of an item names all its indexes.


class JobItem(Document):
    class Meta:
        table = "jobs"

    job_id = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True, default=JOB)
    kind = UnicodeAttribute()
    # Its place in the list: by time, and by id within a second.
    place = UnicodeAttribute()
    state = UnicodeAttribute()
    actor = UnicodeAttribute()
    created_at = NumberAttribute()
    finished_at = NumberAttribute(null=True)
    dry_run = BooleanAttribute(default=False)
    params = Packed(null=True)
    # Known so far; a walk finds more.
    rows = NumberAttribute(default=0)
    done = NumberAttribute(default=0)
    failed = NumberAttribute(default=0)
    # Its list of rows is whole, or it needs none.
    loaded = BooleanAttribute(default=False)
    # Why it can't go on.
    error = UnicodeAttribute(null=True)
    # The job that this one takes back, and the one that takes this one back.
    undo_of = UnicodeAttribute(null=True)
    undone_by = UnicodeAttribute(null=True)
    # Only while it is not ended.
    open_shard = UnicodeAttribute(null=True)
    # Also the table's TTL, which only sweeps up.
    expires_at = NumberAttribute()

    by_kind, by_open, by_failed = ByKind(), ByOpen(), ByFailed()


class ChunkItem(Document):
    """Some rows, or where a walk goes on; it is there until it is done."""

    class Meta:
        table = "jobs"

    job_id = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)
    # The number of its first row in the job, from 1, and the rows, as JSON.
    first = NumberAttribute(default=0)
    packed_rows = Packed(null=True)
    # Of a walk: where it goes on, as JSON, and how many slices it has done.
    packed_cursor = Packed(null=True)
    slices = NumberAttribute(default=0)
    # Which worker has it, and until when the others leave it to that one.
    worker = UnicodeAttribute(null=True)
    busy_until = NumberAttribute(default=0)
    # Nobody takes it before: something was out of reach.
    not_before = NumberAttribute(default=0)
    tries = NumberAttribute(default=0)
    # Of its results, those that stand in the job's counts already: a turn was cut short.
    counted_done = NumberAttribute(default=0)
    counted_failed = NumberAttribute(default=0)
    # Workers that have died on it, one after the other, and the row that the last one had begun.
    crashes = NumberAttribute(default=0)
    trying = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()

    by_kind, by_open, by_failed = ByKind(), ByOpen(), ByFailed()

    @property
    def is_walk(self) -> bool:
        return bool(self.part == WALK)

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.packed_rows or "[]")
        return found

    @property
    def cursor(self) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = json.loads(self.packed_cursor or "null")
        return found


class RowItem(Document):
    """What came of a row."""

    class Meta:
        table = "jobs"

    job_id = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)
    number = NumberAttribute()
    outcome = UnicodeAttribute()
    code = UnicodeAttribute(null=True)
    # JSON of the row, and of its fields that are wrong, or of its target, before and after.
    body = Packed()
    # Only of one that failed.
    failed_job = UnicodeAttribute(null=True)
    at = NumberAttribute()
    expires_at = NumberAttribute()

    by_kind, by_open, by_failed = ByKind(), ByOpen(), ByFailed()

    @property
    def key(self) -> str:
        return str(self.part).removeprefix(ROW)

    @property
    def details(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def read(job_id: str) -> JobItem:
    """A job, read consistently. Raises JobNotFound."""
    item = dynamo.get(JobItem, job_id, JOB)
    if item is None or item.expires_at <= clock.now():
        raise JobNotFound()
    return item


def chunk_part(number: int) -> str:
    return f"{CHUNK}{number:06d}"


def place_of(job_id: str, created_at: int) -> str:
    return f"{created_at:011d}#{job_id}"


def open_shard(job_id: str) -> str:
    return shard(job_id, OPEN_SHARDS)


def chunks(job_id: str, *, most: int) -> list[ChunkItem]:
    """What is left of a job, its first chunks, read consistently."""
    condition = ChunkItem.part.startswith(CHUNK)
    return list(ChunkItem.query(job_id, condition, consistent_read=True, limit=most))


def results_of(job_id: str, keys: Iterable[str]) -> dict[str, RowItem]:
    """The results that are there of these rows, by key, read consistently."""
    wanted = [(job_id, f"{ROW}{key}") for key in keys]
    return {item.key: item for item in dynamo.get_many(RowItem, wanted)}


def results(
    job_id: str, *, after: str | None, limit: int, failed: bool = False, consistent: bool = False
) -> list[RowItem]:
    """The next results after a row's key, in the order of keys; those that failed as the index
    shows them, a moment old."""
    # Between, and not after alone: nothing but rows begins so.
    condition = RowItem.part.between(f"{ROW}{after or ''}", f"{ROW}\U0010ffff")
    # The row named by `after` is in it as well.
    most = limit + 1
    found: Iterator[RowItem] = (
        RowItem.by_failed.query(job_id, condition, limit=most)
        if failed
        else RowItem.query(job_id, condition, limit=most, consistent_read=consistent)
    )
    return list(islice((item for item in found if item.key != after), limit))


def of_kind(kind: str, *, before: str | None, limit: int) -> Iterator[JobItem]:
    """The jobs of a kind, newest first, those before the place `before`."""
    condition = JobItem.place < before if before else None
    yield from JobItem.by_kind.query(kind, condition, scan_index_forward=False, limit=limit)


def not_ended() -> Iterator[str]:
    """The ids of jobs that are not ended, the oldest of each shard first."""
    for number in range(OPEN_SHARDS):
        for item in JobItem.by_open.query(f"{number:02d}"):
            yield item.job_id
