"""Find the Python that packages and runs the shop.  Standard library only: it runs first.

Functions are packaged for the Python that packages them, so the version in
``.python-version`` comes first; newer and slightly older ones follow, because a
laptop should not need a compiler to look at the shop.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from localcloud.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    Version = tuple[int, int]

PREFERRED: tuple[Version, ...] = ((3, 13), (3, 12), (3, 14))
OLDEST: Version = (3, 11)

_ASK = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


class Python(NamedTuple):
    """An interpreter that can make virtual environments."""

    path: Path
    version: Version

    @property
    def name(self) -> str:
        return "{}.{}".format(*self.version)


def find() -> Python:
    """The best Python on this machine; raises `Problem` when there is none from 3.11 on."""
    for version in PREFERRED:
        for path in _candidates(version):
            found = _ask(path)
            if found and found.version == version:
                return found
    for name in ("python3", sys.executable):
        found = _ask(Path(shutil.which(name) or name))
        if found and found.version >= OLDEST:
            return found
    raise Problem(_missing())


def advice(python: Python) -> str | None:
    """What to say about an interpreter that is good enough here but not for AWS."""
    if python.version >= (3, 12):
        return None
    return (
        f"Python {python.name} runs the local shop, but AWS Lambda takes no new functions for it: "
        "install Python 3.13 (see .python-version) before you deploy."
    )


def _candidates(version: Version) -> Iterator[Path]:
    number = "{}.{}".format(*version)
    name = "python" + number
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    folders: list[Path] = sorted((pyenv / "versions").glob(number + ".*"), reverse=True)
    uv = home / ".local/share/uv/python"
    folders += sorted(uv.glob(f"cpython-{number}.*"), reverse=True)
    folders += [Path("/usr/local"), Path("/opt/homebrew"), home / ".local"]
    for folder in folders:
        yield folder / "bin" / name
    plain = shutil.which("python3")
    if plain:
        yield Path(plain)


def _ask(path: Path) -> Python | None:
    """Start it, since pyenv leaves shims on the path for versions that are not switched on."""
    try:
        # -I: what the machine's own site-packages hold is no business of ours.
        answer = subprocess.run(
            [str(path), "-I", "-c", _ASK], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor = answer.stdout.strip().split(".")
    return Python(path, (int(major), int(minor)))


def _missing() -> str:
    if sys.version_info[:2] >= OLDEST:
        return (
            "Python {}.{} cannot make virtual environments here: install its venv package "
            "(on Debian and Ubuntu `apt install python3-venv`) and start again."
        ).format(*sys.version_info[:2])
    return "No Python from 3.11 on was found: install Python 3.13 and start again."
