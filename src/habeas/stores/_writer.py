"""The one thread that writes to a SQLite store.

Theory of operation. Callers queue batches and wait. The thread takes all that wait (a *group*), up to a limit, and
writes them in one transaction, each within its own savepoint, so that many callers share one sync of the disk:

    BEGIN IMMEDIATE                 fails: another process writes; nothing written, all are told, the store lives on
      SAVEPOINT · apply · RELEASE   refused (conflict, stale, …): only this batch is undone; the others go on
                                    SQLite fails: everything is rolled back; nothing written, all are told
    COMMIT                          returns: durable, all are told
                                    fails: unknown outcome; all are told, and everybody from then on

Nobody is told anything before COMMIT returned: a refusal, too, may rest on a row of the same group. Before COMMIT is
called no mark of it can be in the log, so an earlier error is a known one. When COMMIT fails, the frames and the mark
may or may not be on the disk, and only opening the file anew and reading it tells.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TypeAlias

from habeas.stores._file import store_errors
from habeas.stores._refusals import conflict, missing_notice, stale
from habeas.stores._values import Batch
from habeas.stores.errors import (
    ClosedStoreError,
    ConflictError,
    MissingNoticeError,
    StaleError,
    StoreError,
    UnknownOutcomeError,
)
from habeas.wire import Instant

__all__ = ["Writer"]

_Waiting: TypeAlias = tuple[Batch, "Future[None]"]
_Columns: TypeAlias = tuple[bytes | str | int, ...]

_MAX_GROUP = 64  # batches, and
_MAX_GROUP_ROWS = 1_000  # beyond which no other joins: bounds how long the first waits for the last


class Writer:
    """Writes batches to the file of `connection`, which is its own from now on, in a thread of its own."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._gate = Lock()  # nothing is queued behind the None that ends the thread
        self._closed = False
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def write(self, batch: Batch) -> None:
        """Wait until `batch` is durable; raises as `Store.commit` does."""
        outcome: Future[None] = Future()
        with self._gate:
            if self._closed:
                raise ClosedStoreError(f"the store at {self._path} was closed")
            self._queue.put((batch, outcome))
        outcome.result()

    def check(self) -> None:
        """Raise `UnknownOutcomeError` if a batch before had an unknown outcome."""
        if self._failure is not None:
            raise self._unknown()

    def close(self) -> None:
        """Write what waits, end the thread and close the connection."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            for (_, outcome), refusal in zip(group, self._outcomes([batch for batch, _ in group]), strict=True):
                outcome.set_result(None) if refusal is None else outcome.set_exception(refusal)
        self._let_go()

    def _outcomes(self, batches: list[Batch]) -> list[StoreError | None]:
        """Return what each batch's caller is told: None for durable, else why not."""
        try:
            self.check()
            return self._write_group(batches)
        except StoreError as error:
            return [error] * len(batches)
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._failure = error
            self._let_go()  # of the lock, so that the store can be opened again beside this object
            return [self._unknown()] * len(batches)

    def _let_go(self) -> None:
        with suppress(sqlite3.Error):  # the log is not folded back into the file then; the next opening does it
            self._connection.close()

    def _unknown(self) -> UnknownOutcomeError:
        error = UnknownOutcomeError(
            f"a write to {self._path} may or may not have been stored ({self._failure}): open it again and read"
        )
        error.__cause__ = self._failure
        return error

    def _next_group(self) -> list[_Waiting]:
        """Return the batches that wait, at least one; none at all when it is time to end."""
        first = self._queue.get()
        if first is None:
            return []
        group = [first]
        rows = _rows(first[0])
        while len(group) < _MAX_GROUP and rows < _MAX_GROUP_ROWS:
            try:
                more = self._queue.get_nowait()
            except Empty:
                break
            if more is None:
                self._queue.put(None)  # the end comes after this group; nothing else can be behind it
                break
            group.append(more)
            rows += _rows(more[0])
        return group

    def _write_group(self, batches: list[Batch]) -> list[StoreError | None]:
        with store_errors(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            with store_errors(self._path):
                if len(batches) == 1:  # a savepoint would cost a large batch a third of its speed
                    _apply(self._connection, batches[0])
                    outcomes: list[StoreError | None] = [None]
                else:
                    outcomes = [self._write_one(batch) for batch in batches]
        except StoreError:
            if self._connection.in_transaction:  # SQLite ends it by itself after some errors
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return outcomes

    def _write_one(self, batch: Batch) -> StoreError | None:
        refusal = None
        self._connection.execute("SAVEPOINT batch")
        try:
            _apply(self._connection, batch)
        except (ConflictError, MissingNoticeError, StaleError) as error:
            self._connection.execute("ROLLBACK TO batch")
            refusal = error
        self._connection.execute("RELEASE batch")
        return refusal


def _rows(batch: Batch) -> int:
    return len(batch.events) + len(batch.decisions) + len(batch.notices) + len(batch.attempts)


def _apply(connection: sqlite3.Connection, batch: Batch) -> None:
    ((head,),) = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchall()
    if batch.head is not None and batch.head != head:
        raise stale(batch.head, head)
    if batch.replace_decisions:
        connection.execute("DELETE FROM decisions")
    events = _new(
        connection,
        "SELECT id, kind, at, body FROM events WHERE id = ?",
        (("event", (row.id,), (row.id, row.kind, int(row.at), row.body)) for row in batch.events),
    )
    connection.executemany(
        "INSERT INTO events (seq, id, kind, at, body) VALUES (?, ?, ?, ?, ?)",
        ((seq, *row) for seq, row in enumerate(events, start=head + 1)),
    )
    decisions = _new(
        connection,
        "SELECT subject, at, body FROM decisions WHERE subject = ? AND at = ?",
        (("decision", (row.subject, int(row.at)), (row.subject, int(row.at), row.body)) for row in batch.decisions),
    )
    connection.executemany("INSERT INTO decisions (subject, at, body) VALUES (?, ?, ?)", decisions)
    notices = _new(
        connection,
        "SELECT id, subject, at, body FROM notices WHERE id = ?",
        (("notice", (row.id,), (row.id, row.subject, int(row.at), row.body)) for row in batch.notices),
    )
    connection.executemany("INSERT INTO notices (id, subject, at, body) VALUES (?, ?, ?, ?)", notices)
    for notice_id, at in batch.attempts:
        _attempt(connection, notice_id, at)


def _new(
    connection: sqlite3.Connection, find: str, rows: Iterable[tuple[str, _Columns, _Columns]]
) -> Collection[_Columns]:
    """Return those rows that are not there yet, each once; raises `ConflictError`."""
    new: dict[_Columns, _Columns] = {}
    for what, key, row in rows:
        there = new.get(key) or connection.execute(find, key).fetchone()
        if there is None:
            new[key] = row
        elif there != row:
            raise conflict(what, *key)
    return new.values()


def _attempt(connection: sqlite3.Connection, notice_id: bytes, at: Instant) -> None:
    found = connection.execute("SELECT attempted FROM notices WHERE id = ?", (notice_id,)).fetchone()
    if found is None:
        raise missing_notice(notice_id)
    if found == (None,):  # the first attempt stays
        connection.execute("UPDATE notices SET attempted = ? WHERE id = ?", (int(at), notice_id))
