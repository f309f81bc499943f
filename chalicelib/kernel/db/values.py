"""Items as plain Python values, and attributes that hold such."""

from collections.abc import Iterable, Mapping
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP


class PlainMap(Attribute[dict[str, Any]]):
    """A map of plain values; numbers come back as the integers that went in."""

    attr_type = MAP

    def serialize(self, value: Mapping[str, Any]) -> Any:
        return written(dict(value))[MAP]

    def deserialize(self, value: Any) -> dict[str, Any]:
        return dict(_read({MAP: value}))


class PlainList(Attribute[list[Any]]):
    """A list of plain values."""

    attr_type = LIST

    def serialize(self, value: Iterable[Any]) -> Any:
        return written(list(value))[LIST]

    def deserialize(self, value: Any) -> list[Any]:
        return list(_read({LIST: value}))


def image(raw: Mapping[str, Any] | None) -> dict[str, Any]:
    """An item as DynamoDB writes it (`{"a": {"N": "1"}}`) as plain values; {} for none."""
    return {name: _read(value) for name, value in (raw or {}).items()}


# boto3 has these two as well, with a cold start of its own, and with Decimals, which the shop does
# not store.
def _read(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    if kind == "N":
        return int(inner)
    if kind == "M":
        return {key: _read(each) for key, each in inner.items()}
    if kind == "L":
        return [_read(each) for each in inner]
    return None if kind == "NULL" else inner


def written(value: Any) -> dict[str, Any]:
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": str(value)}
    if isinstance(value, Mapping):
        return {"M": {key: written(inner) for key, inner in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [written(inner) for inner in value]}
    raise TypeError(f"{type(value).__name__} is not stored")
