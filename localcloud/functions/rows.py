"""infra/functions.toml, read and checked: one row a function.

A row says what starts the function, what it may do and how much it gets. All else follows from it:
role, policies, log group, queue with dead letters, event sources, alarms (`resources.py`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.problem import Problem

# Lambda's own limits (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); API Gateway
# gives a function 29 seconds.
MEMORY = range(128, 10_241)
TIMEOUT = range(1, 901)
GATEWAY_SECONDS = 29

_FIELDS = {
    *("about", "memory", "timeout", "paths", "schedule", "queue", "streams", "inserts"),
    *("reserved", "includes", "may", "parameters", "alarms"),
}
May = Mapping[str, tuple[str, ...]]

PROVIDERS = "providers"
_RATE = re.compile(r"rate\((1 (minute|hour|day)|[0-9]+ (minutes|hours|days))\)")


@dataclass(frozen=True)
class Queue:
    """A function's queue. `tries` is how often a message comes before it is a dead letter;
    `concurrency`, how many of the function's instances work on it at most. With `events` the topic
    puts on it what its listeners in the code listen to (`subscriptions.py`)."""

    name: str
    batch: int = 10
    tries: int = 12
    concurrency: int | None = None
    events: bool = False

    @property
    def dead(self) -> str:
        return f"{self.name}-dead"


@dataclass(frozen=True)
class Alarm:
    """A figure of the shop's own that wakes somebody when it is above zero for `periods` times
    five minutes."""

    metric: str
    about: str
    periods: int = 1


@dataclass(frozen=True)
class Function:
    """One row. `memory` in megabytes, `timeout` in seconds.

    `paths` are prefixes of the API's paths that it answers; `schedule` is a rate; `streams` are
    tables whose changes it gets, `inserts` those of which it gets new items alone. `may` names a
    table, a table's index (`orders/index`), a queue or topic, and the actions on it; `includes` are
    sets of grants that several functions share, which are in `may` already. `parameters` are the
    groups of SSM parameters that it reads, the first parts of their names; `providers` stands for
    all that the payment providers' folders declare. `reserved` is the concurrency set apart for it
    where the stage does so.
    """

    name: str
    about: str
    memory: int
    timeout: int
    paths: tuple[str, ...] = ()
    schedule: str = ""
    queue: Queue | None = None
    streams: tuple[str, ...] = ()
    inserts: tuple[str, ...] = ()
    reserved: int | None = None
    includes: tuple[str, ...] = ()
    may: May = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """All tables whose streams start it."""
        return self.streams + self.inserts

    @property
    def reads(self) -> tuple[str, ...]:
        """The groups of parameters that it reads. Whatever answers callers tells them apart by the
        address that the CDN shows it, with a key."""
        return tuple(sorted({*groups_of(self.parameters), *(("cdn",) if self.paths else ())}))

    @property
    def logical(self) -> str:
        """Its id in the template, as Chalice makes it of the name."""
        return logical(self.name)


@dataclass(frozen=True)
class Rows:
    """All functions, the alarms that belong to none of them alone, and the sets of grants that
    several include."""

    functions: tuple[Function, ...]
    alarms: tuple[Alarm, ...] = ()
    shared: Mapping[str, May] = field(default_factory=dict)

    def one(self, name: str) -> Function:
        return next(each for each in self.functions if each.name == name)

    def answering(self, path: str) -> Function:
        """The function that answers an API path: the one with the longest prefix of it."""
        found = [
            (len(prefix), each)
            for each in self.functions
            for prefix in each.paths
            if path == prefix or path.startswith(prefix + "/")
        ]
        if not found:
            raise Problem(f"No function in functions.toml answers {path}.")
        return max(found, key=lambda one: one[0])[1]


def groups_of(parameters: Iterable[str]) -> set[str]:
    """Groups of parameters with those of the payment providers in place of `providers`."""
    from chalicelib.payments import manifest

    providers = {
        name.partition("/")[0] for each in manifest.found().values() for name in each.parameters
    }
    named = set(parameters)
    return named - {PROVIDERS} | (providers if PROVIDERS in named else set())


def logical(name: str) -> str:
    """`payment-events` as a logical id: `PaymentEvents`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split("[^a-zA-Z0-9]+", name))


