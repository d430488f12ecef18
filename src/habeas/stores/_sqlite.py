"""A store in one SQLite file: one thread writes, callers read in their own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from habeas.stores._file import FOR_READING, FOR_WRITING, check_tables, connect, ensure_file, store_errors, sync_found
from habeas.stores._values import Batch, DecisionRow, Event, NoticeRow
from habeas.stores._writer import Writer
from habeas.stores.errors import ClosedStoreError, DamagedStoreError, RowError
from habeas.wire import Instant, InstantError

__all__ = ["SqliteStore"]

Row = TypeVar("Row")

_PAGE = 1_000  # rows taken from SQLite at a time
_NOTICES = {  # by (of one subject, pending)
    (False, False): "SELECT id, subject, at, body, attempted FROM notices ORDER BY number",
    (True, False): "SELECT id, subject, at, body, attempted FROM notices WHERE subject = ? ORDER BY number",
    (False, True): "SELECT id, subject, at, body, attempted FROM notices WHERE attempted IS NULL ORDER BY number",
    (True, True): "SELECT id, subject, at, body, attempted FROM notices WHERE subject = ? AND attempted IS NULL "
    "ORDER BY number",
}


class SqliteStore:
    """The contract of `Store` in one file (and its `-wal` and `-shm`, which belong to it and move with it).

    Durable by write-ahead log and `synchronous = FULL`. Processes on one machine may share the file: a writer waits
    up to `busy_seconds` for another, then `StoreBusyError`; a batch that depends on what was read needs `Batch.head`.
    Not for network file systems, whose locks SQLite cannot rely on. After a fork the child opens its own.

    `create=False`: `MissingStoreError` where there is no file, instead of a new and empty store.
    Opening also raises `ForeignFileError`, `NewerStoreError`, `DamagedStoreError`, `StoreBusyError` and
    `StoreUnavailableError`. Every read raises `DamagedStoreError` for what it cannot give back as it was written.
    """

    def __init__(self, path: Path | str, *, create: bool = True, busy_seconds: float = 5.0) -> None:
        self._path = Path(path)
        self._busy_seconds = busy_seconds
        self._process = os.getpid()
        self._closed = False
        self._idle: list[sqlite3.Connection] = []  # append and pop are atomic
        ensure_file(self._path, create=create)
        with store_errors(self._path):
            connection = connect(self._path, busy_seconds=busy_seconds, settings=FOR_WRITING)
            try:
                check_tables(self._path, connection)
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
                sync_found(self._path)
            except BaseException:
                connection.close()
                raise
        self._writer = Writer(self._path, connection)

    def commit(self, batch: Batch) -> None:
        """See `Store.commit`."""
        self._check()
        self._writer.write(batch)

    def drop_decisions(self) -> None:
        """See `Store.drop_decisions`."""
        self.commit(Batch(replace_decisions=True))

    def events(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """See `Store.events`. Holds no connection and no log: events up to a number never change."""
        return self._events(max(after, 0), self.event_count())

    def _events(self, last: int, head: int) -> Iterator[tuple[int, Event]]:
        while last < head:
            rows = self._rows(
                "SELECT seq, id, kind, at, body FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
                last,
                head,
                _PAGE,
            )
            if not rows:
                raise self._missing(last + 1)
            for seq, *columns in rows:
                if seq != last + 1:
                    raise self._missing(last + 1)
                last = seq
                yield seq, self._row(_event, columns)

    def _missing(self, seq: int) -> DamagedStoreError:
        return DamagedStoreError(f"event {seq} is missing from {self._path}: restore from a copy")

    def event(self, event_id: bytes) -> Event | None:
        """See `Store.event`."""
        rows = self._rows("SELECT id, kind, at, body FROM events WHERE id = ?", event_id)
        return self._row(_event, rows[0]) if rows else None

    def event_count(self) -> int:
        """See `Store.event_count`."""
        ((count,),) = self._rows("SELECT coalesce(max(seq), 0) FROM events")
        return int(count)

    def decisions(self, subject: bytes | None = None) -> Iterator[DecisionRow]:
        """See `Store.decisions`. While it is open, the write-ahead log cannot be reset and grows."""
        if subject is None:
            return self._stream(_decision, "SELECT subject, at, body FROM decisions ORDER BY subject, at")
        return self._stream(_decision, "SELECT subject, at, body FROM decisions WHERE subject = ? ORDER BY at", subject)

    def latest_decision(self, subject: bytes, at: Instant) -> DecisionRow | None:
        """See `Store.latest_decision`."""
        rows = self._rows(
            "SELECT subject, at, body FROM decisions WHERE subject = ? AND at <= ? ORDER BY at DESC LIMIT 1",
            subject,
            int(at),
        )
        return self._row(_decision, rows[0]) if rows else None

    def notices(self, subject: bytes | None = None, *, pending: bool = False) -> Iterator[NoticeRow]:
        """See `Store.notices`. While it is open, the write-ahead log cannot be reset and grows."""
        values = () if subject is None else (subject,)
        return self._stream(_notice, _NOTICES[subject is not None, pending], *values)

    def close(self) -> None:
        """See `Store.close`. Iterators still open fail at their next page, and let go of the file when dropped."""
        if self._closed or os.getpid() != self._process:
            return
        self._closed = True
        self._writer.close()
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _check(self) -> None:
        if self._closed:
            raise ClosedStoreError(f"the store at {self._path} was closed")
        if os.getpid() != self._process:
            raise ClosedStoreError(f"the store at {self._path} came through a fork: open it again in this process")
        self._writer.check()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that nobody else uses meanwhile: an open statement would hold others to its state."""
        self._check()
        with store_errors(self._path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = connect(self._path, busy_seconds=self._busy_seconds, settings=FOR_READING)
            try:
                yield connection
            finally:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def _rows(self, sql: str, *values: bytes | int) -> list[Any]:
        with self._reading() as connection:
            return connection.execute(sql, values).fetchall()

    def _stream(self, make: Callable[..., Row], sql: str, *values: bytes | int) -> Iterator[Row]:
        pages = self._pages(sql, *values)
        first = next(pages)  # now, not at the first row: the state shown is that of the call
        return (self._row(make, columns) for page in chain([first], pages) for columns in page)

    def _pages(self, sql: str, *values: bytes | int) -> Iterator[list[Any]]:
        with self._reading() as connection:
            cursor = connection.execute(sql, values)
            try:
                page = cursor.fetchmany(_PAGE)
                while len(page) == _PAGE:
                    yield page
                    self._check()
                    page = cursor.fetchmany(_PAGE)
            finally:
                cursor.close()
        yield page  # the last one, often the only one: nothing is held while it is shown

    def _row(self, make: Callable[..., Row], columns: list[Any]) -> Row:
        try:
            return make(*columns)
        except (RowError, InstantError, TypeError, ValueError) as error:
            raise DamagedStoreError(
                f"a row of {self._path} is not as written ({error}): restore from a copy"
            ) from error


def _event(event_id: bytes, kind: str, at: int, body: bytes) -> Event:
    return Event(id=event_id, kind=kind, at=Instant(at), body=body)


def _decision(subject: bytes, at: int, body: bytes) -> DecisionRow:
    return DecisionRow(subject=subject, at=Instant(at), body=body)


def _notice(notice_id: bytes, subject: bytes, at: int, body: bytes, attempted: int | None) -> NoticeRow:
    return NoticeRow(
        id=notice_id,
        subject=subject,
        at=Instant(at),
        body=body,
        attempted=None if attempted is None else Instant(attempted),
    )
