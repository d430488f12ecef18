"""The contract of `Store`, against every implementation; the faulty one without faults must keep it as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from habeas.stores import (
    Batch,
    ClosedStoreError,
    ConflictError,
    DecisionRow,
    Event,
    MemoryStore,
    MissingNoticeError,
    NoticeRow,
    SqliteStore,
    StaleError,
    Store,
    StoreError,
)
from habeas.wire import BEGINNING, FOREVER, Instant
from stores.faulty import FaultyStore
from stores.rows import START, check_history, check_store, contents, decision, event, notice, step, subject

MAKERS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": lambda folder: SqliteStore(folder / "store.db"),
    "faulty": lambda _: FaultyStore(MemoryStore(), {}),
}


@pytest.fixture(params=MAKERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MAKERS[request.param](tmp_path) as store:
        yield store


class TestContract:
    def test_a_new_store_is_empty(self, store: Store) -> None:
        assert contents(store) == ([], [], [])
        assert store.event_count() == 0
        assert store.event(event(1).id) is None
        assert store.latest_decision(subject(1), FOREVER) is None

    def test_events_are_numbered_in_order_without_gaps(self, store: Store) -> None:
        store.commit(Batch(events=(event(3), event(1))))
        store.commit(Batch(events=(event(2),)))
        assert list(store.events()) == [(1, event(3)), (2, event(1)), (3, event(2))]
        assert list(store.events(after=1)) == [(2, event(1)), (3, event(2))]
        assert list(store.events(after=-5)) == list(store.events())
        assert list(store.events(after=3)) == list(store.events(after=1 << 80)) == []

    def test_an_event_written_again_changes_nothing(self, store: Store) -> None:
        store.commit(Batch(events=(event(1), event(2), event(1))))
        store.commit(Batch(events=(event(2), event(3), event(1))))
        assert [row for _, row in store.events()] == [event(1), event(2), event(3)]

    @pytest.mark.parametrize(
        "other", [event(1, at=1, kind="ruling"), event(1, at=2), event(1, at=1, body=b"")], ids=["kind", "at", "body"]
    )
    def test_an_event_with_other_content_is_refused_with_its_whole_batch(self, store: Store, other: Event) -> None:
        store.commit(step(1))
        before = contents(store)
        with pytest.raises(ConflictError, match=other.id.hex()):
            store.commit(replace(step(2), events=(*step(2).events, other)))
        assert contents(store) == before
        with pytest.raises(ConflictError):
            store.commit(Batch(events=(event(50), event(50, body=b"other"))))
        assert contents(store) == before
        store.commit(step(2))
        assert check_history(store) == 2

    def test_decisions_are_ordered_and_the_latest_stands(self, store: Store) -> None:
        rows = [decision(of, at=at, body=bytes([at])) for of in (1, 2, 3) for at in (10, 30, 20)]
        store.commit(Batch(decisions=tuple(rows)))
        assert list(store.decisions()) == sorted(rows, key=lambda row: (row.subject, row.at))
        assert [row.at - START for row in store.decisions(subject(2))] == [10, 20, 30]
        assert list(store.decisions(subject(9))) == []
        for asked, found in ((9, None), (10, 10), (19, 10), (20, 20), (29, 20), (30, 30), (99, 30)):
            row = store.latest_decision(subject(2), Instant(START + asked))
            assert (row and row.at - START) == found
        assert store.latest_decision(subject(9), FOREVER) is None

    def test_a_decision_written_again_changes_nothing_and_another_is_refused(self, store: Store) -> None:
        store.commit(Batch(decisions=(decision(1), decision(1))))
        store.commit(Batch(decisions=(decision(1),)))
        with pytest.raises(ConflictError, match=subject(1).hex()):
            store.commit(Batch(events=(event(1),), decisions=(decision(2), decision(1, body=b"red"))))
        assert contents(store) == ([], [decision(1)], [])

    def test_the_view_can_be_dropped_and_written_anew(self, store: Store) -> None:
        store.commit(step(1))
        store.drop_decisions()
        assert list(store.decisions()) == []
        assert store.event_count() == 10
        store.commit(Batch(decisions=(decision(1, body=b"red"),)))
        store.commit(Batch(decisions=(decision(1), decision(2)), replace_decisions=True))
        assert set(store.decisions()) == {decision(1), decision(2)}
        check_store(store)

    def test_a_view_is_not_dropped_when_its_batch_is_refused(self, store: Store) -> None:
        store.commit(step(1))
        before = contents(store)
        with pytest.raises(ConflictError):
            store.commit(Batch(events=(event(1, body=b"other"),), replace_decisions=True))
        assert contents(store) == before

    def test_notices_stay_in_the_order_written(self, store: Store) -> None:
        store.commit(Batch(notices=(notice(2, of=1, at=9), notice(1, of=2), notice(2, of=1, at=9))))
        store.commit(Batch(notices=(notice(3, of=1, at=5), notice(1, of=2))))
        assert list(store.notices()) == [notice(2, of=1, at=9), notice(1, of=2), notice(3, of=1, at=5)]
        assert list(store.notices(subject(1))) == [notice(2, of=1, at=9), notice(3, of=1, at=5)]
        check_store(store)

    @pytest.mark.parametrize(
        "other", [notice(1, of=7), notice(1, at=1), notice(1, body=b"")], ids=["subject", "at", "body"]
    )
    def test_a_notice_with_other_content_is_refused(self, store: Store, other: NoticeRow) -> None:
        store.commit(Batch(notices=(notice(1),), attempts=((notice(1).id, FOREVER),)))
        with pytest.raises(ConflictError, match=other.id.hex()):
            store.commit(Batch(events=(event(1),), notices=(other,)))
        assert contents(store) == ([], [], [replace(notice(1), attempted=FOREVER)])

    def test_the_first_attempt_stays(self, store: Store) -> None:
        store.commit(Batch(notices=(notice(1), notice(2), notice(3))))
        first, second = Instant(START + 5), Instant(START)
        store.commit(Batch(attempts=((notice(2).id, first), (notice(2).id, second))))
        store.commit(Batch(attempts=((notice(2).id, second),), notices=(notice(2), notice(4))))
        assert list(store.notices(pending=True)) == [notice(1), notice(3), notice(4)]
        assert list(store.notices())[1] == replace(notice(2), attempted=first)
        check_store(store)

    def test_an_attempt_at_an_unwritten_notice_is_refused(self, store: Store) -> None:
        with pytest.raises(MissingNoticeError, match=notice(1).id.hex()):
            store.commit(Batch(events=(event(1),), attempts=((notice(1).id, FOREVER),)))
        assert contents(store) == ([], [], [])
        store.commit(Batch(notices=(notice(1),), attempts=((notice(1).id, FOREVER),)))
        assert list(store.notices(pending=True)) == []

    def test_a_batch_worked_out_from_another_state_is_refused(self, store: Store) -> None:
        store.commit(step(1))
        before = contents(store)
        for head in (0, 9, 11):
            with pytest.raises(StaleError, match=f"{head} events and there are 10"):
                store.commit(replace(step(2), head=head))
        assert contents(store) == before
        store.commit(step(2))
        assert check_history(store) == 2

    def test_an_empty_batch_writes_nothing(self, store: Store) -> None:
        store.commit(Batch())
        assert contents(store) == ([], [], [])

    def test_each_read_shows_the_state_of_its_call(self, store: Store) -> None:
        many = 2_500  # more than any page
        store.commit(
            Batch(
                events=tuple(event(number) for number in range(many)),
                decisions=tuple(decision(number) for number in range(many)),
                notices=tuple(notice(number) for number in range(many)),
            )
        )
        expected = contents(store)
        reads: tuple[Iterator[object], ...] = (store.events(), store.decisions(), store.notices())
        begun = [[next(read)] for read in reads]
        store.commit(
            Batch(
                events=(event(many),),
                decisions=(decision(many),),
                notices=(notice(many),),
                attempts=((notice(many - 1).id, FOREVER),),
            )
        )
        store.drop_decisions()
        assert store.event(event(many).id) == event(many)  # open reads do not hold others back
        assert list(store.decisions()) == []
        for read, start, whole in zip(reads, begun, expected, strict=True):
            assert start + list(read) == whole
        check_store(store)

    def test_iterators_may_be_dropped_half_way(self, store: Store) -> None:
        store.commit(Batch(decisions=tuple(decision(number) for number in range(2_500))))
        for _ in range(50):
            assert next(store.decisions())
        assert len(list(store.decisions())) == 2_500

    def test_extremes_come_back_as_written(self, store: Store) -> None:
        event_row = replace(event(1), kind="a", at=BEGINNING, body=b"")
        decision_row = replace(decision(1), at=FOREVER, body=bytes(range(256)) * 4_096)
        notice_row = replace(notice(1), id=bytes(32), subject=bytes(16), at=BEGINNING)
        store.commit(
            Batch(
                events=(event_row,),
                decisions=(decision_row,),
                notices=(notice_row,),
                attempts=((notice_row.id, FOREVER),),
            )
        )
        assert contents(store) == ([(1, event_row)], [decision_row], [replace(notice_row, attempted=FOREVER)])
        assert store.latest_decision(decision_row.subject, FOREVER) == decision_row
        (found,) = store.notices()
        assert type(found.at) is type(found.attempted) is Instant

    def test_many_threads_write_and_each_reads_its_own_writes(self, store: Store) -> None:
        def write(worker: int) -> None:
            for number in range(worker * 100, worker * 100 + 25):
                store.commit(Batch(events=(event(number),), notices=(notice(number),)))
                assert store.event(event(number).id) == event(number)
                assert store.event_count() > 0
                with pytest.raises(ConflictError):  # the refusal of one batch does not touch the others of its group
                    store.commit(Batch(events=(event(number + 50), event(number, body=b"other"))))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        assert store.event_count() == 200
        check_store(store)

    def test_head_makes_one_line_of_many_writers(self, store: Store) -> None:
        def write(_: int) -> None:
            for _ in range(5):
                while True:
                    try:
                        store.commit(step(store.event_count() // 10 + 1))
                    except StaleError:
                        continue
                    break

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        assert check_history(store) == 20

    def test_a_closed_store_refuses_everything(self, store: Store) -> None:
        store.commit(step(1))
        store.close()
        store.close()
        calls: list[Callable[[], Any]] = [
            lambda: store.commit(Batch()),
            store.drop_decisions,
            store.events,
            lambda: store.event(event(1).id),
            store.event_count,
            store.decisions,
            lambda: store.decisions(subject(1)),
            lambda: store.latest_decision(subject(1), FOREVER),
            store.notices,
        ]
        for call in calls:
            with pytest.raises(ClosedStoreError):
                call()


def wrong(value: object) -> Any:  # noqa: ANN401 - what mypy would not let a caller pass
    return value


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: replace(event(1), id=b"short"), "an event's id is 32 bytes, not 5"),
        (lambda: replace(event(1), id=wrong("x" * 32)), "an event's id is 32 bytes, not str"),
        (lambda: replace(event(1), id=wrong(bytearray(32))), "an event's id is 32 bytes, not bytearray"),
        (lambda: event(1, kind=""), "'' is no kind"),
        (lambda: event(1, kind="Öffnung"), "is no kind"),
        (lambda: event(1, kind="a" * 65), "is no kind"),
        (lambda: event(1, kind="two words\n"), "is no kind"),
        (lambda: replace(event(1), kind=wrong(None)), "None is no kind"),
        (lambda: replace(event(1), at=wrong(START)), "is no Instant"),
        (lambda: replace(event(1), body=wrong("text")), "a body is bytes, not str"),
        (lambda: event(1, body=bytes((1 << 24) + 1)), "at most 16777216"),
        (lambda: replace(decision(1), subject=bytes(15)), "a subject is 16 bytes, not 15"),
        (lambda: replace(decision(1), at=wrong(None)), "is no Instant"),
        (lambda: replace(notice(1), id=bytes(31)), "a notice's id is 32 bytes"),
        (lambda: replace(notice(1), subject=bytes(32)), "a subject is 16 bytes"),
        (lambda: replace(notice(1), attempted=wrong(1)), "is no Instant"),
        (lambda: Batch(attempts=((b"", FOREVER),)), "a notice's id is 32 bytes"),
        (lambda: Batch(attempts=((bytes(32), wrong(START)),)), "is no Instant"),
        (lambda: Batch(notices=(replace(notice(1), attempted=FOREVER),)), "give that in Batch.attempts"),
    ],
)
def test_a_row_that_exists_is_valid(make: Callable[[], object], words: str) -> None:
    with pytest.raises(StoreError, match=words):
        make()


@pytest.mark.parametrize("row", [event(1, body=b"secret"), decision(1, body=b"secret"), notice(1, body=b"secret")])
def test_a_body_is_not_shown_where_rows_are_printed(row: Event | DecisionRow | NoticeRow) -> None:
    assert "secret" not in repr(row)
