"""Children that never outlive us: the emulator and the payment sandbox."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from localcloud.problem import Problem

_PR_SET_PDEATHSIG = 1


class Child:
    """A program of its own session, with its output in a file and its pid beside that.

    Its own session, so that Ctrl-C in the terminal reaches us alone and we stop the
    children in order: the emulator saves its state on SIGTERM only.
    """

    def __init__(self, name: str, command: list[str], env: dict[str, str], folder: Path) -> None:
        self.name, self.command, self.env = name, command, env
        self.log = folder / f"{name}.log"
        self.pid_file = folder / f"{name}.pid"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, cwd: Path) -> None:
        self.end_leftover()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent(),
            )
        self.pid_file.write_text(str(self.process.pid))

    def wait_until(self, ready: Callable[[], bool], seconds: float = 120) -> None:
        """Wait for `ready`; raises `Problem` with the log's last line if it ends or never is."""
        deadline = time.monotonic() + seconds
        while not ready():
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                what = "stopped at once" if ended else f"was not ready after {seconds:.0f} s"
                raise Problem(f"The {self.name} {what} ({self.last_line()}): see {self.log}.")
            time.sleep(0.05)

    def last_line(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").split("\n")
        except OSError:
            return "no log"
        return next((line.strip() for line in reversed(lines) if line.strip()), "its log is empty")

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds: float = 30) -> None:
        """SIGTERM, wait, then SIGKILL to whatever of its session is left."""
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2)
            self.hurry(process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
        _kill_group(process.pid)
        process.wait()
        self.pid_file.unlink(missing_ok=True)

    def hurry(self, process: subprocess.Popen[bytes]) -> None:
        """What a child may need two seconds after SIGTERM; a second SIGTERM is not it."""

    def end_leftover(self) -> None:
        """End what a killed run left behind, if that pid is still the same program."""
        try:
            pid = int(self.pid_file.read_text())
        except (OSError, ValueError):
            return
        if self.command[-1] in _command_of(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + 20
            while self.command[-1] in _command_of(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            _kill_group(pid)
        self.pid_file.unlink(missing_ok=True)


def check_port(port: int, setting: str) -> None:
    """Raise `Problem` if `port` is taken on this machine; `setting` names the way out."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Problem(
                f"Port {port} is used by another program: stop that one, "
                f"or choose another port with {setting}={port + 100}."
            ) from error


def free_ports(count: int) -> list[int]:
    """Ports that nothing listened on a moment ago."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _end_with_parent() -> Callable[[], None] | None:
    """Linux can tell a child to end when its parent is killed; elsewhere `end_leftover` does."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _command_of(pid: int) -> str:
    asked = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout
