"""Whole tables, for jobs: a request never reads one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from pynamodb.models import Model

from chalicelib.kernel.db.dynamo import Document
from chalicelib.kernel.db.values import image

D = TypeVar("D", bound=Document)


def everything(model: type[D], attributes: list[str] | None = None) -> Iterator[D]:
    """Every item of a table, or these attributes of each, read consistently."""
    yield from model.scan(consistent_read=True, attributes_to_get=attributes)


def page(
    model: type[D],
    broken: Callable[[str, Exception], None],
    *,
    after: Mapping[str, Any] | None,
    limit: int,
) -> tuple[list[D], dict[str, Any] | None]:
    """The next items of a whole table, read consistently, and where to go on; None at the end.

    An item that can't be read at all is told to `broken` with its key; the others are answered.
    """
    # PynamoDB takes the key as DynamoDB told it, whatever the annotation says.
    start: Any = dict(after) if after else None
    table = model._get_connection()
    answer = table.scan(consistent_read=True, limit=limit, exclusive_start_key=start)
    items = []
    for raw in answer["Items"]:
        try:
            items.append(model.from_raw_data(raw))
        except Exception as error:
            broken(repr(image({name: raw[name] for name in _keys(model)})), error)
    return items, answer.get("LastEvaluatedKey")


def _keys(model: type[Model]) -> list[str]:
    return [
        one.attr_name
        for one in model.get_attributes().values()
        if one.is_hash_key or one.is_range_key
    ]
