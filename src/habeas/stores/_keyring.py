"""The authority's copy of everybody's keys, in a file of its own: states go forward, and old ones are destroyed.

Apart from the ledger's file, because that one is for ever and copied to auditors; this one forgets, and is copied to nobody.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from habeas.passes import PersonKeys, Ratchet
from habeas.stores._file import store_errors
from habeas.stores.errors import ConflictError, ForeignFileError, MissingStoreError, StoreUnavailableError

__all__ = ["KeyRow", "Keyring"]

_APPLICATION_ID = 0x4841424B  # "HABK"
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS keys (
    subject BLOB NOT NULL CHECK (length(subject) = 16),
    since INTEGER NOT NULL,
    day INTEGER NOT NULL,
    labels BLOB NOT NULL CHECK (length(labels) = 32),
    openings BLOB NOT NULL CHECK (length(openings) = 32),
    hint TEXT NOT NULL,
    PRIMARY KEY (subject, since)
) STRICT;
CREATE INDEX IF NOT EXISTS keys_by_day ON keys (day);
PRAGMA application_id = {_APPLICATION_ID};
"""
_COLUMNS = "subject, since, day, labels, openings, hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A person's keys from an epoch on (enrolment, or a later rekey), and the hint that they chose at the counter."""

    subject: bytes
    since: int
    keys: PersonKeys
    hint: str


class Keyring:
    """Keys by person and epoch. One thread; a second process that writes is waited for. `None` keeps them in memory alone.

    **Durable.** When `add` or `roll` returns, it survives the loss of power.

    **Erasure.** `roll` overwrites the old states within the file. What a disk, a file system or a backup keeps beside that
    is for whoever runs them: put the file on a disk of its own, and make no backup older than the oldest state.
    """

    def __init__(self, path: Path | None, *, create: bool = True, busy_seconds: float = 5.0) -> None:
        """Open the file; raises `MissingStoreError`, `ForeignFileError`, `StoreUnavailableError`."""
        self._path = path or Path("the keys in memory")
        if path is not None and not create and not path.exists():
            raise MissingStoreError(f"there are no keys at {path}: without them no decision can be labelled")
        if path is not None and not path.exists():
            _make(path)
        with store_errors(self._path):
            self._connection = sqlite3.connect(
                path or ":memory:", timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                self._check_mark()
                self._connection.executescript("PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;" + _SCHEMA)
            except BaseException:
                self._connection.close()
                raise

    def _check_mark(self) -> None:
        (marked,) = self._connection.execute("PRAGMA application_id").fetchone()
        if marked not in (0, _APPLICATION_ID):
            raise ForeignFileError(f"{self._path} is no file of keys; it was left as it is: give another path")

    def add(self, *rows: KeyRow) -> None:
        """Keep people's keys, all or none; the same again changes nothing. Raises `ConflictError` for others of an epoch."""
        new = [row for row in rows if not self._has(row)]
        with store_errors(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(
                    f"INSERT INTO keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
                    [_values(row) for row in new],
                )
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _has(self, row: KeyRow) -> bool:
        found = self.at(row.subject, row.since)
        if found is None or found.since != row.since:
            return False
        if found != row:
            raise ConflictError(f"other keys are there for {row.subject.hex()} from epoch {row.since} on")
        return True

    def at(self, subject: bytes, epoch: int) -> KeyRow | None:
        """Return the keys of a person that label an epoch; None if they have none by then."""
        with store_errors(self._path):
            found = self._connection.execute(
                f"SELECT {_COLUMNS} FROM keys WHERE subject = ? AND since <= ? ORDER BY since DESC LIMIT 1",  # noqa: S608
                (subject, epoch),
            ).fetchone()
        return _row(*found) if found else None

    def rows(self) -> Iterator[KeyRow]:
        """Yield all keys, by person, oldest first."""
        with store_errors(self._path):
            found = self._connection.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY subject, since").fetchall()  # noqa: S608
        return (_row(*one) for one in found)

    def oldest(self) -> int | None:
        """Return the oldest day of which a state is kept, in days since 1970."""
        with store_errors(self._path):
            ((day,),) = self._connection.execute("SELECT min(day) FROM keys").fetchall()
        return day if day is None else int(day)

    def roll(self, day: int) -> int:
        """Replace every state of before a day by that day's, all or none, and return how many: the erasure by age."""
        with store_errors(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                found = self._connection.execute(f"SELECT {_COLUMNS} FROM keys WHERE day < ?", (day,)).fetchall()  # noqa: S608
                for subject, since, was, labels, openings, _ in found:
                    self._connection.execute(
                        "UPDATE keys SET day = ?, labels = ?, openings = ? WHERE subject = ? AND since = ?",
                        (
                            day,
                            Ratchet(day=was, state=labels).at(day).state,
                            Ratchet(day=was, state=openings).at(day).state,
                            subject,
                            since,
                        ),
                    )
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        return len(found)

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


def _make(path: Path) -> None:
    """Make the file, its owner's alone, and its name in the folder durable."""
    try:
        path.touch(mode=0o600)
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreUnavailableError(f"{path}: {error.strerror}") from None


def _values(row: KeyRow) -> tuple[bytes, int, int, bytes, bytes, str]:
    labels, openings = row.keys.labels, row.keys.openings
    if openings is None or openings.day != labels.day:
        raise ConflictError("the authority keeps both seeds of a person, of one day")
    return row.subject, row.since, labels.day, labels.state, openings.state, row.hint


def _row(subject: bytes, since: int, day: int, labels: bytes, openings: bytes, hint: str) -> KeyRow:
    keys = PersonKeys(labels=Ratchet(day=day, state=labels), openings=Ratchet(day=day, state=openings))
    return KeyRow(subject=subject, since=since, keys=keys, hint=hint)
