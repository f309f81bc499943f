"""The kinds of jobs, found by where they are declared: `job_kinds.py` in a context's folder."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from chalicelib.jobs.kinds import Kind
from chalicelib.jobs.rules import UnknownKind

PACKAGE = Path(__file__).parents[1]


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind, by its name."""
    found: dict[str, Kind] = {}
    for path in sorted(PACKAGE.glob("*/job_kinds.py")):
        module = import_module(f"{PACKAGE.name}.{path.parent.name}.{path.stem}")
        for kind in module.KINDS:
            if kind.name in found:
                raise LookupError(f"two kinds of jobs are called {kind.name}")
            found[kind.name] = kind
    return found


def kind(name: str) -> Kind:
    """Raises UnknownKind."""
    try:
        return kinds()[name]
    except KeyError:
        raise UnknownKind(kind=name) from None
