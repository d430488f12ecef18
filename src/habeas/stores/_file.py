"""The SQLite file: what is in it, how it is made in one step, and how a file that is not ours is left alone."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from habeas.stores.errors import (
    DamagedStoreError,
    ForeignFileError,
    MissingStoreError,
    NewerStoreError,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
)

__all__ = [
    "APPLICATION_ID",
    "FOR_READING",
    "FOR_WRITING",
    "VERSION",
    "check_tables",
    "connect",
    "ensure_file",
    "store_errors",
    "sync_found",
]

APPLICATION_ID = 0x48414245  # "HABE"
VERSION = 1

_TABLES = {"events", "decisions", "notices"}

# The triggers stop accidents and shortcuts, not somebody who may write the file: such a person can drop them. Those
# on INSERT also stop INSERT OR REPLACE, which deletes a row without firing its DELETE trigger, and keep the numbers
# free of gaps whoever writes. `decisions` has none: it is a view and can be computed again.
_SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE decisions (
    subject BLOB NOT NULL CHECK (length(subject) = 16),
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (subject, at)
) STRICT;
CREATE TABLE notices (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    subject BLOB NOT NULL CHECK (length(subject) = 16),
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    attempted INTEGER
) STRICT;
CREATE INDEX notices_by_subject ON notices (subject);
CREATE INDEX notices_pending ON notices (number) WHERE attempted IS NULL;
CREATE TRIGGER events_are_added_at_the_end BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events) OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'events are only added, once, at the end'); END;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER notices_are_added_once BEFORE INSERT ON notices
WHEN EXISTS (SELECT 1 FROM notices WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a notice is added once'); END;
CREATE TRIGGER notices_are_only_attempted BEFORE UPDATE ON notices
WHEN OLD.attempted IS NOT NULL OR NEW.attempted IS NULL OR NEW.number <> OLD.number OR NEW.id <> OLD.id
    OR NEW.subject <> OLD.subject OR NEW.at <> OLD.at OR NEW.body <> OLD.body
BEGIN SELECT RAISE(ABORT, 'of a notice only the first attempt is added'); END;
CREATE TRIGGER notices_are_not_deleted BEFORE DELETE ON notices
BEGIN SELECT RAISE(ABORT, 'notices are never deleted'); END;
"""
_MARKS = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"

_FOR_BOTH = "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
FOR_READING = f"{_FOR_BOTH} PRAGMA query_only = ON;"
# With 64 MiB of pages at hand and a log of 32 MiB before it is copied back, big batches of random ids are written
# at 1.5 times the speed of SQLite's defaults.
FOR_WRITING = f"""
{_FOR_BOTH}
PRAGMA synchronous = FULL;
PRAGMA cache_size = -65536;
PRAGMA wal_autocheckpoint = 8192;
PRAGMA journal_size_limit = 67108864;
"""


def connect(path: Path, *, busy_seconds: float, settings: str) -> sqlite3.Connection:
    """Return a connection to the existing file at `path`, with `settings` (`FOR_WRITING` or `FOR_READING`).

    It may pass between threads, one at a time. It never makes a file: what was deleted is not replaced by nothing.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,  # transactions are begun and ended by name
        check_same_thread=False,
    )
    try:
        connection.executescript(settings)
    except BaseException:
        connection.close()
        raise
    return connection


def ensure_file(path: Path, *, create: bool) -> None:
    """Make a new store at `path` if there is no file, else check by its first page that it is a store of ours.

    Raises `ForeignFileError`, `NewerStoreError`, `DamagedStoreError`, `MissingStoreError`, `StoreUnavailableError`.
    """
    try:
        if not path.exists():
            if not create:
                raise MissingStoreError(f"there is no store at {path}: check the path, or make a new store there")
            _make_file(path)
    except OSError as error:
        raise StoreUnavailableError(f"{path}: {error.strerror}; put that right and open the store again") from error
    # Through SQLite even so: had we opened the file ourselves, closing it would drop the locks that this process
    # may hold on it (POSIX), and another process could take the log from under a store that is in use. `immutable`
    # reads the main file alone: it takes no lock, replays no log and leaves nothing behind in a stranger's folder.
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            _check_marks(path, connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if _code(error) == sqlite3.SQLITE_NOTADB:
            raise ForeignFileError(
                f"{path} is no SQLite database; it was left as it is: give another path, or restore a damaged store"
            ) from error
        if _code(error) != sqlite3.SQLITE_CORRUPT:  # else: page 1 is ahead of a copy in progress
            raise _store_error(path, error) from error


def check_tables(path: Path, connection: sqlite3.Connection) -> None:
    """Check the same with the write-ahead log included, and that the tables are there."""
    _check_marks(path, connection)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()}
    if missing := sorted(_TABLES - found):
        raise DamagedStoreError(f"{path} lacks {', '.join(missing)}: keep the file and restore from a copy")


def sync_found(path: Path) -> None:
    """Make durable what was found on opening, before anybody acts on it.

    A process that was killed between writing the log and syncing it leaves a commit that the next one recovers and
    shows; without this, a power cut could still take it back. SQLite holds no locks on `-wal`: closing it is safe.
    """
    try:
        for found in (path.with_name(path.name + "-wal"), path.parent):  # the folder: for the file's own name
            with suppress(FileNotFoundError):
                handle = os.open(found, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
    except OSError as error:
        raise StoreUnavailableError(f"{path}: {error.strerror}; put that right and open the store again") from error


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into this room's; not for COMMIT, whose errors say nothing about the outcome."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _store_error(path, error) from error


def _make_file(path: Path) -> None:
    """Make the file beside its place and link it there, so that whoever finds it finds all of it, or none."""
    for rest in (path.with_name(path.name + end) for end in ("-wal", "-journal")):
        if rest.exists():  # SQLite would play it into the new file; and it may be all that is left of the old one
            raise DamagedStoreError(f"{rest} is there but {path} is not: bring it back, or move the rest away")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".new")  # mode 0600
    os.close(handle)
    try:
        with store_errors(path), closing(sqlite3.connect(name, isolation_level=None)) as connection:
            connection.executescript(f"PRAGMA synchronous = FULL; BEGIN; {_SCHEMA} {_MARKS} COMMIT;")
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        with suppress(FileExistsError):  # another process was quicker; its file is checked like any other
            path.hardlink_to(name)
    finally:
        Path(name).unlink()


def _check_marks(path: Path, connection: sqlite3.Connection) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != APPLICATION_ID:
        raise ForeignFileError(f"{path} is no store of ours; it was left as it is: give another path")
    if version > VERSION:
        raise NewerStoreError(
            f"{path} has version {version}, this release knows {VERSION}; it was left as it is: install a newer release"
        )
    if version != VERSION:
        raise DamagedStoreError(f"{path} says version {version}, which never was: restore from a copy")


def _code(error: sqlite3.Error | UnicodeDecodeError) -> int:
    """Return SQLite's primary code; what Python raises by itself is about text that is not UTF-8: damage."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)) & 0xFF


def _store_error(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
    code = _code(error)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusyError(f"another process is writing {path}; nothing was written: try again later")
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError(f"there is no room for {path} to grow; nothing was written: make room, then try again")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT}:
        return DamagedStoreError(f"{path} is damaged ({error}); nothing was written: keep it and restore from a copy")
    return StoreUnavailableError(f"{path}: {error}; nothing was written: put that right first")
