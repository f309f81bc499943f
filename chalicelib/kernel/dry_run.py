"""A dry run: what is done inside writes nothing, whoever is called.

    with dry_run.enforced():
        result = kind.apply(row, step)   # a write in here is a bug, and raises WroteInDryRun

Whoever offers a dry run returns before its writes; this catches what was forgotten.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_enforced: ContextVar[bool] = ContextVar("dry_run", default=False)


class WroteInDryRun(RuntimeError):
    """Something tried to write, send or publish in a dry run; it was not done."""


@contextmanager
def enforced() -> Iterator[None]:
    """Inside, tables, queues and topics refuse what would change them."""
    token = _enforced.set(True)
    try:
        yield
    finally:
        _enforced.reset(token)


def check(operation: str) -> None:
    """Called before each write. Raises WroteInDryRun inside `enforced`."""
    if _enforced.get():
        raise WroteInDryRun(operation)
