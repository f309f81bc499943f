"""Form bodies with bracketed names, as payment providers' SDKs send them."""

from typing import Any
from urllib.parse import parse_qsl

Nested = dict[str, Any]


class MalformedName(ValueError):
    """A name such as `a[b` or one that is used as a value and as a container."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Invalid parameter name: {name}")
        self.name = name


def decode(text: str) -> Nested:
    """`a[0][b]=1&c=2` as `{"a": [{"b": "1"}], "c": "2"}`; all leaves are strings.

    A container whose keys are all digits (or empty, `a[]=1`) becomes a list in their order.
    Raises MalformedName.
    """
    tree: Nested = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _place(tree, _parts(name), value, name)
    return {key: _with_lists(value) for key, value in tree.items()}


def _parts(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not head or (bracket and not rest.endswith("]")):
        raise MalformedName(name)
    return [head, *rest[:-1].split("][")] if bracket else [head]


def _place(tree: Nested, parts: list[str], value: str, name: str) -> None:
    node = tree
    for part in parts[:-1]:
        node = node.setdefault(part or str(len(node)), {})
        if not isinstance(node, dict):
            raise MalformedName(name)
    last = parts[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise MalformedName(name)
    node[last] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _with_lists(child) for key, child in value.items()}
