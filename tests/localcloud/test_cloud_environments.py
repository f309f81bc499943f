"""Which Python is taken, and when libraries are installed again."""

import re
import stat
import sys

import pytest

from localcloud import environments, pythons
from localcloud.environments import ROOT
from localcloud.problem import Problem
from localcloud.pythons import Python


def fake_python(folder, name, version):
    """A program that answers as that Python would; None: as a pyenv shim without a version."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    answer = f"echo {version}" if version else "echo 'command not found' >&2; exit 127"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without any Python but those that a test puts into its `bin`."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/nothing")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    return tmp_path


def test_the_packaged_version_comes_before_newer_ones(machine):
    for version in ("3.12", "3.13", "3.14"):
        fake_python(machine / "bin", f"python{version}", version)
    assert pythons.find().version == (3, 13)


def test_a_version_that_pyenv_has_but_not_switched_on_is_found(machine):
    fake_python(machine / "bin", "python3.13", None)
    fake_python(machine / "pyenv/versions/3.13.2/bin", "python3.13", "3.13")
    assert pythons.find().path == machine / "pyenv/versions/3.13.2/bin/python3.13"


def test_an_older_python3_is_taken_with_one_sentence_of_advice(machine):
    fake_python(machine / "bin", "python3", "3.11")
    found = pythons.find()
    assert found.version == (3, 11)
    advice = pythons.advice(found)
    assert advice
    assert "install Python 3.13" in advice
    assert advice.count(".\n") == 0


def test_a_good_python_needs_no_advice(machine):
    fake_python(machine / "bin", "python3", "3.12")
    assert pythons.advice(pythons.find()) is None


def test_a_python_that_is_too_old_is_not_taken(machine):
    fake_python(machine / "bin", "python3", "3.9")
    with pytest.raises(Problem, match=r"start again\.$"):
        pythons.find()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """(folder, calls): requirement files of its own, and installs that are only counted."""
    for name in ("requirements.txt", "requirements-cloud.txt"):
        (tmp_path / name).write_text("thing==1\n")
    (tmp_path / "requirements-scan.txt").write_text("scanner==1\n")
    (tmp_path / "requirements-local.txt").write_text("-r requirements.txt\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements-local.txt\npytest==1\n")
    local = tmp_path / ".local"
    for name, value in (("ROOT", tmp_path), ("LOCAL", local), ("SHOP", local / "venv"),
                        ("CLOUD", local / "cloud-venv"),
                        ("SCAN", local / "scan-venv")):  # fmt: skip
        monkeypatch.setattr(environments, name, value)
    installed = []

    def call(command, what):
        installed.append(what)
        if "venv" in command:
            (program := environments.interpreter(local / command[-1])).parent.mkdir(parents=True)
            program.touch()

    monkeypatch.setattr(environments, "_call", call)
    monkeypatch.setattr(pythons, "find", lambda: Python(tmp_path / "python", (3, 13)))
    return tmp_path, installed


def test_libraries_are_installed_once(project):
    _, installed = project
    environments.ensure("local")
    first = len(installed)
    environments.ensure("local")
    assert first == len(installed) == 4  # two environments made, two filled


def test_running_the_shop_needs_nothing_more_where_tests_have_run(project):
    _, installed = project
    environments.ensure("dev")
    first = len(installed)
    environments.ensure("local")
    assert len(installed) == first


def test_the_scanners_have_an_environment_of_their_own(project):
    _, installed = project
    environments.ensure("dev")
    installed.clear()
    environments.ensure("scan")
    assert installed == ["make a virtual environment", "install requirements-scan.txt"]


def test_a_changed_requirement_is_installed_into_the_same_environment(project):
    root, installed = project
    environments.ensure("local")
    installed.clear()
    (root / "requirements.txt").write_text("thing==2\n")
    environments.ensure("local")
    assert installed == ["install requirements-local.txt"]


def test_a_touched_requirement_file_with_the_same_content_changes_nothing(project):
    root, installed = project
    environments.ensure("local")
    installed.clear()
    (root / "requirements.txt").write_text("thing==1\n")
    environments.ensure("local")
    assert installed == []


def test_another_python_makes_the_environments_anew(project, monkeypatch):
    root, installed = project
    environments.ensure("local")
    installed.clear()
    (root / "requirements.txt").write_text("thing==2\n")
    monkeypatch.setattr(pythons, "find", lambda: Python(root / "python", (3, 12)))
    environments.ensure("local")
    assert installed.count("make a virtual environment") == 2


def test_every_requirement_is_pinned_exactly():
    for file in sorted(ROOT.glob("requirements*.txt")):
        for line in file.read_text().splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[A-Za-z0-9_.\[\],-]+==[0-9][0-9A-Za-z.]*", line), line


def test_the_same_library_has_the_same_version_everywhere_but_in_the_emulator():
    pins: dict[str, set[str]] = {}
    for file in ROOT.glob("requirements*.txt"):
        if file.name != "requirements-cloud.txt":
            for name, version in re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==(.*)$", file.read_text()):
                pins.setdefault(name.lower().replace("_", "-"), set()).add(version)
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}
