"""The stage's parameters in SSM, ten names a call, remembered and used on while SSM refuses.

SSM answers 40 calls a second for a whole account (docs.aws.amazon.com/general/latest/gr/ssm.html),
and each new function asks. So what is needed together is asked for together, by name: a function
that serves a signed-in buyer makes one call, one more when it first speaks to a provider. While
SSM can't be read, what was read before goes on; without that the caller is told to come again.
"""

import random
import threading
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.config import SECRETS_MAX_AGE_SECONDS, Misconfigured, Missing, settings
from chalicelib.kernel import clock, redaction
from chalicelib.kernel.errors import Unavailable

# Of one GetParameters; SSM's own limit.
MAX_NAMES = 10
# Read anew somewhat before their age allows, each function at a moment of its own: those that
# began together would all ask together otherwise.
SPREAD_SECONDS = 60
# Between one read that failed and the next: short at first, doubled each time, when callers wait
# for it; long from the start when remembered values do.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2, 32


@dataclass(frozen=True)
class _Read:
    """What one batch was when it was last read, if ever, and when to ask again."""

    values: Mapping[str, str] | None
    again_at: int
    failures: int = 0


class Parameters(Mapping[str, str]):
    """The parameters below a prefix, by their short names (`stripe/secret_key`), read when asked
    for. Iterating shows those that were read so far.

    Looking one up raises KeyError when there is none, Unavailable when SSM can't be read and never
    could. `batches` are the names that are read in one call, beside those that were declared; other
    names are read one by one. `groups` are the names' first parts (`stripe`) that this function may
    read, all when there are none: SSM refuses a whole call for one name that is not granted, so the
    others are not asked for, and looking one up raises Misconfigured.
    """

    def __init__(
        self, prefix: str, batches: Sequence[Sequence[str]], groups: Set[str] = frozenset()
    ) -> None:
        self._prefix, self._groups = prefix, groups
        self._batch_of = {name: tuple(batch) for batch in batches for name in batch}
        self._reads: dict[tuple[str, ...], _Read] = {}
        # A function has one thread; what else runs the shop's code may have many.
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> str:
        if not self._may_read(name):
            raise Misconfigured(f"this function may not read the parameter {name}")
        with self._lock:
            return self._values(self._batch_of.get(name) or _declared.get(name, (name,)))[name]

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            reads = list(self._reads.values())
        return iter(sorted(name for read in reads for name in read.values or ()))

    def _may_read(self, name: str) -> bool:
        return not self._groups or name.partition("/")[0] in self._groups

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _values(self, batch: tuple[str, ...]) -> Mapping[str, str]:
        now, last = clock.now(), self._reads.get(batch, _Read(None, 0))
        if now >= last.again_at:
            last = self._reads[batch] = self._read_again(batch, last, now)
        if last.values is None:
            error = Unavailable()
            error.retry_after = max(1, last.again_at - now)
            raise error
        return last.values

    def _read_again(self, batch: tuple[str, ...], last: _Read, now: int) -> _Read:
        try:
            values = self._fetch(batch)
        except Exception as error:
            _log_failure(error, remembered=last.values is not None)
            return _Read(last.values, now + _pause(last), last.failures + 1)
        age = SECRETS_MAX_AGE_SECONDS - random.randint(0, SPREAD_SECONDS)
        return _Read(values, now + age)

    def _fetch(self, batch: tuple[str, ...]) -> Mapping[str, str]:
        names = [f"{self._prefix}/{name}" for name in batch if self._may_read(name)]
        # What is not there is listed apart and is no error.
        found = _client().get_parameters(Names=names, WithDecryption=True)["Parameters"]
        values = {one["Name"].removeprefix(f"{self._prefix}/"): one["Value"] for one in found}
        redaction.remember(values.values())
        return values


@cache
def _client() -> Any:
    # Loaded on use, like all clients: no network and no failure at import.
    import boto3
    from botocore.config import Config

    patience = Config(
        connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"}
    )
    return boto3.client("ssm", region_name=settings().region, config=patience)


_declared: dict[str, tuple[str, ...]] = {}


def declare(batch: Sequence[str]) -> None:
    """Say that these names belong together: whichever is asked for, one call reads them all."""
    _declared.update(dict.fromkeys(batch, tuple(batch)))


@cache
def _known(prefix: str, batches: tuple[tuple[str, ...], ...], groups: frozenset[str]) -> Parameters:
    return Parameters(prefix, batches, groups)


def known(batches: tuple[tuple[str, ...], ...]) -> Parameters:
    """The stage's parameters, the same ones for the life of the process."""
    return _known(settings().param_prefix, batches, settings().parameter_groups)


# What a call of a signed-in buyer needs, read in one call, of ten names at most. What a payment
# provider needs is declared by its folder (payments/manifest.py).
PARAMETERS = tuple(
    "auth/keys admin/key cdn/key shop/url challenge/kind challenge/difficulty"
    " challenge/site_key challenge/secret challenge/verify_url challenge/script_url".split()
)


@dataclass(frozen=True)
class Secrets:
    """What SSM keeps under the stage's prefix. Never logged: repr shows names only."""

    values: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """The value, None where there is none. Raises Unavailable while nobody can know."""
        return self.values.get(name)

    def required(self, name: str) -> str:
        """The value, or Missing, which names the parameter to create. Raises Unavailable."""
        value = self.values.get(name)
        if not value:
            raise Missing(f"SSM parameter {settings().param_prefix}/{name} is missing")
        return value

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self.values))})"


def secrets() -> Secrets:
    """The stage's secrets, read when one is asked for, and kept for five minutes at most unless
    SSM fails."""
    return Secrets(known((PARAMETERS,)))


def forget() -> None:
    """Read everything anew when it is next asked for, with nothing remembered. For tests and
    tools that change parameters."""
    _known.cache_clear()


def disconnect() -> None:
    """Forget the client as well."""
    forget()
    _client.cache_clear()


def _pause(last: _Read) -> int:
    longest = LONGEST_PAUSE_SECONDS
    if last.values is None:
        longest = min(FIRST_PAUSE_SECONDS * 2**last.failures, longest)
    return random.randint(longest // 2, longest)


def _log_failure(error: Exception, *, remembered: bool) -> None:
    # Here, since telemetry reads the settings: what can't be read must not hang on the log.
    from chalicelib.kernel import telemetry

    message = "parameters can't be read, remembered ones go on" if remembered else "no parameters"
    telemetry.logger().error(message, exc_info=error)
    telemetry.metric({"ParametersUnread": 1})
