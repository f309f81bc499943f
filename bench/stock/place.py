"""Where a benchmark runs: an emulator of its own, with the stage's tables, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from localcloud.aws import Aws
from localcloud.emulator import Emulator
from localcloud.environments import CLOUD, LOCAL, ROOT, interpreter
from localcloud.problem import Problem
from localcloud.processes import free_ports
from tests import stage


class Place:
    """The stage's tables at `endpoint`; child processes find them by their environment."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._built = False

    def clear(self) -> None:
        """Empty tables, and a process that remembers nothing of the ones before."""
        database = self.database()
        if self._built:
            for definition in stage.table_definitions():
                database.delete_table(TableName=definition["TableName"])
        stage.build({}, endpoint_url=self.endpoint)
        stage.forget()
        self._built = True

    def database(self) -> Any:
        return boto3.client("dynamodb", endpoint_url=self.endpoint)


@contextmanager
def opened() -> Iterator[Place]:
    """Start the emulator on a free port; stop it and forget its state at the end."""
    if not interpreter(CLOUD).exists():
        raise Problem("There is no emulator yet: run `make setup` first.")
    (LOCAL / "bench").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="stock-", dir=LOCAL / "bench"))
    port = free_ports(1)[0]
    emulator = Emulator(folder, port)
    try:
        emulator.launch(ROOT)
        emulator.wait_until(emulator.answers)
        with _environment(Aws(port)):
            yield Place(f"http://127.0.0.1:{port}")
    finally:
        emulator.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _environment(aws: Aws) -> Iterator[None]:
    values = {**stage.ENVIRONMENT, **aws.environment(), **dict.fromkeys(stage.MADE, "")}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    stage.forget()
    try:
        yield
    finally:
        stage.forget()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
