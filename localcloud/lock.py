"""One shop at a time on one state folder, one at a time at whatever all of them share."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from localcloud.problem import Problem


def claim(state: Path) -> IO[str]:
    """Lock the state folder for this process; raises `Problem` if another one runs on it.

    The lock ends with the process, however that ends, or when the answered file is closed.
    """
    lock = (state / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        pid = holder(state)
        raise Problem(
            f"This shop is already running (process {pid}): use it, or stop it with `make down`."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def holder(state: Path) -> int | None:
    """The process that runs the shop on `state`, or None when nobody does."""
    try:
        with (state / "lock").open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(lock.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Wait until nobody else holds `file`, and hold it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
