"""Cartwright's handlers, one package per context; `kernel` is what they share.

A module of this package runs when something of it is first used, not when it is imported: a cold
start then costs what the first call needs, and modules are imported as in any other program.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class _LazyFinder:
    """Finds this package's modules. `from x import module` leaves the module unrun; `from module
    import name` runs it, as any use of it does. Packages themselves hold next to nothing."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(f"{__name__}."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None and not spec.submodule_search_locations:
            spec.loader = LazyLoader(spec.loader)
        return spec


sys.meta_path.insert(0, _LazyFinder())
