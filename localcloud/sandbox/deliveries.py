"""Webhooks: each event goes to the shop at least once, is retried, and may be made to misbehave.

A delivery is one copy of one event.  Copies of the same payment share a lane: they go out one after
another, in order.  Shuffled copies have no lane: they go out at once, in any order.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from localcloud.sandbox.network import post
from localcloud.sandbox.store import Store

# Stripe retries for hours; here a shop that was restarting gets its webhook within seconds of its
# return, and one that stays away is given up after about six hours.
RETRY_SECONDS: tuple[float, ...] = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 7200)
ANSWER_SECONDS = 20.0
AT_ONCE = 32

Signer = Callable[[bytes], dict[str, str]]
# Whether an answer (status, body) counts as the shop's "I have it".
Judge = Callable[[int, bytes], bool]


@dataclass(frozen=True)
class Manner:
    """How a call's webhooks are sent: `deliver` copies of each, after `delay_ms`.

    `shuffle` sends all copies at once in a random order; `lose` records them and sends none.
    """

    deliver: int = 1
    shuffle: bool = False
    lose: bool = False
    delay_ms: int = 0


@dataclass(frozen=True)
class Letter:
    """One webhook to send: its event's id and type, its body, and where it goes.

    No `url`: where webhooks usually go.
    """

    event: str
    type: str
    body: dict[str, Any]
    url: str | None = None


def letter(event: dict[str, Any] | Letter) -> Letter:
    """An event whose own `id` and `type` stand in its body, as a letter to the usual address."""
    if isinstance(event, Letter):
        return event
    return Letter(event["id"], event["type"], event)


def _any_success(status: int, body: bytes) -> bool:
    return 200 <= status < 300


class Deliveries:
    """The queue of copies (durable) and the threads that send them.

    `url` is where those go that name no address of their own; `usual` is how those are sent for
    which nobody says otherwise.
    """

    def __init__(
        self, store: Store, url: str | None, retry_seconds: Sequence[float] = RETRY_SECONDS
    ) -> None:
        self.url = url
        self.usual = Manner()
        self.at_once = AT_ONCE
        self._store = store
        self._retry_seconds = tuple(retry_seconds)
        self._signers: dict[str, Signer] = {}
        self._judges: dict[str, Judge] = {}
        self._changed = threading.Condition()
        self._under_way: dict[int, str | None] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)

    def sign_with(self, provider: str, signer: Signer) -> None:
        """Use `signer` for a provider's headers: it gets the body and runs at each attempt."""
        self._signers[provider] = signer

    def judge_with(self, provider: str, judge: Judge) -> None:
        """Let `judge` say which answers count as taken; without one any 2xx does."""
        self._judges[provider] = judge

    def at(self, path: str) -> str | None:
        """The address of a path where webhooks usually go; None when they go nowhere."""
        parts = urlsplit(self.url or "")
        return f"{parts.scheme}://{parts.netloc}{path}" if parts.netloc else None

    def start(self) -> None:
        """Begin to send, first of all what an earlier run left behind."""
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; what is unfinished stays in the store for the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout=5)

    def wake(self) -> None:
        """Look at the queue now."""
        with self._changed:
            self._changed.notify_all()

    def enqueue(
        self,
        provider: str,
        lane: str,
        events: Sequence[dict[str, Any] | Letter],
        manner: Manner,
    ) -> list[int]:
        """Queue `manner.deliver` copies of each event that has an address; their delivery ids.

        Part of the caller's transaction: an event and its copies are stored together.
        """
        sent = [one for one in map(letter, events) if one.url or self.url]
        if not sent:
            return []
        copies = [one for one in sent for _ in range(manner.deliver)]
        if manner.shuffle:
            random.shuffle(copies)
        now = time.time()
        with self._store.transaction():
            self._store.after_commit(self.wake)
            return [self._insert(provider, lane, one, manner, now) for one in copies]

    def _insert(self, provider: str, lane: str, sent: Letter, manner: Manner, now: float) -> int:
        return self._store.insert(
            "INSERT INTO deliveries (provider, event, type, lane, body, created, due, status, url)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            provider,
            sent.event,
            sent.type,
            None if manner.shuffle else lane,
            json.dumps(sent.body, indent=2, ensure_ascii=False),
            now,
            now + manner.delay_ms / 1000,
            "lost" if manner.lose else "pending",
            sent.url,
        )

    def pending(self, event: str | None = None) -> int:
        """How many copies are still to arrive, of one event or of all."""
        condition, values = (" AND event = ?", [event]) if event else ("", [])
        rows = self._store.execute(
            f"SELECT count(*) AS n FROM deliveries WHERE status = 'pending'{condition}", *values
        )
        return int(rows[0]["n"])

    def untried(self) -> int:
        """How many copies have not even been tried once."""
        rows = self._store.execute(
            "SELECT count(*) AS n FROM deliveries WHERE status = 'pending' AND attempts = 0"
        )
        return int(rows[0]["n"])

    def hurry(self) -> None:
        """Make every delayed or backed-off copy due now."""
        self._store.execute("UPDATE deliveries SET due = 0 WHERE status = 'pending'")
        self.wake()

    def quiet(self, timeout: float) -> bool:
        """Wait until no copy is pending; False when some still are after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self.pending() or self._under_way:
                left = deadline - time.monotonic()
                if left <= 0 or self._stopping:
                    return False
                self._changed.wait(min(left, 0.25))
        return True

    def listing(self, newest: int | None = None) -> list[dict[str, Any]]:
        """Every delivery, oldest first (or the newest few, newest first), without its body."""
        order = "ORDER BY id" if newest is None else f"ORDER BY id DESC LIMIT {int(newest)}"
        rows = self._store.execute(
            "SELECT id, provider, event, type, lane, created, due, status, attempts, answer,"
            f" finished, url, took_ms FROM deliveries {order}"
        )
        return [dict(row) for row in rows]

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                due = self._due()
                for row in due:
                    self._under_way[row["id"]] = row["lane"]
                if not due:
                    self._changed.wait(self._seconds_to_next())
            for row in due:
                threading.Thread(target=self._send, args=(row,), daemon=True).start()

    def _due(self) -> list[dict[str, Any]]:
        """What may be sent now: due, its lane free, and not too many at once."""
        free = self.at_once - len(self._under_way)
        if free <= 0:
            return []
        rows = self._store.execute(
            "SELECT * FROM deliveries WHERE status = 'pending' AND due <= ?"
            " AND (url IS NOT NULL OR ?) ORDER BY id LIMIT 500",
            time.time(),
            bool(self.url),
        )
        busy = {lane for lane in self._under_way.values() if lane}
        chosen: list[dict[str, Any]] = []
        for row in rows:
            if len(chosen) == free:
                break
            if row["id"] in self._under_way or row["lane"] in busy:
                continue
            if row["lane"]:
                busy.add(row["lane"])
            chosen.append(dict(row))
        return chosen

    def _seconds_to_next(self) -> float:
        rows = self._store.execute(
            "SELECT min(due) AS next FROM deliveries WHERE status = 'pending' AND due > ?",
            time.time(),
        )
        next_due = rows[0]["next"]
        return 30.0 if next_due is None else max(0.01, min(30.0, next_due - time.time()))

    def _send(self, row: dict[str, Any]) -> None:
        body = row["body"].encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"{row['provider']}-sandbox/1.0",
            "Accept": "*/*",
            **self._signers[row["provider"]](body),
        }
        begun = time.monotonic()
        try:
            status, answered = post(row["url"] or self.url or "", body, headers, ANSWER_SECONDS)
            arrived = self._judges.get(row["provider"], _any_success)(status, answered)
            unlike = not arrived and _any_success(status, answered)
            answer = f"{status}, not the word for it" if unlike else str(status)
        except requests.RequestException as error:
            arrived, answer = False, type(error).__name__
        self._record(row, arrived, answer, int((time.monotonic() - begun) * 1000))

    def _record(self, row: dict[str, Any], arrived: bool, answer: str, took_ms: int) -> None:
        attempts, now = row["attempts"] + 1, time.time()
        if arrived:
            status, due = "delivered", now
        elif attempts <= len(self._retry_seconds):
            status, due = "pending", now + self._retry_seconds[attempts - 1]
        else:
            status, due = "failed", now
        with self._changed:
            self._under_way.pop(row["id"], None)
            if not self._store.closed:
                self._store.execute(
                    "UPDATE deliveries SET status = ?, due = ?, attempts = ?, answer = ?,"
                    " finished = ?, took_ms = ? WHERE id = ?",
                    status, due, attempts, answer, now, took_ms, row["id"],
                )  # fmt: skip
            self._changed.notify_all()
