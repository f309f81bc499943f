"""What tables keep as frozen dataclasses, and back: fields and attributes of one name.

    loaded(Order, item, lines=tuple(line_of(each) for each in item.lines))
    OrderItem(**plain(order), total=order.total.amount)

A field that is kept otherwise (another name, a shape of its own) is given by the caller. What is
left follows from its annotation: `int` and `bool` are made so, an enum is made of its value, money
of an amount in the source's `currency`, a sequence is a tuple; the rest stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

from pynamodb.models import Model

from chalicelib.kernel.money import Money

T = TypeVar("T")
_ABSENT = object()


class _Field(NamedTuple):
    name: str
    make: Callable[[Any, Any], Any] | None
    may_be_none: bool
    has_default: bool


def loaded(kind: type[T], source: Model | Mapping[str, Any], **given: Any) -> T:
    """A dataclass of what an item, or a map in one, keeps; `given` are fields as they are to be.

    What is not there is the field's default, or None where the field may be. Raises TypeError for
    a field that the table does not know, that has to be there and is not, or that holds
    dataclasses and is not given while something is kept of it. What the source keeps beyond the
    fields is left alone.
    """
    values, shape = dict(given), cast(Any, kind)
    currency = _kept(source, "currency")
    for field in _fields(shape):
        if field.name in given:
            continue
        value = _kept(source, field.name)
        if value is _ABSENT and isinstance(source, Model):
            raise TypeError(f"{type(source).__name__} keeps no {kind.__name__}.{field.name}")
        if value is not _ABSENT and value is not None:
            if field.make is None:
                raise TypeError(f"say how {kind.__name__}.{field.name} is made")
            values[field.name] = field.make(value, currency)
        elif not field.has_default:
            if not field.may_be_none:
                raise TypeError(f"{kind.__name__}.{field.name} is not there")
            values[field.name] = None
    return kind(**values)


def plain(value: Any, *, without: Sequence[str] = ()) -> dict[str, Any]:
    """A dataclass's fields as they are stored: money is its amount, an enum its value, what is
    inside likewise. `without` are fields that the caller stores otherwise, or not at all."""
    kept = (field.name for field in fields(value) if field.name not in without)
    return {name: _plain(getattr(value, name)) for name in kept}


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return plain(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _kept(source: Model | Mapping[str, Any], name: str) -> Any:
    if isinstance(source, Mapping):
        return source.get(name, _ABSENT)
    return getattr(source, name) if name in source.get_attributes() else _ABSENT


@cache
def _fields(kind: type) -> tuple[_Field, ...]:
    hints = get_type_hints(kind)
    return tuple(_field(each, hints[each.name]) for each in fields(kind))


def _field(field: Any, hint: Any) -> _Field:
    kinds = get_args(hint) if NoneType in get_args(hint) else (hint,)
    (kind,) = [each for each in kinds if each is not NoneType]
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    return _Field(field.name, _maker(kind), len(kinds) > 1, has_default)


def _maker(kind: Any) -> Callable[[Any, Any], Any] | None:
    """How a value of this kind is made of what is stored; None where nobody can know."""
    if kind is Money:
        return lambda value, currency: Money(int(value), currency)
    if kind in (int, bool) or (isinstance(kind, type) and issubclass(kind, Enum)):
        return lambda value, _: kind(value)
    if any(is_dataclass(each) for each in (kind, *get_args(kind))):
        return None
    if get_origin(kind) in (Sequence, tuple):
        return lambda value, _: tuple(value)
    return lambda value, _: value
