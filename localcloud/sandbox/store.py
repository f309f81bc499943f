"""Everything the sandbox knows, in one SQLite file, so that a restart goes on where it stopped.

Three tables: `documents` (a provider's objects by kind and id, as JSON), `deliveries` (webhook
copies and what became of them) and `answers` (the first answer given under an idempotency key).

Writes go through `transaction()`: one at a time, all or nothing.  That one lock is what makes two
clicks on "Pay" charge once.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS documents_by_status
    ON documents (kind, json_extract(body, '$.status'));
CREATE INDEX IF NOT EXISTS documents_by_payment_intent
    ON documents (kind, json_extract(body, '$.payment_intent'));
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL, event TEXT NOT NULL, type TEXT NOT NULL, lane TEXT,
    body TEXT NOT NULL, created REAL NOT NULL, due REAL NOT NULL,
    status TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, answer TEXT, finished REAL,
    url TEXT,
    took_ms INTEGER);
CREATE INDEX IF NOT EXISTS deliveries_by_status ON deliveries (status, due);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created REAL NOT NULL);
"""


class Store:
    """Documents by kind and id, in the order in which they were first written."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        """Open (or create) the state file; its folder is created too."""
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self.closed = False
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._grow()

    def _grow(self) -> None:
        """Give a state file of an earlier version the columns that it lacks."""
        columns = {row["name"] for row in self.execute("PRAGMA table_info(deliveries)")}
        for name, kind in (("url", "TEXT"), ("took_ms", "INTEGER")):
            if name not in columns:
                self.execute(f"ALTER TABLE deliveries ADD COLUMN {name} {kind}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; nested calls join the outer one."""
        with self._lock:
            if self._depth:
                yield
                return
            self._depth = 1
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._after_commit.clear()
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0
            callbacks, self._after_commit = self._after_commit, []
        for callback in callbacks:
            callback()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once the transaction in progress is durable (never if it is undone)."""
        self._after_commit.append(callback)

    def execute(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Run one statement; every row it returns."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def insert(self, sql: str, *values: Any) -> int:
        """Run one INSERT; the row id it was given."""
        with self._lock:
            return int(self._db.execute(sql, values).lastrowid or 0)

    def put(self, kind: str, document: Document) -> Document:
        """Write a document under its own `id`; a rewritten one keeps its place in the order."""
        self.execute(
            "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            kind,
            document["id"],
            json.dumps(document),
        )
        return document

    def get(self, kind: str, identifier: str) -> Document | None:
        """One document, or None."""
        rows = self.execute(
            "SELECT body FROM documents WHERE kind = ? AND id = ?", kind, identifier
        )
        return json.loads(rows[0]["body"]) if rows else None

    def find(self, kind: str, **equals: Any) -> list[Document]:
        """All documents of a kind whose fields equal these values, newest first."""
        sql = "SELECT body FROM documents WHERE kind = ?"
        for name in equals:
            sql += f" AND json_extract(body, '$.{name}') = ?"
        rows = self.execute(f"{sql} ORDER BY number DESC", kind, *equals.values())
        return [json.loads(row["body"]) for row in rows]

    def due(self, kind: str, status: str, field: str, moment: float) -> list[str]:
        """Ids of the documents in this status whose time in `field` has come."""
        rows = self.execute(
            "SELECT id FROM documents WHERE kind = ? AND json_extract(body, '$.status') = ?"
            f" AND json_extract(body, '$.{field}') <= ?",
            kind,
            status,
            moment,
        )
        return [row["id"] for row in rows]

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in ("documents", "deliveries", "answers"):
                self.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Close the file; a delivery that is still under way finds `closed` and keeps quiet."""
        with self._lock:
            self.closed = True
            self._db.close()
