"""What SQLite alone can do wrong: the file, other processes, the disk, and somebody who writes into it."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.stores import (
    Batch,
    ClosedStoreError,
    ConflictError,
    DamagedStoreError,
    ForeignFileError,
    MissingNoticeError,
    MissingStoreError,
    NewerStoreError,
    SqliteStore,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from habeas.stores._file import FOR_READING, FOR_WRITING, _make_file
from habeas.wire import FOREVER
from stores.rows import check_history, check_store, contents, decision, event, notice, step


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a store?#.db"  # as a URI sees it, a name with traps


def fill(path: Path, steps: int = 3) -> None:
    with SqliteStore(path) as store:
        for number in range(1, steps + 1):
            store.commit(step(number))


def tamper(path: Path, *sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in sql:
            connection.execute(statement)


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


# The file


def test_what_was_written_is_there_when_opened_again(path: Path) -> None:
    fill(path)
    with SqliteStore(path, create=False) as store:
        assert check_history(store) == 3
        store.commit(step(4))
    with SqliteStore(str(path)) as store:
        assert check_history(store) == 4


def test_the_file_is_for_its_owner_and_alone_when_closed(path: Path) -> None:
    fill(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_writer_syncs_each_commit_and_a_reader_cannot_write(path: Path) -> None:
    with SqliteStore(path) as store:
        found = store._writer._connection.execute
        assert found("PRAGMA journal_mode").fetchone() == ("wal",)
        assert found("PRAGMA synchronous").fetchone() == (2,)
        assert found("PRAGMA foreign_keys").fetchone() == (1,)
        assert list(store.decisions()) == []
        (reader,) = store._idle
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM decisions")
    assert "query_only" in FOR_READING
    assert "synchronous = FULL" in FOR_WRITING


def test_no_store_is_made_where_none_was_wanted(path: Path) -> None:
    with pytest.raises(MissingStoreError, match="check the path"):
        SqliteStore(path, create=False)
    assert not path.exists()


def test_a_missing_folder_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="nowhere"):
        SqliteStore(tmp_path / "nowhere" / "store.db")
    with pytest.raises(StoreUnavailableError, match="put that right"):
        SqliteStore(tmp_path)


def make_sqlite(path: Path, *sql: str) -> None:
    tamper(path, "CREATE TABLE theirs (x)", "INSERT INTO theirs VALUES (1)", *sql)


def make_ours(path: Path, *sql: str) -> None:
    fill(path)
    tamper(path, *sql)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda path: path.write_bytes(b""), ForeignFileError),
        (lambda path: path.write_bytes(b"name,subject\n" * 1_000), ForeignFileError),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), ForeignFileError),
        (make_sqlite, ForeignFileError),
        (lambda path: make_sqlite(path, "PRAGMA application_id = 252006674"), ForeignFileError),
        (lambda path: make_ours(path, "PRAGMA user_version = 2"), NewerStoreError),
        (lambda path: make_ours(path, "PRAGMA user_version = 0"), DamagedStoreError),
    ],
    ids=["empty", "text", "short", "other", "fossil", "newer", "older"],
)
def test_a_file_that_is_not_ours_is_left_untouched(
    path: Path, make: Callable[[Path], object], error: type[StoreError]
) -> None:
    make(path)
    before = everything(path.parent)
    with pytest.raises(error, match=r"store\?#\.db"):
        SqliteStore(path)
    assert everything(path.parent) == before


def test_a_log_without_its_file_is_not_played_into_a_new_one(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(b"all that is left")
    before = everything(path.parent)
    with pytest.raises(DamagedStoreError, match="bring it back"):
        SqliteStore(path)
    assert everything(path.parent) == before


def test_opening_a_second_time_does_not_take_the_locks_of_the_first(path: Path) -> None:
    with SqliteStore(path) as store:
        store.commit(step(1))
        for _ in range(3):
            SqliteStore(path).close()
        # Were the lock of `store` gone, this other process would find itself alone, and remove the log on closing.
        other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM events'); c.close()"
        subprocess.run([sys.executable, "-c", other, path], check=True)
        assert path.with_name(path.name + "-wal").exists()
        store.commit(step(2))
    with SqliteStore(path) as store:
        assert check_history(store) == 2


def test_a_copy_back_that_was_cut_off_is_finished(path: Path) -> None:
    """Page 1 may reach the disk before the pages that it counts; the log still has them all."""
    log = path.with_name(path.name + "-wal")
    with SqliteStore(path) as store:
        for number in range(1, 41):
            store.commit(step(number))
        before, after_power_comes_back = path.read_bytes(), log.read_bytes()
    page_1 = path.read_bytes()[:4_096]
    assert len(before) < int.from_bytes(page_1[28:32]) * 4_096
    path.write_bytes(page_1 + before[4_096:])
    log.write_bytes(after_power_comes_back)
    with SqliteStore(path) as store:
        assert check_history(store) == 40


def test_what_a_killed_process_left_in_the_log_is_synced_before_it_is_shown(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = path.with_name(path.name + "-wal")
    with SqliteStore(path) as store:
        store.commit(step(1))
        left = path.read_bytes(), log.read_bytes()
    path.write_bytes(left[0])
    log.write_bytes(left[1])
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    with SqliteStore(path) as store:
        assert synced == [log.stat().st_ino, path.parent.stat().st_ino]
        assert check_history(store) == 1


def test_a_sync_that_fails_on_opening_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreUnavailableError, match="Input/output error"):
        SqliteStore(path)


def test_a_store_carried_through_a_fork_refuses(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SqliteStore(path) as store:
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            with pytest.raises(ClosedStoreError, match="fork"):
                store.commit(step(1))
            with pytest.raises(ClosedStoreError, match="fork"):
                store.events()
            store.close()
        store.commit(step(1))
        assert check_history(store) == 1


def test_an_iterator_still_open_when_the_store_is_closed(path: Path) -> None:
    store = SqliteStore(path)
    store.commit(Batch(decisions=tuple(decision(number) for number in range(2_500))))
    rows = store.decisions()
    next(rows)
    store.close()
    with pytest.raises(ClosedStoreError):
        list(rows)


def test_a_writer_that_was_closed_takes_nothing_more(path: Path) -> None:
    store = SqliteStore(path)
    store._writer.close()  # as by another thread, just after `commit` looked
    with pytest.raises(ClosedStoreError):
        store.commit(step(1))
    store.close()


# Other processes


def test_of_two_that_make_the_file_the_quicker_one_made_it(path: Path) -> None:
    fill(path)
    _make_file(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with SqliteStore(path) as store:
        assert check_history(store) == 3


def test_another_writer_makes_it_busy_and_nothing_is_written(path: Path) -> None:
    with SqliteStore(path, busy_seconds=0.05) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="try again"):
            store.commit(step(1))
        assert contents(store) == ([], [], [])  # reading goes on
        other.execute("ROLLBACK")
        store.commit(step(1))
        assert check_history(store) == 1


def test_another_writer_is_waited_for(path: Path) -> None:
    with SqliteStore(path, busy_seconds=20) as store:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
        end.start()
        store.commit(step(1))
        end.join()
        other.close()
        assert check_history(store) == 1


# The disk


def test_no_room_is_a_known_failure(path: Path) -> None:
    with SqliteStore(path) as store:
        store.commit(step(1))
        writer = store._writer._connection
        (pages,) = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {pages + 3}")
        large = replace(step(2), events=(*step(2).events, event(99, body=bytes(100_000))))
        with pytest.raises(StoreFullError, match="make room"):
            store.commit(large)
        assert check_history(store) == 1
        writer.execute("PRAGMA max_page_count = 1000000")
        store.commit(step(2))
        assert check_history(store) == 2


class BrokenCommit:
    """A connection whose next COMMIT fails, before or after it took place."""

    def __init__(self, connection: sqlite3.Connection, *, stored: bool, error: BaseException) -> None:
        self._connection = connection
        self._stored = stored
        self._error = error

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if sql == "COMMIT" and not self._stored:
            raise self._error
        cursor = self._connection.execute(sql, *values)  # type: ignore[arg-type]
        if sql == "COMMIT":
            raise self._error
        return cursor

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the connection's own
        return getattr(self._connection, name)


@pytest.mark.parametrize("stored", [False, True], ids=["failed and not stored", "failed but stored"])
@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), OSError(5, "I/O"), MemoryError()])
def test_after_a_failed_commit_the_store_refuses_until_opened_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, stored: bool, error: BaseException
) -> None:
    store = SqliteStore(path)
    store.commit(step(1))
    reading = store.events()
    broken = BrokenCommit(store._writer._connection, stored=stored, error=error)
    monkeypatch.setattr(store._writer, "_connection", broken)
    calls: list[Callable[[], object]] = [
        lambda: store.commit(step(2)),
        lambda: store.commit(step(3)),
        store.drop_decisions,
        store.event_count,
        store.notices,
        lambda: list(reading),
    ]
    for call in calls:
        with pytest.raises(UnknownOutcomeError, match="open it again and read") as caught:
            call()
        assert caught.value.__cause__ is error
    with SqliteStore(path) as again:  # even before the other is closed
        assert check_history(again) == (2 if stored else 1)
        if not stored:
            again.commit(step(2))
        again.commit(step(3))
        assert check_history(again) == 3
    store.close()


class Held:
    """A store whose writer waits for another process, so that what is committed meanwhile piles up behind event 0."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, *, pages: int = 1_000_000) -> None:
        self.store = SqliteStore(path, busy_seconds=30)
        self.store._writer._connection.execute(f"PRAGMA max_page_count = {pages}")
        self.groups: list[int] = []
        self.told: dict[int, object] = {}
        self._threads: list[threading.Thread] = []
        self._write_group = self.store._writer._write_group
        monkeypatch.setattr(self.store._writer, "_write_group", self._counted)
        self._other = sqlite3.connect(path, isolation_level=None)
        self._other.execute("BEGIN IMMEDIATE")
        self.commit(0, Batch(events=(event(0),)))
        wait_for(lambda: bool(self.groups))

    def _counted(self, batches: list[Batch]) -> list[StoreError | None]:
        self.groups.append(len(batches))
        return self._write_group(batches)

    def commit(self, number: int, batch: Batch) -> None:
        self._threads.append(threading.Thread(target=self._commit, args=(number, batch)))
        self._threads[-1].start()
        if number:
            wait_for(lambda: self.store._writer._queue.qsize() == number)

    def _commit(self, number: int, batch: Batch) -> None:
        try:
            self.store.commit(batch)
            self.told[number] = "stored"
        except StoreError as error:
            self.told[number] = type(error)

    def release(self) -> None:
        self._other.execute("ROLLBACK")
        self._other.close()
        for thread in self._threads:
            thread.join()


