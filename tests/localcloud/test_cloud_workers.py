"""The tests that share a local cloud run on one worker: a cloud for each would take for ever."""

import subprocess
import sys

from localcloud.environments import ROOT

GROUPED = """
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "cloud" in item.name:
            item.add_marker(pytest.mark.xdist_group("cloud"))
"""
TESTS = """
import os
import pytest


@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("kind", ["cloud", "plain"])
def test_where(kind, number):
    with open("where.txt", "a") as out:
        print(kind, os.environ["PYTEST_XDIST_WORKER"], file=out)
"""


def test_a_group_of_tests_stays_on_one_worker(tmp_path):
    """pytest and its plugin have to fit each other for that; one pair of releases did not."""
    (tmp_path / "conftest.py").write_text(GROUPED)
    (tmp_path / "test_where.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    seen = [line.split() for line in (tmp_path / "where.txt").read_text().splitlines()]
    assert len({worker for kind, worker in seen if kind == "cloud"}) == 1
    assert len(seen) == 40
