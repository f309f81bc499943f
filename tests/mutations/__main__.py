"""`python -m tests.mutations [-k part-of-name]`: prove that each mutation is noticed by its tests.

The project's files are copied once into a temporary folder. There each mutation is put into its
file, its tests are run, and the file is put back; one after the other. A mutation is killed when
pytest ends with 1 and names a test that failed. If all passed, it has survived: nobody would notice
that the guard is gone. Whatever else comes (no such test, a file that can't be imported, a fixture
that breaks, no end) proves nothing and is told as broken.

That the same tests pass without any mutation is not looked at here: `make test` holds that.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutations import ROOT, Mutation, rows

# What tests in one process read.
FOLDERS = (".chalice", "bench", "chalicelib", "docs", "infra", "localcloud", "storefront", "tests")
FOLDERS += ("tools",)
FILES = ("app.py", "Makefile", "pyproject.toml", "README.md")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "screenshots", "vendor")
# The slowest of them takes a fraction of this; a mutation may make a test wait for ever.
MOST_SECONDS = 300
_FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)


def copied(into: Path) -> None:
    """Put into a folder what tests need."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, into / name, ignore=LEFT_OUT)
    for name in (*FILES, *(path.name for path in ROOT.glob("requirements*.txt"))):
        shutil.copy2(ROOT / name, into / name)


def verdict(mutation: Mutation, copy: Path) -> tuple[bool, str]:
    """Whether its tests notice the mutation, and which one did, or what came instead."""
    file = copy / mutation.file
    honest = file.read_text(encoding="utf-8")
    try:
        mutated = mutation.applied(honest)
    except ValueError as error:
        return False, f"BROKEN: {error}"
    try:
        _write(file, mutated)
        return _tested(mutation.tests, copy)
    finally:
        _write(file, honest)


def _tested(tests: Sequence[str], copy: Path) -> tuple[bool, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    # Nothing may be imported from the project itself, wherever this was started.
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    try:
        ran = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"BROKEN: no end after {MOST_SECONDS} seconds"
    failed = _FAILED.search(ran.stdout)
    if ran.returncode == 1 and failed:
        return True, f"killed by {failed[1]}"
    if ran.returncode == 0:
        return False, "SURVIVED: all of its tests passed"
    last = (ran.stdout + ran.stderr).strip().splitlines()[-1:]
    return False, f"BROKEN: pytest ended with {ran.returncode}: {' '.join(last)}"


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    # Bytecode is told from older one by whole seconds and the size: both may be the same.
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        compiled.unlink()


def prove(mutations: Sequence[Mutation]) -> int:
    """Try each, telling how it went as it goes; how many were killed."""
    killed = 0
    with tempfile.TemporaryDirectory(prefix="cartwright-mutations-") as folder:
        copy = Path(folder)
        copied(copy)
        for number, mutation in enumerate(mutations, start=1):
            begun = time.monotonic()
            good, what = verdict(mutation, copy)
            killed += good
            seconds = time.monotonic() - begun
            print(f"{number:2}. {mutation.name}\n    {what} ({seconds:.1f} s)", flush=True)
    return killed


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutations", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("-k", metavar="PART", default="", help="only those whose name has this")
    part = parser.parse_args().k.casefold()
    chosen = [one for one in rows() if part in one.name.casefold()]
    if not chosen:
        print(f"no mutation has {part!r} in its name")
        return 1
    try:
        killed = prove(chosen)
    except KeyboardInterrupt:
        print("stopped; the copy is removed")
        return 130
    print(f"{killed} of {len(chosen)} killed")
    return 0 if killed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
