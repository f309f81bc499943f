"""Modules that not every call needs: a cold start loads the routes, and what is behind one of them
when it is first called.

if TYPE_CHECKING:
    from chalicelib.cart import schemas
else:
    schemas = Lazy("chalicelib.cart.schemas")
"""

from importlib import import_module
from typing import Any


class Lazy:
    """Stands for a module, which is imported when something of it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