def read(path: Path) -> Rows:
    """The rows of a file; raises `Problem` with the row and what is wrong with it."""
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{path.name} is not valid TOML: {error}") from error
    alarms = _alarms("alarms", whole.pop("alarms", {}))
    shared = {name: _may(given) for name, given in whole.pop("shared", {}).items()}
    functions = tuple(_row(name, given, shared) for name, given in whole.items())
    _check_unique(functions)
    return Rows(functions, alarms, shared)


def _may(given: Mapping[str, Any]) -> May:
    return {what: tuple(sorted(actions)) for what, actions in given.items()}


def _row(name: str, given: Mapping[str, Any], shared: Mapping[str, May]) -> Function:
    if unknown := sorted(set(given) - _FIELDS):
        raise Problem(f"functions.toml: {name} has unknown fields: {', '.join(unknown)}.")
    if missing := [each for each in ("about", "memory", "timeout") if each not in given]:
        raise Problem(f"functions.toml: {name} lacks {', '.join(missing)}.")
    row = Function(
        name=name,
        about=given["about"],
        memory=given["memory"],
        timeout=given["timeout"],
        paths=tuple(given.get("paths", ())),
        schedule=given.get("schedule", ""),
        queue=_queue(name, given.get("queue")),
        streams=tuple(given.get("streams", ())),
        inserts=tuple(given.get("inserts", ())),
        reserved=given.get("reserved"),
        includes=tuple(given.get("includes", ())),
        may=_all_grants(name, given, shared),
        parameters=tuple(given.get("parameters", ())),
        alarms=_alarms(name, given.get("alarms", {})),
    )
    _check(row)
    return row


def _all_grants(name: str, given: Mapping[str, Any], shared: Mapping[str, May]) -> May:
    """A row's own grants and those of the sets that it includes."""
    if unknown := sorted(set(given.get("includes", ())) - set(shared)):
        raise Problem(f"functions.toml: {name} includes {unknown[0]}, which is no shared set.")
    made: dict[str, set[str]] = {}
    for one in (_may(given.get("may", {})), *(shared[each] for each in given.get("includes", ()))):
        for what, actions in one.items():
            made.setdefault(what, set()).update(actions)
    return {what: tuple(sorted(made[what])) for what in sorted(made)}


def _queue(name: str, given: Any) -> Queue | None:
    if given is None:
        return None
    try:
        return Queue(**given)
    except TypeError as error:
        raise Problem(f"functions.toml: {name}'s queue: {error}.") from error


def _alarms(name: str, given: Mapping[str, Any]) -> tuple[Alarm, ...]:
    try:
        return tuple(
            Alarm(metric, about) if isinstance(about, str) else Alarm(metric, **about)
            for metric, about in given.items()
        )
    except TypeError as error:
        raise Problem(f"functions.toml: an alarm of {name}: {error}.") from error


def _check(row: Function) -> None:
    """Raise `Problem` for what Lambda would refuse, or would do otherwise than the row says."""
    wrong = [
        (row.memory not in MEMORY, f"memory must be {MEMORY.start} to {MEMORY.stop - 1} MB"),
        (row.timeout not in TIMEOUT, f"timeout must be {TIMEOUT.start} to {TIMEOUT.stop - 1} s"),
        (
            bool(row.paths) and row.timeout >= GATEWAY_SECONDS,
            f"what answers callers must end within {GATEWAY_SECONDS} s, as API Gateway does",
        ),
        (
            bool(row.schedule) and not _RATE.fullmatch(row.schedule),
            "schedule must be a rate, such as rate(5 minutes)",
        ),
        (
            not (row.paths or row.schedule or row.queue or row.sources),
            "nothing starts it: give it paths, a schedule, a queue or streams",
        ),
        (
            bool(row.sources) and row.queue is None,
            "a stream's records that fail wait on the function's queue: give it one",
        ),
        (row.queue is not None and row.queue.tries < 5, "a message is tried five times at least"),
    ]
    for is_so, what in wrong:
        if is_so:
            raise Problem(f"functions.toml: {row.name}: {what}.")


def _check_unique(functions: tuple[Function, ...]) -> None:
    for kind, names in (
        ("path", [path for row in functions for path in row.paths]),
        ("queue", [row.queue.name for row in functions if row.queue]),
        ("function", [row.logical for row in functions]),
    ):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise Problem(f"functions.toml names the {kind} {twice[0]} twice.")
