"""Whatever is done to a SQLite store, it answers as the one in memory does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from habeas.stores import Batch, MemoryStore, SqliteStore, Store, StoreError
from habeas.wire import Instant
from stores.rows import START, check_store, contents, decision, event, notice, subject

FEW = st.integers(0, 5)
BODIES = st.sampled_from([b"a"] * 5 + [b"b"])  # mostly the same, so that most batches pass and some conflict
BATCHES = st.builds(
    Batch,
    events=st.lists(st.builds(event, st.integers(0, 20), body=BODIES), max_size=4).map(tuple),
    decisions=st.lists(st.builds(decision, FEW, at=FEW, body=BODIES), max_size=3).map(tuple),
    notices=st.lists(st.builds(notice, st.integers(0, 9), body=BODIES), max_size=3).map(tuple),
    attempts=st.lists(st.tuples(st.integers(0, 9).map(lambda n: notice(n).id), FEW.map(Instant)), max_size=1).map(
        tuple
    ),
    head=st.none() | st.integers(0, 8),
    replace_decisions=st.sampled_from([False] * 5 + [True]),
)


def outcome(store: Store, batch: Batch) -> type[StoreError] | None:
    try:
        store.commit(batch)
    except StoreError as error:
        return type(error)
    return None


class SqliteAgainstMemory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "store.db")
        self.store = SqliteStore(self.path)
        self.model = MemoryStore()
        self.open: list[tuple[Iterator[object], Iterator[object]]] = []

    @rule(batch=BATCHES)
    def commit(self, batch: Batch) -> None:
        assert outcome(self.store, batch) is outcome(self.model, batch)

    @rule()
    def drop_decisions(self) -> None:
        self.store.drop_decisions()
        self.model.drop_decisions()

    @rule(after=st.integers(-1, 25))
    def begin_reading(self, after: int) -> None:
        self.open.append((self.store.events(after), self.model.events(after)))
        self.open.append((self.store.decisions(), self.model.decisions()))
        self.open.append((self.store.notices(pending=True), self.model.notices(pending=True)))

    @rule()
    def end_reading(self) -> None:
        for real, expected in self.open:
            assert list(real) == list(expected)
        self.open.clear()

    @rule(person=FEW, at=FEW)
    def look_up(self, person: int, at: int) -> None:
        asked = (subject(person), Instant(START + at))
        assert self.store.latest_decision(*asked) == self.model.latest_decision(*asked)

    @rule()
    def open_again(self) -> None:
        self.open.clear()
        self.store.close()
        self.store = SqliteStore(self.path, create=False)

    @invariant()
    def same(self) -> None:
        assert contents(self.store) == contents(self.model)
        check_store(self.store)
        check_store(self.model)

    def teardown(self) -> None:
        self.open.clear()
        self.store.close()
        self.folder.cleanup()


SqliteAgainstMemory.TestCase.settings = settings(stateful_step_count=25)
TestSqliteAgainstMemory = SqliteAgainstMemory.TestCase
