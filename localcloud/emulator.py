"""The AWS emulator: ministack, in an environment of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from localcloud.environments import CLOUD, interpreter
from localcloud.processes import Child


class Emulator(Child):
    """ministack on 127.0.0.1:`port`, its state under `folder` (saved on a clean stop only)."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.temporary = folder / "tmp"
        launcher = Path(__file__).with_name("launcher.py")
        # -I: nothing of this project is on the path of what stands in for AWS.
        command = [str(interpreter(CLOUD)), "-I", str(launcher), str(folder)]
        super().__init__("emulator", command, _environment(folder, port), folder)

    def launch(self, cwd: Path) -> None:
        """Start it without waiting; `answers` tells when it is there."""
        # A killed run leaves its workers' folders behind, and nothing else needs them.
        if self.temporary.exists():
            old = self.temporary.rename(self.temporary.with_name(f"tmp.{time.time_ns()}"))
            threading.Thread(target=shutil.rmtree, args=(old, True), daemon=True).start()
        self.temporary.mkdir(parents=True)
        self.start(cwd)

    def hurry(self, process: subprocess.Popen[bytes]) -> None:
        """End the calls in flight: they wait for an emulator that takes no more connections."""
        if process.poll() is None:
            listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True)
            for pid, parent in (map(int, line.split()) for line in listed.stdout.splitlines()):
                if parent == process.pid:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/_ministack/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def _environment(folder: Path, port: int) -> dict[str, str]:
    """Exactly this and nothing of ours: functions inherit the emulator's environment."""
    return {
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder / "tmp"),
        "GATEWAY_PORT": str(port),
        # The defaults listen on all interfaces and open MQTT and SFTP as well.
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "aws"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        # An idle function is a process of about 48 MB.
        "LAMBDA_WARM_TTL_SECONDS": "60",
    }
