"""An index that lags: it answers as the table was a moment ago.

    with StaleIndex("holds", calls=3) as index:   # what the index knows from here on
        ...                                       # the next three queries of it answer just that

Reads of the table itself, and every write, are as they are.
"""

import operator
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.client import BaseClient

from chalicelib.config import settings
from chalicelib.kernel.db.values import image

_TERM = re.compile(r"(#\w+)\s*(<=|>=|=|<|>)\s*(:\w+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class StaleIndex:
    """All indexes of one table, frozen for a number of queries; `served` counts them."""

    def __init__(self, table: str, calls: int = 1_000_000) -> None:
        self._table, self._left, self.served = table, calls, 0

    def __enter__(self) -> Self:
        name = settings().table(self._table)
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=name)
        self._then = [item for page in pages for item in page["Items"]]
        self._real = BaseClient._make_api_call
        index = self

        def call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            asked = operation == "Query" and "IndexName" in request
            if not asked or request["TableName"] != name or not index._left:
                return index._real(client, operation, request)
            index._left -= 1
            index.served += 1
            return index._answer(request)

        BaseClient._make_api_call = call
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        BaseClient._make_api_call = self._real

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        names = request["ExpressionAttributeNames"]
        values = image(request["ExpressionAttributeValues"])
        terms = [
            (names[name], _COMPARE[sign], values[value])
            for name, sign, value in _TERM.findall(request["KeyConditionExpression"])
        ]
        found = [item for item in self._then if _matches(image(item), terms)]
        return {"Items": found, "Count": len(found), "ScannedCount": len(found)}


def _matches(item: dict[str, Any], terms: list[tuple[str, Callable[..., bool], Any]]) -> bool:
    """Whether the item is in the index (it has the keys) and fits the query."""
    return all(name in item and compare(item[name], value) for name, compare, value in terms)
