"""Many at once: threads in several processes, so that a Python process's one core is no limit.

A task is a small picklable object. Each process gets its own copy: `prepare` is called once there,
then the task itself with number after number, as fast as its threads come round to it.
"""

from __future__ import annotations

import multiprocessing
import queue
import random
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext
from typing import Any, Protocol

SPAWN: SpawnContext = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Visit:
    """What came of one number: the task's answer, and when (seconds of the monotonic clock)."""

    number: int
    outcome: str
    started: float
    ended: float


class Task(Protocol):
    def prepare(self, seed: int) -> None: ...

    def __call__(self, number: int) -> str: ...

    def tally(self) -> Counter[str]: ...


@dataclass(frozen=True)
class Crowd:
    """How many are in flight: `processes` times `threads`."""

    processes: int = 2
    threads: int = 16

    @property
    def in_flight(self) -> int:
        return self.processes * self.threads


@dataclass
class Outcome:
    """All visits, what the tasks counted beside them, and the first error's trace of each kind."""

    visits: list[Visit] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    traces: dict[str, str] = field(default_factory=dict)

    def count(self, outcome: str) -> int:
        return sum(visit.outcome == outcome for visit in self.visits)

    @property
    def seconds(self) -> float:
        return max(v.ended for v in self.visits) - min(v.started for v in self.visits)

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the visits was answered."""
        took = sorted(visit.ended - visit.started for visit in self.visits)
        return took[min(len(took) - 1, int(len(took) * share))] * 1000


def send(task: Task, count: int, *, crowd: Crowd, seed: int, title: str) -> Outcome:
    """Let the task run for 0 … count-1; answers when every number has been visited."""
    taken = SPAWN.Value("l", 0)
    # Nobody starts before everybody has imported the shop.
    gate = SPAWN.Barrier(crowd.processes + 1)
    answers: Any = SPAWN.Queue()
    members = [
        SPAWN.Process(
            target=_member,
            args=(task, count, crowd.threads, seed * 1000 + n, taken, gate, answers),
            daemon=True,
        )
        for n in range(crowd.processes)
    ]
    for member in members:
        member.start()
    total = Outcome()
    with _bar(title, count, taken):
        gate.wait(60)
        for _ in members:
            part = _next_answer(answers, members)
            total.visits += part.visits
            total.tally += part.tally
            total.traces |= part.traces
    for member in members:
        member.join()
    return total


def _next_answer(answers: Any, members: list[Any]) -> Outcome:
    """What the next process to end has seen. Raises RuntimeError when one has died instead."""
    while True:
        try:
            part: Outcome = answers.get(timeout=1)
        except queue.Empty:
            if any(member.exitcode for member in members):
                raise RuntimeError("a process of the crowd has died") from None
        else:
            return part


def _member(
    task: Task, count: int, threads: int, seed: int, taken: Any, gate: Any, answers: Any
) -> None:
    random.seed(seed)
    outcome = Outcome()
    task.prepare(seed)
    gate.wait(60)

    def visit_all() -> None:
        while True:
            with taken.get_lock():
                number = taken.value
                taken.value += 1
            if number >= count:
                return
            started = time.monotonic()
            try:
                answer = task(number)
            except Exception as error:
                answer = f"error {type(error).__name__}"
                outcome.traces.setdefault(answer, traceback.format_exc())
            outcome.visits.append(Visit(number, answer, started, time.monotonic()))

    running = [threading.Thread(target=visit_all) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    outcome.tally = task.tally()
    answers.put(outcome)


@contextmanager
def _bar(title: str, count: int, taken: Any) -> Iterator[None]:
    """A progress bar on stderr while the block runs; on a terminal only."""
    done = threading.Event()

    def draw() -> None:
        while not done.wait(0.2):
            share = min(taken.value, count) / count
            bar = "█" * int(share * 30)
            sys.stderr.write(f"\r{title:<34} {bar:<30} {share:4.0%}")
            sys.stderr.flush()
        sys.stderr.write("\r\033[K")

    if not sys.stderr.isatty():
        yield
        return
    drawing = threading.Thread(target=draw)
    drawing.start()
    try:
        yield
    finally:
        done.set()
        drawing.join()
