"""`make check`: what a change needs, within a minute.

Looks at what is not committed yet, or else at the last commit (`--since REF`: at all since then):
ruff over the changed files, mypy, and the tests of what was changed, which are those that name a
changed module. Tests that need a local cloud, a browser or the emulator are left to `make test`, as
is what does not fit into the time, which is told.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
SECONDS = 55
# What takes a cloud, an emulator or the packager: too long for a look in between.
SLOW = {"bench", "browser", "journeys", "localcloud", "packaging", "races"}
# What is not Python is held by tests of its own.
HELD_BY = {
    "infra/": ["tests/permissions", "tests/security/test_r37_r40_template.py"],
    ".chalice/": ["tests/permissions", "tests/security/test_r37_r40_template.py"],
    "storefront/": ["tests/web"],
    "docs/": ["tests/docs/test_document.py", "tests/permissions/test_recorder.py"],
    "chalicelib/kernel/texts/": ["tests/kernel/test_i18n.py"],
}
# What every change may break, and what takes seconds.
ALWAYS = ["tests/test_architecture.py"]


def changed(since: str | None) -> list[str]:
    """Paths that differ from the last commit, or from `since`; without any, the last commit's."""
    if since:
        return _git("diff", "--name-only", since)
    mine = [line[3:].split(" -> ")[-1] for line in _git("status", "--porcelain", "-uall")]
    return mine or _git("show", "--name-only", "--format=", "HEAD")


def tests_of(paths: Iterable[str], sources: Sequence[tuple[str, str]]) -> list[str]:
    """Test files that a change of these paths concerns; `sources` are all (path, text) of tests."""
    found = set(ALWAYS)
    for path in paths:
        for begin, tests in HELD_BY.items():
            if path.startswith(begin):
                found |= set(tests)
        if not path.endswith(".py"):
            continue
        if path.startswith("tests/") and Path(path).name.startswith("test_"):
            found.add(path)
        name = named(path)
        found |= {test for test, text in sources if name and name.search(text)}
    return sorted(test for test in found if (ROOT / test).exists())


def named(path: str) -> re.Pattern[str] | None:
    """How a test names the module at a path: by either form of import."""
    folder, _, module = path.removesuffix(".py").rpartition("/")
    package = folder.replace("/", ".")
    if not package or module == "__init__" or module.startswith("test_"):
        return None
    whole = re.escape(f"{package}.{module}")
    imported = rf"from {re.escape(package)} import (\([^)]*|[^\n(]*)\b{module}\b"
    return re.compile(rf"\b{whole}\b|{imported}")


def sources_of_tests() -> list[tuple[str, str]]:
    """Every test file that needs nothing slow, with its text."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        place = path.relative_to(TESTS)
        if place.parts[0] not in SLOW:
            found.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")))
    return found


def _git(*words: str) -> list[str]:
    ran = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in ran.stdout.splitlines() if line]


def _run(*words: str) -> bool:
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="make check", description=__doc__)
    parser.add_argument("--since", help="a commit: check all that was changed since then")
    wanted, begun = parser.parse_args(), time.monotonic()
    paths = [path for path in changed(wanted.since) if (ROOT / path).exists()]
    print(f"{len(paths)} changed files")
    python = [path for path in paths if path.endswith(".py")]
    good = True
    if python:
        good &= _run("ruff", "check", "--quiet", *python)
        good &= _run("ruff", "format", "--check", "--quiet", *python)
        good &= _run("mypy")
    tests = tests_of(paths, sources_of_tests())
    left = max(10, int(SECONDS - (time.monotonic() - begun)))
    print(f"{len(tests)} test files, {left} s for them")
    spread = ["-n", "2"] if len(tests) > 5 else []
    ran = _run("pytest", "-q", "--within", str(left), *spread, *tests)
    return 0 if good and ran else 1


if __name__ == "__main__":
    sys.exit(main())
