"""Run the browser's tests over and over, every second time beside a busy machine; all must pass.

    python -m tools.flakes [TIMES] [pytest's arguments]

Stops at the first run that fails, and says which one it was.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
TIMES = 20
BUSY = "while True: pass"


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep as many cores busy while the block runs."""
    burning = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for one in burning:
            one.kill()
            one.wait()


def run(number: int, arguments: Sequence[str]) -> bool:
    """One run of the folder; whether all passed."""
    load = (os.cpu_count() or 1) if number % 2 else 0
    began = time.monotonic()
    with busy(load):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "tests/browser", *arguments], cwd=ROOT
        )
    print(f"run {number + 1}: {'busy' if load else 'idle'}, {time.monotonic() - began:.0f} s")
    return done.returncode == 0


def main(times: int, arguments: Sequence[str]) -> int:
    for number in range(times):
        if not run(number, arguments):
            print(f"run {number + 1} of {times} failed")
            return 1
    print(f"{times} runs, and all passed")
    return 0


if __name__ == "__main__":
    given = sys.argv[1:]
    first = given.pop(0) if given and given[0].isdigit() else TIMES
    sys.exit(main(int(first), given))
