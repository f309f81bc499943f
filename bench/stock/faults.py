"""Faults on the wire between the shop and DynamoDB, below the SDK's own repeats.

A hook on each HTTP attempt, as botocore sends it: what the SDK does after a lost reply or a
throttle is then what it does against AWS. Half of the lost replies are lost for good: the write
lands and all attempts of the call fail, so that the buyer has to ask again.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from bench.stock.crowd import SPAWN

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
_THROTTLED = "ProvisionedThroughputExceededException"


class Crash(BaseException):
    """The function ends here. No Exception: nothing catches it on its way out."""


@dataclass(frozen=True)
class Rates:
    """How often each fault hits a write."""

    lost: float = 0.0
    conflict: float = 0.0
    throttle: float = 0.0
    crash: float = 0.0

    def __str__(self) -> str:
        named = vars(self).items()
        return ", ".join(f"{rate:.1%} {name}" for name, rate in named if rate) or "none"


class Faults:
    """Throws the dice for each write of a client; counts what it did in `hits`."""

    def __init__(self, rates: Rates, seed: int) -> None:
        self.rates, self.hits = rates, Counter[str]()
        self._random, self._lock = random.Random(seed), threading.Lock()

    def install(self, client: Any) -> None:
        self._client = client
        client.meta.events.register("before-send.dynamodb", self._attempt)
        client.meta.events.register("after-call.dynamodb", self._answered)

    def _attempt(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        if operation not in WRITES:
            return None
        if self._hit("conflict", self.rates.conflict):
            return _conflict(operation, request)
        if self._hit("throttle", self.rates.throttle):
            return refusal(request, _THROTTLED)
        if self._hit("reply lost", self.rates.lost / 2):
            self._client._endpoint._send(request)
            raise ReadTimeoutError(endpoint_url=request.url)
        return None

    def _answered(self, http_response: Any, event_name: str, **_: Any) -> None:
        if event_name.rpartition(".")[2] not in WRITES or http_response.status_code != 200:
            return
        if self._hit("reply lost for good", self.rates.lost / 2):
            raise ReadTimeoutError(endpoint_url="dynamodb")
        if self._hit("crash", self.rates.crash):
            raise Crash

    def _hit(self, name: str, rate: float) -> bool:
        with self._lock:
            hit = rate > 0 and self._random.random() < rate
            self.hits[name] += hit
        return hit


class Buckets:
    """A token bucket of write units per stock item, shared by all processes.

    AWS gives one item 1,000 units a second. An attempt costs one unit, in a transaction two,
    whether its condition holds or not; a throttled attempt costs nothing.
    """

    def __init__(self, rate: float, places: list[str]) -> None:
        self.rate, self.places = rate, {place: index for index, place in enumerate(places)}
        # For each place: units left, and when that was. They start empty: nothing saved up.
        self._shared = SPAWN.Array("d", [0.0, time.monotonic()] * len(places))
        self._last_taken = SPAWN.Value("d", 0.0)

    def install(self, client: Any) -> None:
        self._sent = threading.local()
        client.meta.events.register("before-send.dynamodb", self._attempt)
        client.meta.events.register("after-call.dynamodb", self._answered)

    def last_taken(self) -> float:
        """When the last write on a stock item that succeeded was sent (monotonic clock)."""
        return float(self._last_taken.value)

    def _attempt(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        cost = 2 if operation == "TransactWriteItems" else 1
        touched = _stock_places(operation, json.loads(request.body))
        self._sent.at = time.monotonic() if touched else 0.0
        if not touched or self._pay([self.places[place] for place in touched], cost):
            return None
        return refusal(request, _THROTTLED)

    def _answered(self, http_response: Any, **_: Any) -> None:
        if http_response.status_code == 200:
            with self._last_taken.get_lock():
                self._last_taken.value = max(self._last_taken.value, self._sent.at)

    def _pay(self, indexes: list[int], cost: int) -> bool:
        now, kept = time.monotonic(), self._shared
        with kept.get_lock():
            for index in indexes:
                left, since = kept[2 * index], kept[2 * index + 1]
                kept[2 * index] = min(self.rate, left + (now - since) * self.rate)
                kept[2 * index + 1] = now
            if any(kept[2 * index] < cost for index in indexes):
                return False
            for index in indexes:
                kept[2 * index] -= cost
        return True


def _stock_places(operation: str, body: dict[str, Any]) -> list[str]:
    """The stock items that a write touches, each by its place."""
    if operation == "UpdateItem":
        writes = [body]
    elif operation == "TransactWriteItems":
        writes = [inner for item in body["TransactItems"] for inner in item.values()]
    else:
        return []
    return [write["Key"]["place"]["S"] for write in writes if write["TableName"].endswith("-stock")]


def _conflict(operation: str, request: Any) -> AWSResponse:
    if operation != "TransactWriteItems":
        return refusal(request, "TransactionConflictException")
    count = len(json.loads(request.body)["TransactItems"])
    reasons = [{"Code": "TransactionConflict"}, *[{"Code": "None"}] * (count - 1)]
    return refusal(request, "TransactionCanceledException", CancellationReasons=reasons)


def refusal(request: Any, code: str, **more: Any) -> AWSResponse:
    """What DynamoDB answers when it refuses."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}
    answer = AWSResponse(request.url, 400, {"x-amzn-requestid": "refused"}, None)
    answer._content = json.dumps(body).encode()
    return answer
