"""Make the virtual environments.  Standard library only: it runs before they exist.

``.local/venv`` holds the shop's libraries and our tools, ``.local/cloud-venv`` the
emulator alone, because functions run on the emulator's Python and whatever is
installed there would hide what our package lacks.  ``.local/scan-venv`` holds the
scanners that `make lint` runs; they need libraries in versions of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud import pythons
from localcloud.lock import alone
from localcloud.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.pythons import Python

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
SHOP = LOCAL / "venv"
CLOUD = LOCAL / "cloud-venv"
SCAN = LOCAL / "scan-venv"

# The larger set contains the smaller one, so `make run` after `make test` installs nothing.
SETS: dict[str, Sequence[str]] = {
    "local": ("requirements-local.txt",),
    "dev": ("requirements-local.txt", "requirements-dev.txt"),
    "cloud": ("requirements-cloud.txt",),
    "scan": ("requirements-scan.txt",),
}


def ensure(kind: str = "local") -> Path:
    """The environments, installed anew only if what they should hold has changed.

    `kind` is ``local`` (run the shop), ``dev`` (test it as well) or ``scan`` (the
    scanners besides).  Returns the interpreter of the shop's environment; raises
    `Problem` when an install fails.
    """
    wanted = [(SHOP, "dev" if kind == "scan" else kind), (CLOUD, "cloud")]
    if kind == "scan":
        wanted.append((SCAN, "scan"))
    if all(_is_current(folder, which) for folder, which in wanted):
        return interpreter(SHOP)
    # Two first starts at once: the second waits, and finds everything there.
    with alone(LOCAL / "install.lock"):
        python = pythons.find()
        note = pythons.advice(python)
        if note:
            print(note, flush=True)
        missing = [(place, which) for place, which in wanted if not _is_ready(place, which, python)]
        if missing:
            _install_all(python, missing)
    return interpreter(SHOP)


def interpreter(folder: Path) -> Path:
    return folder / "bin" / "python"


def fingerprint(kind: str) -> str:
    """A digest of everything the set's requirement files say, included files and all."""
    digest = hashlib.sha256()
    for name in _files(kind):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _files(kind: str) -> list[str]:
    names: list[str] = []
    for name in SETS[kind]:
        if name not in names:
            names.append(name)
        for line in (ROOT / name).read_text().splitlines():
            if line.startswith("-r "):
                names.append(line[3:].strip())
    return sorted(set(names))


def _stamp(folder: Path) -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads((folder / "cartwright.json").read_text())
    except (OSError, ValueError):
        return {}
    # A copied or moved clone brings an environment that points back at the old place.
    return stamp if stamp.get("folder") == str(folder) else {}


def _is_current(folder: Path, kind: str) -> bool:
    stamp = _stamp(folder)
    larger = "dev" if kind == "local" else kind
    current = {fingerprint(kind), fingerprint(larger)}
    return stamp.get("requirements") in current and interpreter(folder).exists()


def _is_ready(folder: Path, kind: str, python: Python) -> bool:
    return _is_current(folder, kind) and _stamp(folder).get("python") == python.name


def _install_all(python: Python, missing: list[tuple[Path, str]]) -> None:
    started = time.monotonic()
    what = "tests' and shop's" if any(kind == "dev" for _, kind in missing) else "shop's"
    print(
        f"Installing the {what} libraries into .local/ with Python {python.name}, "
        "once; this takes a minute or two …",
        flush=True,
    )
    with ThreadPoolExecutor(len(missing)) as pool:
        for done in [pool.submit(_install, python, *each) for each in missing]:
            done.result()
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def _install(python: Python, folder: Path, kind: str) -> None:
    if _stamp(folder).get("python") != python.name:
        shutil.rmtree(folder, ignore_errors=True)
        _call([str(python.path), "-I", "-m", "venv", str(folder)], "make a virtual environment")
    command = [str(interpreter(folder)), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--quiet", "--no-input"]
    for name in SETS[kind]:
        command += ["-r", str(ROOT / name)]
    _call(command, "install " + " and ".join(SETS[kind]))
    stamp = {
        "folder": str(folder),
        "python": python.name,
        "requirements": fingerprint(kind),
    }
    (folder / "cartwright.json").write_text(json.dumps(stamp))


def _call(command: list[str], what: str) -> None:
    # Libraries are compiled once here rather than at each start of a tool.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        reason = next((line for line in lines if "ERROR" in line), lines[-1] if lines else "")
        raise Problem(
            f"Could not {what} ({reason.strip() or 'no reason given'}): check the network and "
            "the disk, then start again; nothing was left half done."
        )
