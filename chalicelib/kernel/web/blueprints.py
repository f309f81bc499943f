"""The contexts' entry points, found by where they lie: a new one needs no list."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from chalice.app import Blueprint

from chalicelib.config import is_a_function

PACKAGE = Path(__file__).parents[2]


def found() -> Iterator[Blueprint]:
    """The blueprint of each `routes.py`, `*_routes.py` and `workers.py` in a context's folder.

    Workers are there to be packaged: each is a function of its own, which Lambda enters in its
    module. The functions that answer the API leave them out, with all that they load.
    """
    wanted = ("routes",) if is_a_function() else ("routes", "workers")
    for path in sorted(PACKAGE.glob("*/*.py")):
        name = path.stem.rpartition("_")[2]
        if name in wanted:
            module = import_module(f"{PACKAGE.name}.{path.parent.name}.{path.stem}")
            yield getattr(module, name)
