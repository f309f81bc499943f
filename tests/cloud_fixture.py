"""The local cloud for tests: one for the whole session, on free ports, with a state of its own.

Loaded as a plugin by tests/conftest.py; started by the first test that asks for `cloud`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import Cloud, pack
from localcloud.environments import LOCAL, ROOT
from localcloud.processes import free_ports


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """A shop that is open: `cloud.http`, `cloud.api`, `cloud.aws`, `cloud.invoke("sweep")`."""
    folder = Path(tempfile.mkdtemp(prefix="cartwright-test-"))
    gateway, sandbox = free_ports(2)
    try:
        with Cloud(folder, gateway, sandbox) as opened:
            yield opened
    finally:
        # The emulator's own log is the only witness of what went wrong in it.
        if (folder / "emulator.log").exists():
            keep = LOCAL / "test-logs"
            keep.mkdir(parents=True, exist_ok=True)
            for log in folder.glob("*.log"):
                shutil.copy(log, keep / log.name)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project that a test may edit, with the storefront's libraries bundled."""
    copy = tmp_path / "project"
    copy.mkdir()
    pack.copy_sources(ROOT, copy)
    skip = shutil.ignore_patterns("node_modules", "__pycache__", ".*_cache")
    for name in ("docs", "infra", "storefront", "tools", "localcloud"):
        shutil.copytree(ROOT / name, copy / name, ignore=skip)
    return copy


@pytest.fixture
def ports() -> list[int]:
    """Two ports for a cloud of a test's own."""
    return free_ports(2)
