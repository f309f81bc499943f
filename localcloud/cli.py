"""The commands behind the Makefile.  Run as ``python -m localcloud COMMAND``."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from localcloud import cloud as clouds
from localcloud import logs, pack, site
from localcloud.cloud import Cloud
from localcloud.environments import LOCAL, ROOT
from localcloud.lock import holder
from localcloud.problem import Problem
from localcloud.watch import Watcher

# Another folder and other ports make a second shop beside the first.
FOLDER = Path(os.environ.get("CARTWRIGHT_LOCAL", LOCAL)).resolve()
STATE = FOLDER / "state"
LOG = FOLDER / "run.log"
ADDRESSES = FOLDER / "addresses.json"

HELP = """python -m localcloud COMMAND
  run          the shop in this terminal, until Ctrl-C
  up, down     the same in the background
  status       what is running, and where
  logs [-f]    what the functions log (-f: go on following)
  reset        forget the local shop's orders, stock and keys
  package STAGE FOLDER   the template and zips for a stage, ready for CloudFormation
  site FOLDER  the storefront with its libraries and pictures, ready for the stack's bucket
  venv         install everything that tests and linters need"""


def run(closing: str = "Ctrl-C") -> int:
    """Start the shop, keep it up to date with the files, stop it on Ctrl-C or SIGTERM."""
    # Also where the parent ignores SIGINT, as a shell does for what it starts with &.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    # A closed terminal ends the shop as Ctrl-C does, with its state saved.
    signal.signal(signal.SIGHUP, _interrupt)
    started = time.monotonic()
    cloud = Cloud(
        STATE,
        _port("CARTWRIGHT_PORT", clouds.GATEWAY_PORT),
        _port("CARTWRIGHT_SANDBOX_PORT", clouds.SANDBOX_PORT),
        addresses_file=ADDRESSES,
        say=_say,
    )
    try:
        _say("Opening the shop …")
        cloud.up()
        _say(f"Open after {time.monotonic() - started:.1f} s.\n\n{describe(cloud.addresses)}\n")
        _say(f"A saved file is live within seconds. {closing} closes the shop.")
        Watcher(cloud).run()
    except KeyboardInterrupt:
        _say("\nClosing the shop …")
    finally:
        # A second Ctrl-C must not cut off the saving of orders.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        cloud.down()
    _say("Closed; orders and stock are kept for the next start.")
    return 0


def up() -> int:
    """`run` in the background; returns when the shop is open, or with its problem."""
    pid = holder(STATE)
    if pid:
        raise Problem(
            f"This shop is already running (process {pid}): use it, or stop it with `make down`."
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        shop = subprocess.Popen(
            [sys.executable, "-m", "localcloud.cli", "run", "in-background"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    shown = 0
    try:
        # The line about closing comes last, after everything that can go wrong.
        while shop.poll() is None and b"closes the shop" not in LOG.read_bytes():
            shown = _relay(shown)
            time.sleep(0.1)
    except KeyboardInterrupt:
        shop.terminate()
        shop.wait()
        return 130
    _relay(shown)
    return 0 if shop.poll() is None else shop.returncode or 1


def down() -> int:
    """Stop the shop, whichever terminal it was started from, and wait until it has ended."""
    pid = holder(STATE)
    if not pid:
        _say("The shop is not running.")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while holder(STATE):
        if time.monotonic() > deadline:
            raise Problem(f"The shop (process {pid}) does not stop: see {LOG}.")
        time.sleep(0.1)
    _say("Closed; orders and stock are kept for the next start.")
    return 0


def status() -> int:
    """Say whether the shop is running, and its addresses; exit code 3 if it is not."""
    pid = holder(STATE)
    if not pid:
        _say("The shop is not running: `make run` or `make up` opens it.")
        return 3
    _say(f"The shop is running (process {pid}).")
    if ADDRESSES.exists():
        _say(describe(json.loads(ADDRESSES.read_text())))
    return 0


def reset() -> int:
    """Remove everything the local shop has stored."""
    if holder(STATE):
        raise Problem("The shop is running: stop it with `make down`, then reset it.")
    shutil.rmtree(STATE, ignore_errors=True)
    _say("The next start opens a new shop.")
    return 0


def describe(addresses: dict[str, str]) -> str:
    names = {
        "shop": "Shop",
        "api": "API",
        "sandbox": "Payment sandbox",
        "mail": "Sent mail",
        "adminKey": "Demo admin's key",
    }
    return "\n".join(f"  {names[key]:<18}{addresses[key]}" for key in names)


def _relay(shown: int) -> int:
    text = LOG.read_bytes()
    sys.stdout.write(text[shown:].decode(errors="replace"))
    sys.stdout.flush()
    return len(text)


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Problem(f"{variable}={text} is not a port: use a number from 1024 to 65535.")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    command, rest = (arguments or ["help"])[0], arguments[1:]
    simple = {"run": run, "up": up, "down": down, "status": status, "reset": reset}
    try:
        if command in simple and not rest:
            return simple[command]()
        if command == "run" and rest == ["in-background"]:
            return run(closing="`make down`")
        if command == "logs":
            return logs.show(holder(STATE), ADDRESSES, follow="-f" in rest)
        if command == "package" and len(rest) == 2:
            pack.main(rest[0], Path(rest[1]))
            return 0
        if command == "site" and len(rest) == 1:
            made = site.build(ROOT, FOLDER / "cache", Path(rest[0]).resolve())
            _say(f"{rest[0]}: {made['files']} files, {made['bytes'] / 1e6:.1f} MB")
            return 0
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    print(HELP)
    return 0 if command in ("help", "-h", "--help") else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