def test_those_who_wait_share_a_commit_and_are_told_their_own_outcome(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(path, monkeypatch)
    held.commit(1, Batch(events=(event(1),)))
    held.commit(2, Batch(events=(event(2), event(1, body=b"other"))))
    held.commit(3, Batch(events=(event(2),), attempts=((notice(2).id, FOREVER),)))  # refused after its event went in
    held.commit(4, Batch(events=(event(3),), head=2))
    held.release()
    assert held.groups == [1, 4]
    assert held.told == {0: "stored", 1: "stored", 2: ConflictError, 3: MissingNoticeError, 4: "stored"}
    assert [row for _, row in held.store.events()] == [event(0), event(1), event(3)]
    check_store(held.store)
    held.store.close()


def test_a_large_batch_is_not_joined_by_others(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(path, monkeypatch)
    held.commit(1, Batch(events=tuple(event(number) for number in range(100, 1_100))))
    held.commit(2, Batch(events=(event(2),)))
    held.release()
    assert held.groups == [1, 1, 1]
    held.store.close()


def test_an_error_before_commit_is_told_to_the_whole_group(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SqliteStore(path).close()
    held = Held(path, monkeypatch, pages=path.stat().st_size // 4_096 + 3)
    held.commit(1, Batch(events=(event(1),)))
    held.commit(2, Batch(events=(event(2, body=bytes(100_000)),)))
    held.release()
    assert held.told == {0: "stored", 1: StoreFullError, 2: StoreFullError}
    assert held.store.event_count() == 1
    held.store.commit(Batch(events=(event(1),)))
    held.store.close()


def test_closing_writes_what_waits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(path, monkeypatch)
    for number in range(1, 5):
        held.commit(number, Batch(events=(event(number),)))
    closer = threading.Thread(target=held.store.close)
    closer.start()
    wait_for(lambda: held.store._writer._queue.qsize() == 5)
    held.release()
    closer.join()
    assert set(held.told.values()) == {"stored"}
    with SqliteStore(path) as again:
        assert again.event_count() == 5


# Somebody who writes into it


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE events SET body = x'00' WHERE seq = 2", "never changed"),
        ("UPDATE events SET seq = 99 WHERE seq = 2", "never changed"),
        ("DELETE FROM events WHERE seq = 30", "never deleted"),
        ("DELETE FROM events", "never deleted"),
        ("INSERT INTO events SELECT 32, zeroblob(32), kind, at, body FROM events LIMIT 1", "only added"),
        ("INSERT INTO events SELECT 0, zeroblob(32), kind, at, body FROM events LIMIT 1", "only added"),
        ("INSERT OR REPLACE INTO events SELECT seq, id, kind, at, x'00' FROM events LIMIT 1", "only added"),
        ("INSERT OR REPLACE INTO events SELECT 31, id, kind, at, x'00' FROM events LIMIT 1", "only added"),
        ("INSERT INTO events SELECT 31, x'00', kind, at, body FROM events LIMIT 1", "CHECK"),
        ("INSERT INTO events SELECT 31, zeroblob(32), kind, 'noon', body FROM events LIMIT 1", "INTEGER"),
        ("UPDATE notices SET attempted = NULL", "first attempt"),
        ("UPDATE notices SET attempted = 1 WHERE number = 1", "first attempt"),
        ("UPDATE notices SET attempted = 1, body = x'00' WHERE number = 3", "first attempt"),
        ("DELETE FROM notices", "never deleted"),
        ("INSERT OR REPLACE INTO notices SELECT * FROM notices LIMIT 1", "added once"),
    ],
)
def test_the_file_itself_refuses_changes(path: Path, sql: str, words: str) -> None:
    fill(path)
    with pytest.raises(sqlite3.DatabaseError, match=words):
        tamper(path, "PRAGMA recursive_triggers = OFF", sql)
    with SqliteStore(path) as store:
        assert check_history(store) == 3


def test_a_view_changed_from_outside_is_shown_as_it_is(path: Path) -> None:
    """Finding that out is for those who can compute it again."""
    fill(path)
    tamper(path, "UPDATE decisions SET body = x'7265642021'")
    with SqliteStore(path) as store:
        assert {row.body for row in store.decisions()} == {b"red !"}
        with pytest.raises(ConflictError):
            store.commit(Batch(decisions=step(1).decisions))
        rebuilt = [row for number in (1, 2, 3) for row in step(number).decisions]
        store.commit(Batch(decisions=tuple(rebuilt), replace_decisions=True))
        assert check_history(store) == 3


def test_an_event_changed_by_one_who_drops_the_trigger_is_shown_as_it_is(path: Path) -> None:
    fill(path)
    tamper(path, "DROP TRIGGER events_are_not_changed", "UPDATE events SET body = x'00' WHERE seq = 2")
    with SqliteStore(path) as store:
        assert [row.body for _, row in store.events()][:3] == [b"a body", b"\0", b"a body"]


@pytest.mark.parametrize("gone", [1, 2, 29])
def test_a_gap_in_the_events_is_never_passed_over(path: Path, gone: int) -> None:
    fill(path)
    tamper(path, "DROP TRIGGER events_are_not_deleted", f"DELETE FROM events WHERE seq = {gone}")  # noqa: S608 - a number
    with SqliteStore(path) as store:
        events = store.events()
        assert [next(events)[0] for _ in range(1, gone)] == list(range(1, gone))
        with pytest.raises(DamagedStoreError, match=f"event {gone} is missing"):
            next(events)


def test_events_that_vanish_while_they_are_read_are_missed(path: Path) -> None:
    with SqliteStore(path) as store:
        store.commit(Batch(events=tuple(event(number) for number in range(1_500))))
        events = store.events()
        next(events)
        tamper(path, "DROP TRIGGER events_are_not_deleted", "DELETE FROM events WHERE seq > 1000")
        with pytest.raises(DamagedStoreError, match="event 1001 is missing"):
            list(events)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE decisions SET at = 9223372036854775807",
        "UPDATE decisions SET subject = x'00' WHERE at = 1655000001",
        "UPDATE decisions SET body = zeroblob(16777217)",
    ],
)
def test_a_row_that_cannot_be_one_is_damage(path: Path, sql: str) -> None:
    fill(path)
    tamper(path, "PRAGMA ignore_check_constraints = ON", sql)
    with SqliteStore(path) as store, pytest.raises(DamagedStoreError, match="not as written"):
        list(store.decisions())


@pytest.mark.parametrize("table", ["events", "decisions", "notices"])
def test_a_missing_table_is_damage(path: Path, table: str) -> None:
    fill(path)
    tamper(path, f"DROP TABLE {table}")
    with pytest.raises(DamagedStoreError, match=f"lacks {table}"):
        SqliteStore(path)


def test_a_file_cut_short_is_damage(path: Path) -> None:
    fill(path, 40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DamagedStoreError, match="restore from a copy"), SqliteStore(path) as store:
        contents(store)


@given(data=st.data())
def test_damage_gives_rows_or_an_error_of_this_room(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damage") / "store.db"
    fill(path, 4)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
    path.write_bytes(content)
    try:
        with SqliteStore(path) as store:
            for read in (store.events, store.decisions, store.notices):
                with suppress(StoreError):
                    list(read())
            store.latest_decision(decision(1).subject, FOREVER)
            store.event(event(1).id)
            store.commit(step(5))
            store.commit(Batch(notices=(notice(70),), attempts=((notice(70).id, FOREVER),)))
    except StoreError:
        pass
