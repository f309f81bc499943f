"""The first answer under an idempotency key is the answer for a day.

Source: Stripe, "Idempotent requests": the first status and body are kept once execution began,
whatever they were; the same key with other parameters is an error; a second call while the first
one runs is a conflict; a call that failed validation is not kept.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from localcloud.sandbox.store import Store

KEPT_SECONDS = 24 * 3600


class KeyInUse(Exception):
    """Another call with this key is being worked on right now."""


class KeyReused(Exception):
    """This key was used for a call with other parameters, or another endpoint."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, JSON body, the id of the request that first got it."""

    status: int
    body: dict[str, Any]
    request_id: str


def fingerprint(method: str, path: str, parameters: object) -> str:
    """A digest equal for equal calls, whatever the order of their parameters."""
    text = json.dumps([method, path, parameters], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Idempotency:
    """Stored answers (durable) and keys being worked on (they end with the process)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claim(self, key: str, call: str) -> Iterator[Answer | None]:
        """Hold `key` while the block runs; yields the answer given before, if there is one.

        Raises KeyInUse and KeyReused.  `call` is the call's fingerprint.
        """
        with self._lock:
            if key in self._running:
                raise KeyInUse(key)
            self._running.add(key)
        try:
            yield self._stored(key, call)
        finally:
            with self._lock:
                self._running.discard(key)

    def keep(self, key: str, call: str, answer: Answer) -> None:
        """Store the answer; call it in the transaction that holds the call's effects."""
        self._store.execute(
            "INSERT INTO answers (key, fingerprint, request_id, status, body, created)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            key,
            call,
            answer.request_id,
            answer.status,
            json.dumps(answer.body),
            time.time(),
        )

    def forget(self, older_than_seconds: float = KEPT_SECONDS) -> int:
        """Drop stored answers of that age; how many there were."""
        gone = self._store.execute(
            "DELETE FROM answers WHERE created <= ? RETURNING key", time.time() - older_than_seconds
        )
        return len(gone)

    def _stored(self, key: str, call: str) -> Answer | None:
        rows = self._store.execute("SELECT * FROM answers WHERE key = ?", key)
        if not rows or rows[0]["created"] <= time.time() - KEPT_SECONDS:
            self._store.execute("DELETE FROM answers WHERE key = ?", key)
            return None
        if rows[0]["fingerprint"] != call:
            raise KeyReused(key)
        row = rows[0]
        return Answer(row["status"], json.loads(row["body"]), row["request_id"])
