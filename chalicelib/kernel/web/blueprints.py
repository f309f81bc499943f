"""The contexts' entry points, found by where they lie: a new one needs no list."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from chalice.app import Blueprint

PACKAGE = Path(__file__).parents[2]


def found() -> Iterator[Blueprint]:
    """The blueprint of each `routes.py`, `*_routes.py` and `workers.py` in a context's folder."""
    for path in sorted(PACKAGE.glob("*/*.py")):
        name = path.stem.rpartition("_")[2]
        if name in ("routes", "workers"):
            module = import_module(f"{PACKAGE.name}.{path.parent.name}.{path.stem}")
            yield getattr(module, name)
