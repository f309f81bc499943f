"""What the shop's calls to DynamoDB cost, counted as AWS bills them, in a process on moto.

    with Meter() as meter:
        ...
    meter.writes["orders"], meter.reads["stock"]

moto tells no true consumption, so it is computed from the requests and from the items before and
after them (docs.aws.amazon.com, Amazon DynamoDB: on-demand throughput, item sizes, GSIs):

- a write costs 1 unit for each KB of the larger of both images, begun ones whole; in a transaction
  twice that; one whose condition fails costs the same, and changes nothing;
- each index costs by its own entries, never doubled: 1 unit a KB for an entry that comes, goes or
  changes, both when its key changes, nothing when no attribute it projects does;
- a read costs 1 unit for each 4 KB, half of it eventually consistent, twice in a transaction; the
  items of a query are added up before they are rounded, those of a batch are not.

What TTL deletes and what a stream's function reads is free.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from botocore.client import BaseClient

from chalicelib.config import settings
from tests import stage

KB = 1024
READ_KB = 4
Image = Mapping[str, Any]
_SINGLE = ("PutItem", "UpdateItem", "DeleteItem")


def size_of(item: Image | None) -> int:
    """Bytes of an item or of an index's entry, as DynamoDB measures them."""
    return sum(_bytes(name) + _size(value) for name, value in (item or {}).items())


def _bytes(text: str) -> int:
    return len(text.encode())


def _size(value: Image) -> int:
    ((kind, inner),) = value.items()
    if kind == "S":
        return _bytes(inner)
    if kind == "N":
        digits = inner.lstrip("-0").replace(".", "").rstrip("0")
        return math.ceil(len(digits) / 2) + 1
    if kind == "B":
        # boto's bytes, or moto's base64.
        return len(inner) if isinstance(inner, bytes) else len(inner) * 3 // 4
    if kind == "M":
        return 3 + sum(1 + _bytes(name) + _size(each) for name, each in inner.items())
    if kind == "L":
        return 3 + sum(1 + _size(each) for each in inner)
    if kind in ("SS", "NS", "BS"):
        return sum(_size({kind[0]: each}) for each in inner)
    return 1


def _units(size: float, kb: int = 1) -> int:
    return max(1, math.ceil(size / (kb * KB)))


@dataclass(frozen=True)
class Index:
    """One GSI: its keys, and which attributes it has besides (None: all)."""

    keys: tuple[str, ...]
    projected: frozenset[str] | None

    def entry(self, item: Image | None) -> Image | None:
        """What of an item the index holds; None for one that is not in it."""
        if item is None or not all(key in item for key in self.keys):
            return None
        return {
            name: value
            for name, value in item.items()
            if self.projected is None or name in self.projected
        }

    def units(self, before: Image | None, after: Image | None) -> int:
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old and new and all(old[key] == new[key] for key in self.keys):
            return _units(max(size_of(old), size_of(new)))
        return sum(_units(size_of(entry)) for entry in (old, new) if entry is not None)


@dataclass(frozen=True)
class Table:
    keys: tuple[str, ...]
    indexes: tuple[Index, ...]

    def key_of(self, item: Image) -> dict[str, Any]:
        return {name: item[name] for name in self.keys}


def _tables() -> dict[str, Table]:
    """The tables of infra/tables.yaml, by their names in the test stage."""
    return {one["TableName"]: _table(one) for one in stage.table_definitions()}


def _table(definition: Mapping[str, Any]) -> Table:
    keys = _key_names(definition)
    indexes = []
    for index in definition.get("GlobalSecondaryIndexes", []):
        projection, own = index["Projection"], _key_names(index)
        named = frozenset((*keys, *own, *projection.get("NonKeyAttributes", ())))
        whole = projection["ProjectionType"] == "ALL"
        indexes.append(Index(own, None if whole else named))
    return Table(keys, tuple(indexes))


def _key_names(definition: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in definition["KeySchema"])


Place = tuple[str, dict[str, Any]]


class Meter:
    """Counts while it is open; `writes` and `reads` are units by table, `calls` by operation."""

    def __init__(self) -> None:
        self.writes: Counter[str] = Counter()
        self.reads: dict[str, float] = Counter()
        self.calls: Counter[str] = Counter()
        self._known = _tables()
        self._request: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._inner = inner = BaseClient._make_api_call

        def counted(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            if client.meta.service_model.service_name != "dynamodb":
                return inner(client, operation, request)
            return self._call(lambda: inner(client, operation, request), operation, request)

        BaseClient._make_api_call = counted
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        BaseClient._make_api_call = self._inner

    def _call(self, call: Callable[[], Any], operation: str, request: dict[str, Any]) -> Any:
        self._request = request
        self.calls[operation] += 1
        written = list(self._written(operation))
        before = [self._item(place) for place, _ in written]
        answer: dict[str, Any] = {}
        try:
            answer = call()
        finally:
            # A refused call is charged for as well.
            for (place, times), was in zip(written, before, strict=True):
                self._count_write(place, times, was)
            for table, units in self._read(operation, answer):
                self.reads[self._name(table)] += units
        return answer

    def _count_write(self, place: Place, times: int, before: Image | None) -> None:
        table, after = place[0], self._item(place)
        units = times * _units(max(size_of(before), size_of(after)))
        units += sum(index.units(before, after) for index in self._known[table].indexes)
        self.writes[self._name(table)] += units

    def _written(self, operation: str) -> Iterator[tuple[Place, int]]:
        """The items that a request writes (or checks), and how many times each is charged."""
        request = self._request
        if operation in _SINGLE:
            yield self._place(request), 1
        elif operation == "TransactWriteItems":
            for entry in request["TransactItems"]:
                ((_, inner),) = entry.items()
                yield self._place(inner), 2
        elif operation == "BatchWriteItem":
            for table, entries in request["RequestItems"].items():
                for entry in entries:
                    ((_, inner),) = entry.items()
                    yield self._place({"TableName": table, **inner}), 1

    def _place(self, request: Mapping[str, Any]) -> Place:
        table = request["TableName"]
        return table, request.get("Key") or self._known[table].key_of(request["Item"])

    def _read(self, operation: str, answer: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        request = self._request
        if operation == "GetItem":
            item = self._item((request["TableName"], request["Key"]))
            yield request["TableName"], _units(size_of(item), READ_KB) * _share(request)
        elif operation in ("Query", "Scan"):
            size = sum(self._read_size(request, item) for item in answer.get("Items", []))
            yield request["TableName"], _units(size, READ_KB) * _share(request)
        elif operation == "BatchGetItem":
            for table, wanted in request["RequestItems"].items():
                for key in wanted["Keys"]:
                    size = size_of(self._item((table, key)))
                    yield table, _units(size, READ_KB) * _share(wanted)

    def _read_size(self, request: Mapping[str, Any], item: Image) -> int:
        """Of a table's item all is read, whatever of it is asked for; of an index its entry."""
        known = self._known[request["TableName"]]
        whole = None
        if "IndexName" not in request and all(key in item for key in known.keys):
            whole = self._item((request["TableName"], known.key_of(item)))
        return size_of(whole or item)

    def _item(self, place: Place) -> Image | None:
        return stage.moto_here.item(*place)

    @staticmethod
    def _name(table: str) -> str:
        return table.removeprefix(settings().table(""))


def _share(request: Mapping[str, Any]) -> float:
    return 1.0 if request.get("ConsistentRead") else 0.5
