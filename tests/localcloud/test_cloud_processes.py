"""Children end with us, ports are checked before they are needed, one shop runs at a time."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from localcloud import Cloud
from localcloud.environments import ROOT
from localcloud.lock import claim, holder
from localcloud.problem import Problem
from localcloud.processes import Child, check_port, free_ports

# A child with a child of its own, as the emulator has its functions.
FAMILY = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("worker", worker.pid, flush=True)
time.sleep(60)
"""


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; its parent has only not looked yet.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return not state.stdout.strip().startswith("Z") and bool(state.stdout.strip())


def until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
    return True


@pytest.fixture
def family(tmp_path):
    child = Child("family", [sys.executable, "-c", FAMILY, str(tmp_path)], {}, tmp_path)
    child.start(tmp_path)
    child.wait_until(lambda: "worker" in child.last_line())
    yield child, int(child.last_line().split()[1])
    child.stop()


def test_stopping_a_child_ends_its_own_children_too(family):
    child, worker = family
    pid = child.process.pid
    child.stop()
    assert until(lambda: not alive(pid) and not alive(worker))
    assert not child.pid_file.exists()


def test_what_a_killed_run_left_behind_is_ended_at_the_next_start(family, tmp_path):
    child, worker = family
    again = Child("family", child.command, {}, tmp_path)
    again.end_leftover()
    assert until(lambda: child.process.poll() is not None and not alive(worker))


def test_a_pid_that_now_belongs_to_another_program_is_left_alone(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        child = Child("family", [sys.executable, str(tmp_path)], {}, tmp_path)
        child.pid_file.write_text(str(other.pid))
        child.end_leftover()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems end leftovers at the next start")
def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    program = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from localcloud.processes import Child
Child("child", [sys.executable, "-c", "import time; time.sleep(60)"], {{}}, Path({str(tmp_path)!r})
    ).start(Path({str(tmp_path)!r}))
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program])
    file = tmp_path / "child.pid"
    until(lambda: file.exists() and file.read_text())
    child = int(file.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert until(lambda: not alive(child))


def test_a_child_that_ends_at_once_is_told_with_its_last_line(tmp_path):
    child = Child("thing", [sys.executable, "-c", "raise SystemExit('no disk')"], {}, tmp_path)
    child.start(tmp_path)
    with pytest.raises(Problem, match=r"The thing stopped at once \(no disk\)"):
        child.wait_until(lambda: False)
    child.stop()


def test_a_busy_port_gets_one_sentence_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Problem) as caught:
            check_port(port, "CARTWRIGHT_PORT")
    assert str(caught.value) == (
        f"Port {port} is used by another program: stop that one, "
        f"or choose another port with CARTWRIGHT_PORT={port + 100}."
    )


def test_a_free_port_is_fine():
    (port,) = free_ports(1)
    check_port(port, "CARTWRIGHT_PORT")


def test_a_second_start_on_the_same_state_is_told_who_runs_it(tmp_path):
    with claim(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with pytest.raises(Problem, match=f"already running .process {os.getpid()}."):
            claim(tmp_path)
    assert holder(tmp_path) is None


def test_a_failed_second_start_leaves_the_first_ones_addresses(tmp_path):
    gateway, sandbox = free_ports(2)
    addresses = tmp_path / "addresses.json"
    addresses.write_text("{}")
    with claim(tmp_path):
        with pytest.raises(Problem, match="already running"):
            Cloud(tmp_path, gateway, sandbox).up()
        assert addresses.exists()


def test_a_busy_port_stops_the_start_before_anything_runs(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, other = server.getsockname()[1], free_ports(1)[0]
        cloud = Cloud(tmp_path, port, other)
        with pytest.raises(Problem, match=f"Port {port} is used"):
            cloud.up()
    assert not cloud.emulator.running()
    assert holder(tmp_path) is None


def test_the_shops_own_keys_are_made_once_and_for_its_owner_alone(tmp_path):
    first = Cloud(tmp_path, 1, 2).secrets
    assert Cloud(tmp_path, 1, 2).secrets == first
    assert first["stripe/secret_key"].startswith("sk_test_")
    assert first["stripe/webhook_secret"].startswith("whsec_")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
