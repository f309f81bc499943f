"""Faults at the process's edge: every write to AWS and to the provider passes through here.

    with Shim() as shim:            # counts writes, lets them pass
        shop.checkout(cart)
    for point in shim.points():     # before and after each of them
        with Shim(crash=point), pytest.raises(Crash):
            shop.checkout(cart)

`Crash` is no Exception: like a killed process, nothing catches it on its way out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import stripe
from botocore.client import BaseClient

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "SendMessage"}


class Crash(BaseException):
    """The process ends here."""


@dataclass(frozen=True)
class Point:
    """Where to crash: before or after the `number`th write, counted from 0."""

    number: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'}-write-{self.number}"


@dataclass
class Shim:
    """Counts the writes of a block and crashes at one of them."""

    crash: Point | None = None
    writes: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def points(self) -> Iterator[Point]:
        """Before and after every write that was seen."""
        for number in range(len(self.writes)):
            yield Point(number, after=False)
            yield Point(number, after=True)

    def __enter__(self) -> Self:
        self._aws = BaseClient._make_api_call
        self._stripe = stripe.RequestsClient.request
        shim = self

        def aws(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            shim.calls.append(operation)
            call = lambda: shim._aws(client, operation, request)  # noqa: E731
            return shim._pass(operation, call) if operation in WRITES else call()

        def provider(client: Any, method: str, url: str, *rest: Any, **named: Any) -> Any:
            shim.calls.append(f"stripe {method}")
            call = lambda: shim._stripe(client, method, url, *rest, **named)  # noqa: E731
            return shim._pass(f"stripe {method}", call) if method == "post" else call()

        BaseClient._make_api_call = aws
        stripe.RequestsClient.request = provider
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        BaseClient._make_api_call = self._aws
        stripe.RequestsClient.request = self._stripe

    def _pass(self, name: str, call: Callable[[], Any]) -> Any:
        number = len(self.writes)
        self.writes.append(name)
        if self.crash == Point(number, after=False):
            raise Crash(f"before {name}")
        answer = call()
        if self.crash == Point(number, after=True):
            raise Crash(f"after {name}")
        return answer
