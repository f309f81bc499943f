"""schemathesis over the document against a shop that is open, as a guest, a user or an admin."""

import copy
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

# What is asked of every answer.
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
Headers = dict[str, str]


@dataclass
class Found:
    """What a run met: how often each operation answered what, and what was wrong."""

    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)

    def statuses(self, label: str) -> set[int]:
        return set(self.answers[label])

    def is_hidden(self, label: str) -> bool:
        """Whether a limit answered more often than the route."""
        counts = self.answers[label]
        return counts[429] * 2 >= counts.total()


class Visitor:
    """Who calls, always with `headers`.

    `sign_in` gives the headers of somebody who is signed in, anew when asked again: some of what is
    tried signs out, changes the password or erases the account, and some may be done only so often.
    """

    def __init__(self, sign_in: Callable[[], Headers] = dict, **headers: str) -> None:
        self._sign_in, self._always = sign_in, headers
        self._headers: Headers | None = None
        self._addresses = itertools.count(1)

    def headers(self) -> Headers:
        if self._headers is None:
            self._headers = self._sign_in()
        # Each call from another address of the net, which the local gateway takes from its header
        # as a real one never would: otherwise limits would answer where routes should.
        number = next(self._addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return {**self._always, **self._headers, "X-Forwarded-For": address}

    def answered(self, status: int) -> None:
        # Signed out, or come too often: the next call is somebody new.
        if status in (401, 429):
            self._headers = None


def run(
    document: Mapping[str, Any],
    *,
    base_url: str,
    host: str,
    visitor: Visitor,
    known: Mapping[str, str],
    examples: int,
    sequences: int,
) -> Found:
    """Try every operation `examples` times and `sequences` times one after the other.

    `known` are values that are really there, by name (`variantId`, `slug`): half of what is tried
    has them, so that it comes further than to 404.
    """
    config = SchemathesisConfig.from_dict(_config(base_url, host, examples, sequences))
    schema = schemathesis.openapi.from_dict(copy.deepcopy(dict(document)), config=config)
    found = Found()
    with _hooks(visitor, known):
        for event in from_schema(schema).execute():
            _note(found, event)
    return found


def _config(base_url: str, host: str, examples: int, sequences: int) -> dict[str, Any]:
    return {
        "base-url": base_url,
        "headers": {"Host": host},
        "seed": 20260901,
        "workers": 2,
        "max-redirects": 0,
        "request-timeout": 60,
        "continue-on-failure": True,
        "warnings": False,
        # A guest stays one: it would register and sign in by itself.
        "auth": {"auto-signup": False},
        "generation": {
            "max-examples": examples,
            "no-shrink": True,
            "database": "none",
            "with-security-parameters": False,
            # Names that a query does not know are ignored, as the web expects.
            "allow-extra-parameters": False,
        },
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        "phases": {
            "examples": {"enabled": False},
            # Thousands of calls: `fuzzing` draws from the same, as many as there is time for.
            "coverage": {"enabled": False},
            "stateful": {"generation": {"max-examples": sequences}, "max-steps": 8},
        },
    }


@contextmanager
def _hooks(visitor: Visitor, known: Mapping[str, str]) -> Iterator[None]:
    turns = itertools.count()

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        for name, value in visitor.headers().items():
            case.headers[name] = value
        if next(turns) % 2:
            _fill(case.path_parameters, known)
            _fill(case.body, known)

    def after_call(context: Any, case: Any, response: Any) -> None:
        visitor.answered(response.status_code)

    for hook in (before_call, after_call):
        schemathesis.hook(hook)
    try:
        yield
    finally:
        for hook in (before_call, after_call):
            schemathesis.hooks.unregister(hook)


def _fill(values: Any, known: Mapping[str, str]) -> None:
    """Put values that are there in the place of made-up ones."""
    if isinstance(values, dict):
        values.update({name: known[name] for name in set(values) & set(known)})


def _note(found: Found, event: Any) -> None:
    if isinstance(event, events.NonFatalError):
        found.wrong.append(f"{event.label}: {event.info.format()}")
    if isinstance(event, events.FatalError):
        raise event.exception
    if not isinstance(event, events.ScenarioFinished):
        return
    recorder = event.recorder
    for case_id, node in recorder.cases.items():
        interaction = recorder.interactions.get(case_id)
        if interaction is None or interaction.response is None:
            continue
        label = f"{node.value.method} {node.value.path}"
        status = interaction.response.status_code
        found.answers[label][status] += 1
        for check in recorder.checks.get(case_id, []):
            if check.failure_info is not None:
                failure = check.failure_info.failure
                excerpt = interaction.response.text[:300]
                request = interaction.request
                found.wrong.append(
                    f"{label} → {status}: {failure.title}. {failure.message} "
                    f"{request.method} {request.uri} {request.body or b''!r} answered {excerpt}"
                )
