"""A request's parameters against the types that the stripe package itself declares for the call.

Those TypedDicts (`stripe.params…`) are generated from Stripe's API description, so what they do not
know Stripe does not take.  They come as strings from a form body and leave as int, bool and so on.
An enum declared open (`Literal[…] | str`, Stripe may add values) is closed here: we check what the
shop sends, and it must not send a value nobody knows.
"""

import functools
import re
import typing
from decimal import Decimal, InvalidOperation
from typing import Any

from stripe._request_options import RequestOptions
from typing_extensions import is_typeddict

from localcloud.sandbox.stripe.errors import BadParameter, missing

INTEGER = re.compile(r"-?\d{1,18}\Z")


@functools.cache
def fields(shape: type) -> dict[str, Any]:
    """The parameters of a TypedDict and their types, without the SDK's own call options."""
    inherits = RequestOptions in getattr(shape, "__orig_bases__", ())
    options = set(RequestOptions.__annotations__) if inherits else set()
    own = {name: kind for name, kind in shape.__annotations__.items() if name not in options}
    # A plain class, because get_type_hints on the TypedDict would also resolve the call options,
    # whose names are imported for type checkers only.
    plain = type("Plain", (), {"__annotations__": own, "__module__": shape.__module__})
    return typing.get_type_hints(plain)


def checked(shape: type, raw: dict[str, Any]) -> dict[str, Any]:
    """`raw` (nested dicts and lists of strings) as typed values; raises BadParameter."""
    return _object(shape, raw, "")


def _object(shape: type, raw: dict[str, Any], path: str) -> dict[str, Any]:
    known = fields(shape)
    for name in raw:
        if name not in known:
            param = _join(path, name)
            raise BadParameter(
                f"Received unknown parameter: {param}", code="parameter_unknown", param=param
            )
    for name in sorted(getattr(shape, "__required_keys__", ())):
        if name in known and name not in raw:
            raise missing(_join(path, name))
    return {name: _value(known[name], value, _join(path, name)) for name, value in raw.items()}


def _value(kind: Any, raw: Any, path: str) -> Any:
    choices = _choices(kind)
    literals = [v for c in choices if typing.get_origin(c) is typing.Literal
                for v in typing.get_args(c)]  # fmt: skip
    if isinstance(raw, str) and raw in literals:
        return raw
    for choice in choices:
        if is_typeddict(choice) and isinstance(raw, dict):
            return _object(choice, raw, path)
        if typing.get_origin(choice) is list and isinstance(raw, list):
            (item,) = typing.get_args(choice)
            return [_value(item, child, f"{path}[{i}]") for i, child in enumerate(raw)]
        if typing.get_origin(choice) is dict and isinstance(raw, dict):
            return {name: _scalar(str, child, _join(path, name)) for name, child in raw.items()}
    return _leaf(choices, literals, raw, path)


def _choices(kind: Any) -> list[Any]:
    """The branches of a union, or the one type; `Optional` and SDK-only types fall away."""
    args = typing.get_args(kind) if _is_union(kind) else (kind,)
    found = []
    for choice in args:
        found += _choices(choice) if _is_union(choice) else [choice]
    return [choice for choice in found if choice is not type(None)]


def _is_union(kind: Any) -> bool:
    return typing.get_origin(kind) is typing.Union or type(kind).__name__ == "UnionType"


def _leaf(choices: list[Any], literals: list[Any], raw: Any, path: str) -> Any:
    closed = [value for value in literals if value != ""]
    scalars = [c for c in choices if c in (int, bool, float, Decimal)]
    if isinstance(raw, (dict, list)):
        wanted = "string" if scalars or closed or str in choices else "object"
        raise BadParameter(f"Invalid {wanted}: {_show(raw)}", param=path)
    if scalars:
        return _scalar(scalars[0], raw, path)
    if closed:
        raise BadParameter(f"Invalid {path}: must be one of {_either(closed)}", param=path)
    if str in choices:
        return _scalar(str, raw, path)
    wanted = "array" if any(typing.get_origin(c) is list for c in choices) else "object"
    raise BadParameter(f"Invalid {wanted}", param=path)


def _scalar(kind: type, raw: Any, path: str) -> Any:
    if not isinstance(raw, str):
        raise BadParameter(f"Invalid string: {_show(raw)}", param=path)
    if raw == "" and not _may_be_empty(path):
        name = path.rpartition("[")[2].rstrip("]")
        raise BadParameter(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to"
            f" unset a parameter; however '{name}' cannot be unset. You should remove '{path}'"
            " from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=path,
        )
    if kind is int:
        if not INTEGER.match(raw):
            raise BadParameter(
                f"Invalid integer: {raw}", code="parameter_invalid_integer", param=path
            )
        return int(raw)
    if kind is bool:
        if raw not in ("true", "false"):
            raise BadParameter(f"Invalid boolean: {raw}", param=path)
        return raw == "true"
    return _decimal(raw, path) if kind in (float, Decimal) else raw


def _decimal(raw: str, path: str) -> str:
    try:
        if Decimal(raw).is_finite():
            return raw
    except InvalidOperation:
        pass
    raise BadParameter(f"Invalid decimal: {raw}", param=path)


def _may_be_empty(path: str) -> bool:
    """Metadata: an empty value unsets its key."""
    return "metadata" in path.replace("]", "[").split("[")


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _either(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])}, or {values[-1]}"


def _show(raw: Any) -> str:
    return str(raw)[:60]
